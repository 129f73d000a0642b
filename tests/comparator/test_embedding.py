"""Features of operations whose names share parts, against counts of the parts they share."""

import numpy as np
import pytest
import torch

from ctnas.comparator.embedding import OperationEmbedding

PLAIN = ("padding", "input", "output", "conv", "pool")
NAMES = ("input", "kc", "a.kc", "a.ke", "b.kc", "b.kg", "c.ki.e.s")


def drawn(names: tuple[str, ...], width: int = 4, deviation: float = 1.0) -> OperationEmbedding:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return OperationEmbedding(names, width, deviation)


def parts(name: str) -> set[str]:
    return set(name.split(".")) if "." in name else set()


def gradient_of(embedding: OperationEmbedding, operation: int) -> torch.Tensor:
    """Return the gradient of the sum of an operation's features."""
    (gradient,) = torch.autograd.grad(embedding.table()[..., operation, :].sum(), [embedding.rows])
    return gradient


def test_operations_without_parts_have_a_free_row_each() -> None:
    embedding = drawn(PLAIN)
    assert embedding.rows.shape[-2] == len(PLAIN)
    assert torch.equal(embedding.table(), embedding.rows)


@pytest.mark.parametrize("name", NAMES)
def test_what_is_learned_of_an_operation_reaches_those_that_share_a_part(name: str) -> None:
    embedding = drawn(NAMES)
    before = embedding.table().detach()
    step = gradient_of(embedding, NAMES.index(name))
    with torch.no_grad():
        embedding.rows += step
        change = (embedding.table() - before).numpy()
    reached = [other for other, moved in zip(NAMES, change, strict=True) if np.abs(moved).any()]
    assert reached == [other for other in NAMES if other == name or parts(other) & parts(name)]
    # A step moves an operation by the share of rows that it has in common with the other.
    for other, moved in zip(NAMES, change, strict=True):
        common = (other == name) + len(parts(other) & parts(name))
        rows = (1 + len(parts(other))) * (1 + len(parts(name)))
        np.testing.assert_allclose(moved, common / np.sqrt(rows), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("deviation", [0.5, 1.0])
def test_features_start_with_one_size_whatever_parts_a_name_has(deviation: float) -> None:
    table = drawn(NAMES, width=10_000, deviation=deviation).table().detach()
    # The standard error of a deviation of 10,000 draws is 0.7 %.
    np.testing.assert_allclose(table.std(dim=1), deviation, rtol=0.05)
    np.testing.assert_allclose(table.mean(dim=1), 0, atol=0.05 * deviation)


def test_files_of_weights_hold_rows_only() -> None:
    assert list(drawn(NAMES).state_dict()) == ["rows"]


WIDTHS = ("input", "a=8", "a=16", "a=24", "a=64", "b=1", "b=2", "b=8")


def likeness(names: tuple[str, ...]) -> np.ndarray:
    """Return the correlation of the initial features of operations, [O, O]."""
    return np.corrcoef(drawn(names, width=20_000).table().detach().numpy())


def test_numbers_are_the_more_alike_the_nearer_they_are() -> None:
    alike = likeness(WIDTHS)
    assert alike[1, 2] > alike[1, 3] > alike[1, 4]
    assert alike[4, 3] > alike[4, 2] > alike[4, 1]
    assert abs(alike[0, 1:]).max() < 0.05


def test_large_numbers_of_other_decisions_are_alike_too() -> None:
    alike = likeness(WIDTHS)
    assert alike[1, 5] > alike[1, 6] > alike[1, 7]


@pytest.mark.parametrize("sign", ["=", "."])
def test_any_spelling_of_a_choice_has_a_number(sign: str) -> None:
    rates = tuple(f"rate{sign}{value}" for value in ("0.0001", "0.001", "0.1", "1e-05"))
    alike = likeness(rates)
    assert alike[3, 0] > alike[3, 1] > alike[3, 2]


def test_numbers_within_parts_are_in_an_order_too() -> None:
    alike = likeness(("u1.k3", "u1.k5", "u1.k7", "u2.k3"))
    assert alike[0, 1] > alike[0, 2]
