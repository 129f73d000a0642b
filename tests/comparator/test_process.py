"""A fit depends on its seed alone, not on the process around it, and leaves that as it was."""

import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
import torch

from ctnas.comparator.export import weights_hash
from ctnas.comparator.fitting import fit_comparator
from ctnas.comparator.presets import ComparatorPreset
from ctnas.labels import LabelSet
from ctnas.searching import search
from ctnas.spaces import get_space

SPACE = get_space("nasbench201")

Fit = Callable[[str], str]

PRESETS = [pytest.param("paper", marks=pytest.mark.slow), "default"]


def labels() -> LabelSet:
    batch = SPACE.sample(40, seed=0)
    return LabelSet(SPACE, batch, (batch.decisions == 3).sum(axis=1) + np.linspace(0, 0.1, 40))


@pytest.fixture
def fit(small: Callable[[str], ComparatorPreset]) -> Fit:
    """Return the hash of the weights that a small fit of a preset gives."""

    def weights(preset: str) -> str:
        learned = fit_comparator(SPACE, labels(), small(preset), seed=1)
        return weights_hash(learned.encoder.fold())

    return weights


def found() -> list[float]:
    result = search(SPACE, labels(), preset="smoke", iterations=3, seed=1)
    return result.win_probability.tolist()


@contextmanager
def float64_by_default() -> Iterator[None]:
    torch.set_default_dtype(torch.float64)
    try:
        yield
    finally:
        torch.set_default_dtype(torch.float32)


@contextmanager
def everything() -> Iterator[None]:
    """Change all that a process can set."""
    torch.manual_seed(99)
    np.random.seed(99)  # noqa: NPY002 - what other code in a process may do
    with (
        float64_by_default(),
        torch.no_grad(),
        torch.device("meta"),
        torch.autocast("cpu", dtype=torch.bfloat16),
        np.errstate(all="raise"),
        warnings.catch_warnings(),
    ):
        warnings.simplefilter("error")
        torch.use_deterministic_algorithms(mode=True)
        try:
            yield
        finally:
            torch.use_deterministic_algorithms(mode=False)


def state() -> list[object]:
    legacy = np.random.get_state(legacy=False)  # noqa: NPY002 - it has to stay
    assert isinstance(legacy, dict)
    return [
        torch.get_rng_state().tolist(),
        torch.get_default_dtype(),
        torch.get_default_device(),
        torch.is_grad_enabled(),
        torch.is_inference_mode_enabled(),
        torch.is_autocast_enabled("cpu"),
        torch.are_deterministic_algorithms_enabled(),
        torch.get_num_threads(),
        np.geterr(),
        legacy["state"]["key"].tolist(),
        list(warnings.filters),
    ]


@pytest.mark.parametrize("preset", PRESETS)
def test_a_fit_depends_on_its_seed_alone(preset: str, fit: Fit) -> None:
    expected = fit(preset)
    with everything():
        before = state()
        assert fit(preset) == expected
        assert state() == before


@pytest.mark.slow
def test_a_search_depends_on_its_seed_alone() -> None:
    expected = found()
    with everything():
        before = state()
        assert found() == expected
        assert state() == before


def test_what_a_comparator_says_and_exports_depends_on_its_weights_alone(tmp_path: Path) -> None:
    comparator = fit_comparator(SPACE, labels(), "smoke", seed=1)
    batch = SPACE.sample(30, seed=2)
    expected = comparator.win_probability(batch)
    with everything():
        before = state()
        assert np.array_equal(comparator.win_probability(batch), expected)
        comparator.export(tmp_path / "there")
        assert state() == before
    comparator.export(tmp_path / "here")
    for name in ("comparator.onnx", "ranker.onnx"):
        assert (tmp_path / "there" / name).read_bytes() == (tmp_path / "here" / name).read_bytes()


@pytest.mark.parametrize("preset", PRESETS)
def test_fits_in_threads_give_equal_weights_for_equal_seeds(preset: str, fit: Fit) -> None:
    before = state()
    with ThreadPoolExecutor(3) as pool:
        found = set(pool.map(fit, [preset] * 3))
    assert len(found) == 1
    assert found == {fit(preset)}
    assert state() == before


def test_exports_in_threads_write_equal_files_and_leave_the_process_alone(tmp_path: Path) -> None:
    comparator = fit_comparator(SPACE, labels(), "smoke", seed=1)
    before = state()
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(comparator.export, (tmp_path / "a", tmp_path / "b")))
    assert state() == before
    for name in ("comparator.onnx", "ranker.onnx"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()
