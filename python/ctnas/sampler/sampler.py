"""An Optuna sampler over any search space: random first, then adaptive queries."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np
from optuna.distributions import CategoricalDistribution
from optuna.samplers import BaseSampler, RandomSampler
from optuna.samplers._base import _process_constraints_after_trial

from ctnas.checked import check_type, seed_of, small_seed, whole
from ctnas.errors import ConfigurationError
from ctnas.labels import MINIMUM_LABELS
from ctnas.sampler.observations import Observations
from ctnas.spaces.space import SearchSpace

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from optuna import Study, Trial
    from optuna.distributions import BaseDistribution
    from optuna.trial import FrozenTrial, TrialState

    from ctnas.architecture import ArchitectureBatch, Int16Array
    from ctnas.searching.surrogate import Surrogate

_DRAWS = 100
"""Random architectures that are tried for one that no trial has taken."""


class CTNASSampler(BaseSampler):
    """Samples architectures: random first, then what adaptive queries ask.

    Every decision of the space is a categorical parameter; `suggest` takes them all. The first
    trials are uniform. After that a Gaussian process learns from what the trials showed, and the
    candidates of which it expects most, or knows least, are proposed: the same choice that a run
    makes in its rounds (`ctnas.searching.surrogate`). Other parameters that an objective suggests
    are sampled uniformly. Infeasible trials count as worse than all feasible ones; several
    objectives are weighed at random, anew with each fit (ParEGO), to spread over the Pareto front.

    Any number of threads and processes may share a study.

    Args:
        space: the search space.
        startup_trials: random labels before the first fit, at least 10.
        refit_interval: new labels between two fits.
        constraints_func: returns the constraints of a finished trial; above 0 is a violation.
        seed: equal seeds and objectives give equal trials in one process; random if None.

    Raises:
        ConfigurationError: if a number is too small, or two decisions have the same name.

    Example:
        >>> sampler = CTNASSampler(get_space("nasbench201"), seed=0)
        >>> study = optuna.create_study(direction="maximize", sampler=sampler)
        >>> study.optimize(lambda trial: measure(sampler.suggest(trial)), n_trials=100)
    """

    def __init__(
        self,
        space: SearchSpace,
        *,
        startup_trials: int = 20,
        refit_interval: int = 5,
        constraints_func: Callable[[FrozenTrial], Sequence[float]] | None = None,
        seed: int | None = None,
    ) -> None:
        check_type("space", space, SearchSpace, 'such as ctnas.get_space("nasbench201")')
        startup_trials = whole("startup_trials", startup_trials, MINIMUM_LABELS)
        refit_interval = whole("refit_interval", refit_interval, 1)
        seed = None if seed is None else seed_of(seed)
        self._distributions = {d.name: CategoricalDistribution(d.choices) for d in space.decisions}
        if len(self._distributions) < len(space.decisions):
            raise ConfigurationError(f"space {space.name!r} has two decisions of the same name")
        self.space = space
        self._startup, self._interval = startup_trials, refit_interval
        self._constraints_func = constraints_func
        self._seed = int(np.random.SeedSequence().generate_state(1)[0]) if seed is None else seed
        self._independent = RandomSampler(seed=None if seed is None else small_seed(seed))
        self._lock = Lock()
        self._given: dict[str, set[bytes]] = {}
        self._fitted: tuple[str, int] = ("", 0)
        self._promising: ArchitectureBatch | None = None
        self._surrogate: Surrogate | None = None

    def suggest(self, trial: Trial) -> str:
        """Take every decision of a trial; return the architecture as text."""
        choices = [
            decision.choices.index(trial.suggest_categorical(decision.name, decision.choices))
            for decision in self.space.decisions
        ]
        return self.space.format(self.space.batch(np.array([choices], dtype=np.int16)))[0]

    def infer_relative_search_space(
        self, study: Study, trial: FrozenTrial
    ) -> dict[str, BaseDistribution]:
        """Return all decisions, for every trial."""
        del study, trial
        return dict(self._distributions)

    def sample_relative(
        self, study: Study, trial: FrozenTrial, search_space: dict[str, BaseDistribution]
    ) -> dict[str, Any]:
        """Return choices for the decisions in `search_space`, uniform values for all else."""
        proposed: dict[str, str] = {}
        if not search_space.keys().isdisjoint(self._distributions):
            with self._lock:
                row = self._propose(study, trial.number)
            proposed = {
                decision.name: decision.choices[choice]
                for decision, choice in zip(self.space.decisions, row.tolist(), strict=True)
            }
        return {
            name: proposed[name]
            if self._distributions.get(name) == distribution
            else self._independent.sample_independent(study, trial, name, distribution)
            for name, distribution in search_space.items()
        }

    def sample_independent(
        self,
        study: Study,
        trial: FrozenTrial,
        param_name: str,
        param_distribution: BaseDistribution,
    ) -> Any:
        """Return a uniform value for a parameter that is no decision."""
        return self._independent.sample_independent(study, trial, param_name, param_distribution)

    def after_trial(
        self,
        study: Study,
        trial: FrozenTrial,
        state: TrialState,
        values: Sequence[float] | None,
    ) -> None:
        """Keep the constraints of a finished trial where Optuna looks for them."""
        if self._constraints_func is not None:
            _process_constraints_after_trial(self._constraints_func, study, trial, state)
        self._independent.after_trial(study, trial, state, values)

    def reseed_rng(self) -> None:
        """Draw other values for parameters that are no decisions.

        What is drawn for decisions depends on seed and number of the trial alone.
        """
        self._independent.reseed_rng()

    def _propose(self, study: Study, number: int) -> Int16Array:
        """Return the decisions [T] of a trial."""
        generator = np.random.default_rng([self._seed, number])
        seen = Observations.of(study, self.space)
        taken = seen.taken | self._given.get(study.study_name, set())
        row = None
        if seen.architectures >= self._startup:
            row = self._asked(study, seen, taken)
        if row is None:
            row = self._random(taken, generator)
        self._given.setdefault(study.study_name, set()).add(row.tobytes())
        return row

    def _random(self, taken: set[bytes], generator: np.random.Generator) -> Int16Array:
        """Return an architecture that no trial has taken; any, if that is hard to find."""
        for _ in range(_DRAWS):
            row: Int16Array = self.space.sample(1, generator).decisions[0]
            if row.tobytes() not in taken:
                break
        return row

    def _asked(self, study: Study, seen: Observations, taken: set[bytes]) -> Int16Array | None:
        """Return what adaptive queries ask next, or None if nothing is left."""
        count = seen.architectures
        name, fitted = self._fitted
        current = name == study.study_name and fitted <= count < fitted + self._interval
        row = self._first_free(taken) if current else None
        if row is None:
            self._promising = self._choose(seen, study)
            self._fitted = (study.study_name, count)
            row = self._first_free(taken)
        return row

    def _first_free(self, taken: set[bytes]) -> Int16Array | None:
        """Return the first of the promising architectures that no trial has taken."""
        if self._promising is None:
            return None
        return next((row for row in self._promising.decisions if row.tobytes() not in taken), None)

    def _choose(self, seen: Observations, study: Study) -> ArchitectureBatch:
        """Return what is worth a label, the most promising first."""
        from ctnas.searching.candidates import CandidateSource, candidate_generator
        from ctnas.searching.surrogate import Surrogate

        if self._surrogate is None:
            self._surrogate = Surrogate(CandidateSource(self.space))
        weights = np.random.default_rng([self._seed, seen.architectures, self._interval])
        # Trials that run have no label yet: so many more are chosen.
        running = len(seen.taken) - seen.architectures
        return self._surrogate.promising(
            seen.labels(study, weights),
            candidate_generator(self._seed, seen.architectures),
            self._interval + running,
        )

    def __getstate__(self) -> dict[str, Any]:
        # What a surrogate knows can be read off the space again.
        return {**vars(self), "_lock": None, "_surrogate": None}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        self._lock = Lock()
