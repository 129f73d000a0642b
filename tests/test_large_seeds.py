"""Seeds of any size in 0..2**64 - 1, of any type, wherever a seed is taken."""

import numpy as np
import optuna
import pytest
import torch

import ctnas
from ctnas.checked import MOST_SEED
from ctnas.comparator.presets import comparator_preset
from ctnas.errors import ConfigurationError, LabelError
from ctnas.labels import LabelSet

SPACE = ctnas.get_space("nasbench201")
BATCH = SPACE.sample(12, seed=0)
LABELS = LabelSet(SPACE, BATCH, np.arange(12.0))


@pytest.mark.parametrize("seed", [2**32, MOST_SEED])
def test_large_seeds_fit_and_search(seed: int) -> None:
    comparator = ctnas.fit_comparator(SPACE, LABELS, comparator_preset("smoke"), seed)
    again = ctnas.fit_comparator(SPACE, LABELS, comparator_preset("smoke"), np.uint64(seed))
    np.testing.assert_array_equal(comparator.encode(BATCH)[0], again.encode(BATCH)[0])
    result = ctnas.search(SPACE, LABELS, iterations=2, preset="smoke", seed=seed, provider="cpu")
    assert np.isfinite(result.win_probability).all()


@pytest.mark.parametrize("seed", [-1, MOST_SEED + 1, 1.5, "1", True, None])
def test_other_seeds_are_refused_at_once(seed: int) -> None:
    with pytest.raises(ConfigurationError, match="seed must be"):
        ctnas.fit_comparator(SPACE, LABELS, seed=seed)
    with pytest.raises(ConfigurationError, match="seed must be"):
        ctnas.search(SPACE, LABELS, seed=seed)
    with pytest.raises(ConfigurationError, match="seed must be"):
        SPACE.sample(3, seed)
    with pytest.raises(ConfigurationError, match="seed must be"):
        LABELS.split(0.5, seed)
    if seed is not None:
        with pytest.raises(ConfigurationError, match="seed must be"):
            ctnas.CTNASSampler(SPACE, seed=seed)


def test_a_sampler_takes_a_large_seed() -> None:
    study = optuna.create_study(
        direction="maximize", sampler=ctnas.CTNASSampler(SPACE, seed=MOST_SEED)
    )
    trial = study.ask()
    trial.suggest_float("learning_rate", 0.0, 1.0)
    assert study.sampler.suggest(trial) if isinstance(study.sampler, ctnas.CTNASSampler) else False


@pytest.mark.parametrize("count", [3, 3.0, np.int8(3), np.uint64(3), torch.tensor(3)])
def test_counts_are_of_any_type(count: int) -> None:
    assert len(SPACE.sample(count, seed=np.int64(0))) == 3


@pytest.mark.parametrize("name", ["nasbench101", "nasbench201", "darts", "mobilenetv3"])
@pytest.mark.parametrize("count", [-1, 2.5, "3", float("nan")])
def test_counts_that_are_none_are_refused(name: str, count: int) -> None:
    with pytest.raises(ConfigurationError, match="count must be"):
        ctnas.get_space(name).sample(count, seed=0)


def test_equal_labels_are_refused_before_anything_is_learned() -> None:
    equal = LabelSet(SPACE, BATCH, np.ones(12))
    with pytest.raises(LabelError, match="all 12 labels of validation_accuracy are 1"):
        ctnas.fit_comparator(SPACE, equal)
    with pytest.raises(LabelError, match="all 12 labels of validation_accuracy are 1"):
        ctnas.search(SPACE, equal)


def test_architectures_are_not_learned_from_and_judged_by() -> None:
    with pytest.raises(LabelError, match="2 of 2 held-out architectures are learned from too"):
        ctnas.search(SPACE, LABELS, held_out=LABELS[:2])


def test_tau_is_a_number_where_labels_are_equal() -> None:
    comparator = ctnas.fit_comparator(SPACE, LABELS, comparator_preset("smoke"))
    assert comparator.kendall_tau(LabelSet(SPACE, BATCH, np.ones(12))) == 0
