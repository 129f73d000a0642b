"""Studies as spaces and labels."""

import optuna
import pytest
from optuna.distributions import FloatDistribution, IntDistribution

from ctnas.errors import LabelError, SpaceError
from ctnas.sampler import labels_from_trials, space_from_distributions


def objective(trial):
    depth = trial.suggest_int("depth", 1, 2)
    width = trial.suggest_int("width", 16, 64, step=16)
    rate = trial.suggest_float("rate", 0.1, 0.5, step=0.2)
    kind = trial.suggest_categorical("kind", ["a", "b"])
    flag = trial.suggest_categorical("flag", [True, None])
    second = trial.suggest_int("second", 8, 16, step=8) if depth == 2 else 0
    return width * rate + depth + (kind == "b") + bool(flag) + second


@pytest.fixture
def study():
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    study.optimize(objective, n_trials=60)
    return study


@pytest.fixture
def distributions(study):
    found = {}
    for trial in study.trials:
        found |= trial.distributions
    return found


def test_a_study_becomes_a_space_and_its_trials_labels(study, distributions):
    space = space_from_distributions(distributions, "mine", active={"second": {"depth": 2}})
    choices = {decision.name: decision.choices for decision in space.decisions}
    assert choices == {
        "depth": (1, 2),
        "width": (16, 32, 48, 64),
        "rate": (0.1, 0.3, 0.5),
        "kind": ("a", "b"),
        "flag": ("True", "None"),
        "second": (8, 16),
    }
    labels = labels_from_trials(space, study.trials, "score")
    assert (labels.metric, labels.minimize) == ("score", False)
    expected = {}
    for trial in study.trials:
        made = {n: trial.params[n] for n in choices if n in trial.params}
        made["rate"] = round(made["rate"], 6)
        text = ",".join(f"{name}={value}" for name, value in made.items())
        expected.setdefault(space.format(space.parse([text]))[0], trial.value)
    found = dict(zip(space.format(labels.architectures), labels.values.tolist(), strict=True))
    assert found == pytest.approx(expected)
    assert labels_from_trials(space, study.trials, minimize=True).minimize


def test_a_trial_that_lacks_a_parameter_is_named(study, distributions):
    space = space_from_distributions(distributions)
    with pytest.raises(LabelError, match=r"trial \d+ has no parameter 'second': say by `active`"):
        labels_from_trials(space, study.trials)


def test_parameters_that_cannot_be_listed_are_named():
    with pytest.raises(SpaceError, match="'rate' is continuous: give it a step"):
        space_from_distributions({"rate": FloatDistribution(0.0, 1.0)})
    with pytest.raises(SpaceError, match="'seed' has 9,001 values, more than 1,000"):
        space_from_distributions({"seed": IntDistribution(1000, 10_000)})


def test_a_value_of_another_study_is_named(study, distributions):
    distributions["width"] = IntDistribution(16, 32, step=16)
    space = space_from_distributions(distributions, active={"second": {"depth": 2}})
    with pytest.raises(LabelError, match=r"trial \d+: decision 'width' has no choice"):
        labels_from_trials(space, study.trials)


def test_a_study_without_finished_trials_has_no_labels():
    with pytest.raises(LabelError, match="no trial of the study is finished"):
        labels_from_trials(space_from_distributions({"width": IntDistribution(1, 2)}), [])
