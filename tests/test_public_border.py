"""Numbers and arguments of any type and size at the public border."""

from collections.abc import Callable

import numpy as np
import optuna
import pytest
import torch

import ctnas
from ctnas.checked import MOST_SEED
from ctnas.comparator.presets import comparator_preset
from ctnas.errors import ConfigurationError, CtnasError, LabelError
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


@pytest.mark.parametrize(
    "call",
    [
        lambda: ctnas.get_space(["nasbench201"]),  # type: ignore[arg-type]
        lambda: SPACE.format(SPACE.format(BATCH)),  # type: ignore[arg-type]
        lambda: SPACE.graphs("x"),  # type: ignore[arg-type]
        lambda: SPACE.costs(None),  # type: ignore[arg-type]
        lambda: SPACE.parse("x"),
        lambda: SPACE.parse(None),  # type: ignore[arg-type]
        lambda: SPACE.parse([b"x"]),  # type: ignore[list-item]
        lambda: ctnas.fit_comparator("nasbench201", LABELS),  # type: ignore[arg-type]
        lambda: ctnas.fit_comparator(SPACE, [1.0] * 12),  # type: ignore[arg-type]
        lambda: ctnas.search("nasbench201", LABELS),  # type: ignore[arg-type]
        lambda: ctnas.search(SPACE, LABELS, config={"iterations": 3}),  # type: ignore[arg-type]
        lambda: ctnas.search(SPACE, LABELS, comparator="x"),  # type: ignore[arg-type]
        lambda: ctnas.search(SPACE, LABELS, held_out=[1]),  # type: ignore[arg-type]
        lambda: ctnas.search(SPACE, LABELS, iterations="3"),  # type: ignore[arg-type]
        lambda: ctnas.search(SPACE, LABELS, max_madds="600M"),  # type: ignore[arg-type]
        lambda: ctnas.search(SPACE, LABELS, provider=3),  # type: ignore[arg-type]
        lambda: ctnas.search(SPACE, LABELS, checkpoint=3),  # type: ignore[arg-type]
        lambda: LabelSet.read(3, SPACE),  # type: ignore[arg-type]
        lambda: LabelSet.read("x.csv", "nasbench201"),  # type: ignore[arg-type]
        lambda: LABELS.joined([1]),  # type: ignore[arg-type]
        lambda: LABELS.write(3),  # type: ignore[arg-type]
        lambda: ctnas.Comparator.load(3),  # type: ignore[arg-type]
        lambda: ctnas.CTNASSampler("nasbench201"),  # type: ignore[arg-type]
        lambda: ctnas.DecisionSpace("mine", "x"),  # type: ignore[arg-type]
        lambda: ctnas.DecisionSpace("mine", {"op": {"a", "b"}}),  # type: ignore[dict-item]
    ],
)
def test_an_argument_of_the_wrong_type_is_named(call: Callable[[], object]) -> None:
    with pytest.raises(CtnasError, match=r"must be|needs a list|unknown (search space|provider)"):
        call()


def test_the_settings_of_a_once_for_all_subnet_are_an_architecture() -> None:
    space = ctnas.get_space("mobilenetv3")
    chosen = {"ks": [3, 5, 7, 3] * 5, "e": np.array([3, 4, 6, 3] * 5), "d": (2, 3, 4, 2, 3)}
    batch = space.parse(chosen)  # type: ignore[arg-type]
    assert len(batch) == 1
    assert space.format(batch)[0].startswith("k3e3-k5e4|k3e3-k5e4-k7e6|")
    assert len(space.parse([chosen, chosen])) == 2  # type: ignore[list-item]
