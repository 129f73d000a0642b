import pickle
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import optuna
import pytest
from optuna.trial import TrialState

from ctnas.errors import ConfigurationError
from ctnas.sampler import CTNASSampler
from ctnas.spaces import GraphSpace, SearchSpace

Make = Callable[..., CTNASSampler]


def convolutions(text: str) -> float:
    """Return an objective that a sampler can learn."""
    return text.count("3x3") + 0.5 * text.count("1x1") - text.count("none")


def values(study: optuna.Study) -> list[float]:
    return [trial.value for trial in study.trials]


def test_suggestion_is_the_architecture_of_the_parameters(make: Make, space: SearchSpace) -> None:
    study, sampler = optuna.create_study(), make()
    trial = study.ask()
    text = sampler.suggest(trial)
    row = space.parse([text]).decisions[0]
    chosen = {d.name: d.choices[c] for d, c in zip(space.decisions, row, strict=True)}
    assert trial.params == chosen


def test_search_beats_the_random_trials(make: Make) -> None:
    sampler = make()
    study = optuna.create_study(direction="maximize", sampler=sampler)
    study.optimize(lambda trial: convolutions(sampler.suggest(trial)), n_trials=50)
    found = values(study)
    assert np.mean(found[20:]) > np.mean(found[:20]) + 1
    assert max(found[20:]) > np.quantile(found[:20], 0.9)


def test_minimizing_is_maximizing_the_negative(make: Make) -> None:
    runs = []
    for direction, sign in (("maximize", 1), ("minimize", -1)):
        sampler = make()
        study = optuna.create_study(direction=direction, sampler=sampler)
        study.optimize(lambda trial: sign * convolutions(sampler.suggest(trial)), n_trials=25)  # noqa: B023
        runs.append([trial.params for trial in study.trials])
    assert runs[0] == runs[1]


def test_equal_seeds_give_equal_trials_and_no_architecture_twice(make: Make) -> None:
    def run(seed: int) -> list[dict[str, object]]:
        sampler = make(seed=seed)
        study = optuna.create_study(direction="maximize", sampler=sampler)
        study.optimize(lambda trial: convolutions(sampler.suggest(trial)), n_trials=32)
        return [trial.params for trial in study.trials]

    first = run(1)
    assert first == run(1)
    assert first[0] != run(2)[0]
    assert len({tuple(params.items()) for params in first}) == 32


def test_small_space_is_used_up_and_then_repeats(make: Make, chain: GraphSpace) -> None:
    sampler = make(chain, startup_trials=10, refit_interval=5)
    study = optuna.create_study(direction="maximize", sampler=sampler)
    study.optimize(lambda trial: sampler.suggest(trial).count("b"), n_trials=27)
    assert len({tuple(trial.params.items()) for trial in study.trials}) >= 20
    assert len(study.trials) == 27


def test_ask_and_tell_with_failed_and_pruned_trials(make: Make) -> None:
    sampler = make()
    study = optuna.create_study(direction="maximize", sampler=sampler)
    for number in range(40):
        trial = study.ask()
        text = sampler.suggest(trial)
        if number % 4 == 1:
            study.tell(trial, state=TrialState.FAIL)
        elif number % 4 == 2:
            trial.report(0.0, step=1)
            study.tell(trial, state=TrialState.PRUNED)
        else:
            study.tell(trial, convolutions(text))
    assert len({tuple(trial.params.items()) for trial in study.trials}) == 40


def test_infinite_values_do_no_harm(make: Make) -> None:
    sampler = make()
    study = optuna.create_study(direction="minimize", sampler=sampler)

    def objective(trial: optuna.Trial) -> float:
        text = sampler.suggest(trial)
        return np.inf if "none" in text else convolutions(text)

    study.optimize(objective, n_trials=24)
    assert len(study.trials) == 24


def test_enqueued_trial_comes_first(make: Make, space: SearchSpace) -> None:
    sampler = make()
    study = optuna.create_study(sampler=sampler)
    wanted = {decision.name: decision.choices[-1] for decision in space.decisions}
    study.enqueue_trial(wanted)
    study.enqueue_trial({space.decisions[0].name: space.decisions[0].choices[0]})
    study.optimize(lambda trial: convolutions(sampler.suggest(trial)), n_trials=2)
    assert study.trials[0].params == wanted
    assert study.trials[1].params[space.decisions[0].name] == space.decisions[0].choices[0]


def test_parameters_that_are_no_decisions_are_sampled_too(make: Make) -> None:
    sampler = make()
    study = optuna.create_study(sampler=sampler)

    def objective(trial: optuna.Trial) -> float:
        rate = trial.suggest_float("rate", 1e-4, 1e-1, log=True)
        return convolutions(sampler.suggest(trial)) + rate

    study.optimize(objective, n_trials=23)
    assert len({trial.params["rate"] for trial in study.trials}) == 23


def test_constraints_are_kept_and_feasible_architectures_preferred(make: Make) -> None:
    def constraints(trial: optuna.trial.FrozenTrial) -> tuple[float]:
        return (sum("3x3" in str(choice) for choice in trial.params.values()) - 1.5,)

    sampler = make(constraints_func=constraints)
    study = optuna.create_study(direction="maximize", sampler=sampler)
    study.optimize(lambda trial: convolutions(sampler.suggest(trial)), n_trials=45)
    feasible = [all(c <= 0 for c in trial.constraints.values()) for trial in study.trials]
    assert all(trial.constraints for trial in study.trials)
    assert np.mean(feasible[20:]) > np.mean(feasible[:20])
    assert study.best_trial.constraints


def test_two_objectives_spread_over_the_front(make: Make) -> None:
    sampler = make()
    study = optuna.create_study(directions=["maximize", "minimize"], sampler=sampler)

    def objective(trial: optuna.Trial) -> tuple[float, float]:
        text = sampler.suggest(trial)
        return convolutions(text), 9.0 * text.count("3x3") + text.count("1x1")

    study.optimize(objective, n_trials=50)
    front = {tuple(trial.values) for trial in study.best_trials}
    assert len(front) > 1
    assert any(trial.number >= 20 for trial in study.best_trials)


def test_threads_share_a_sampler(make: Make) -> None:
    sampler = make()
    study = optuna.create_study(direction="maximize", sampler=sampler)
    study.optimize(lambda trial: convolutions(sampler.suggest(trial)), n_trials=30, n_jobs=3)
    assert [trial.state for trial in study.trials] == [TrialState.COMPLETE] * 30
    assert len({tuple(trial.params.items()) for trial in study.trials}) == 30


WORKER = """
import sys
import optuna, torch
import ctnas

torch.set_num_threads(1)
optuna.logging.set_verbosity(optuna.logging.WARNING)
sampler = ctnas.CTNASSampler(ctnas.get_space("nasbench201"), startup_trials=12)
study = optuna.load_study(study_name="shared", storage=sys.argv[1], sampler=sampler)
study.optimize(lambda trial: sampler.suggest(trial).count("3x3"), n_trials=10)
"""


@pytest.mark.slow
def test_processes_share_a_study(tmp_path: Path) -> None:
    storage = f"sqlite:///{tmp_path / 'study.db'}"
    optuna.create_study(storage=storage, study_name="shared", direction="maximize")
    command = [sys.executable, "-c", WORKER, storage]
    processes = [subprocess.Popen(command) for _ in range(2)]
    assert [process.wait() for process in processes] == [0, 0]
    trials = optuna.load_study(study_name="shared", storage=storage).trials
    assert [trial.state for trial in trials] == [TrialState.COMPLETE] * 20
    # Who asks at the same moment may get the same.
    assert len({tuple(trial.params.items()) for trial in trials}) >= 16


def test_pickled_sampler_draws_what_the_original_draws(make: Make) -> None:
    original = make()
    drawn = []
    for sampler in (pickle.loads(pickle.dumps(original)), original):
        study = optuna.create_study(sampler=sampler)
        study.optimize(lambda trial, s=sampler: convolutions(s.suggest(trial)), n_trials=2)
        drawn.append([trial.params for trial in study.trials])
    assert drawn[0] == drawn[1]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"startup_trials": 9}, "startup_trials must be at least 10, not 9"),
        ({"refit_interval": 0}, "refit_interval must be at least 1, not 0"),
    ],
)
def test_number_that_is_too_small_is_named(
    make: Make, options: dict[str, int], message: str
) -> None:
    with pytest.raises(ConfigurationError, match=message):
        make(**options)
