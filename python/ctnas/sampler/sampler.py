"""An Optuna sampler over any search space: random first, then comparator and policy."""

from __future__ import annotations

from dataclasses import replace
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np
from optuna.distributions import CategoricalDistribution
from optuna.samplers import BaseSampler, RandomSampler
from optuna.samplers._base import _process_constraints_after_trial

from ctnas.errors import ConfigurationError
from ctnas.labels import MINIMUM_LABELS
from ctnas.sampler.observations import Observations

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from optuna import Study, Trial
    from optuna.distributions import BaseDistribution
    from optuna.trial import FrozenTrial, TrialState

    from ctnas.architecture import ArchitectureBatch, Int16Array
    from ctnas.labels import LabelSet
    from ctnas.spaces import SearchSpace

_EXPLORATION = 0.1
"""Share of random architectures once there is a comparator."""
_FIT_STEPS = 150
_DRAWS = 100


class CTNASSampler(BaseSampler):
    """Samples architectures: random first, then what a search by comparator and policy finds.

    Every decision of the space is a categorical parameter; `suggest` takes them all. The first
    trials are uniform. After that a comparator is fitted to what was told, Algorithm 1 searches
    with it, and the best architectures that no trial has taken are proposed, until there are
    enough new labels to fit again. Other parameters that an objective suggests are sampled
    uniformly. Infeasible trials count as worse than all feasible ones; several objectives are
    weighed at random, anew with each fit (ParEGO), to spread over the Pareto front.

    Any number of threads and processes may share a study.

    Args:
        space: the search space.
        startup_trials: random labels before the first fit, at least 10.
        refit_interval: new labels between two fits.
        iterations: of the search after each fit.
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
        startup_trials: int = 30,
        refit_interval: int = 10,
        iterations: int = 100,
        constraints_func: Callable[[FrozenTrial], Sequence[float]] | None = None,
        seed: int | None = None,
    ) -> None:
        least = {
            "startup_trials": (startup_trials, MINIMUM_LABELS),
            "refit_interval": (refit_interval, 1),
            "iterations": (iterations, 1),
            "seed": (seed or 0, 0),
        }
        for name, (value, minimum) in least.items():
            if value < minimum:
                raise ConfigurationError(f"{name} must be at least {minimum}, not {value}")
        self._distributions = {d.name: CategoricalDistribution(d.choices) for d in space.decisions}
        if len(self._distributions) < len(space.decisions):
            raise ConfigurationError(f"space {space.name!r} has two decisions of the same name")
        self.space = space
        self._startup, self._interval, self._iterations = startup_trials, refit_interval, iterations
        self._constraints_func = constraints_func
        self._seed = int(np.random.SeedSequence().generate_state(1)[0]) if seed is None else seed
        self._independent = RandomSampler(seed=seed)
        self._lock = Lock()
        self._given: dict[str, set[bytes]] = {}
        self._fitted: tuple[str, int] = ("", 0)
        self._candidates: ArchitectureBatch | None = None

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
        if seen.architectures >= self._startup and generator.random() >= _EXPLORATION:
            row = self._best(study, seen, taken, generator)
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

    def _best(
        self, study: Study, seen: Observations, taken: set[bytes], generator: np.random.Generator
    ) -> Int16Array | None:
        """Return one of the most promising architectures, or None if all are taken."""
        count = seen.architectures
        name, fitted = self._fitted
        current = name == study.study_name and fitted <= count < fitted + self._interval
        if self._candidates is None or not current:
            labels = seen.labels(study, np.random.default_rng([self._seed, count, self._interval]))
            self._candidates = self._search(labels)
            self._fitted = (study.study_name, count)
        rows = self._candidates.decisions
        free = [row for row in rows if row.tobytes() not in taken][: self._interval]
        # Processes that ask at the same time should not all get the very best.
        return free[int(generator.integers(len(free)))] if free else None

    def _search(self, labels: LabelSet) -> ArchitectureBatch:
        """Return the candidates of a search by a comparator fitted to the labels, best first."""
        from ctnas.comparator.fitting import fit_comparator
        from ctnas.comparator.presets import comparator_preset
        from ctnas.search import search, search_preset

        preset = comparator_preset("default")
        if preset.distillation is not None:
            # One graph network in place of an ensemble and its pupil: there are many fits.
            preset = replace(
                preset,
                encoder=preset.distillation.convolution,
                fit=replace(preset.fit, steps=_FIT_STEPS),
                distillation=None,
            )
        result = search(
            self.space,
            labels,
            preset="paper",  # the comparator that explored orders the candidates
            seed=self._seed,
            config=replace(search_preset("default"), iterations=self._iterations),
            comparator=fit_comparator(self.space, labels, preset, self._seed),
        )
        return result.architectures

    def __getstate__(self) -> dict[str, Any]:
        return {key: value for key, value in vars(self).items() if key != "_lock"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        self._lock = Lock()
