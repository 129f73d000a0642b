"""A block with its own state draws what a seeded process draws, and leaves no trace."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch
from torch import nn
from torch.overrides import TorchFunctionMode

from ctnas.app.threads import at_most_threads, one_thread
from ctnas.app.torch_state import direct_calls, dropout, own_state


@pytest.fixture
def float64_process() -> Iterator[None]:
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(torch.float32)


def draws() -> list[torch.Tensor]:
    """Draw in every way that networks do."""
    kept = nn.functional.dropout(torch.ones(1000), 0.3)
    layer = nn.Sequential(nn.Linear(3, 4), nn.Embedding(5, 2), nn.Conv2d(3, 4, 3))
    return [
        kept,
        *layer.parameters(),
        *(torch.rand(3), torch.randn(2, 2), torch.randperm(9), torch.randint(9, (4,))),
        *(torch.empty(3).uniform_(-1, 1), torch.full((3,), 0.5).bernoulli()),
        *(torch.tensor([1.5, 2.5]), torch.zeros(3), torch.eye(2), torch.arange(3)),
    ]


def same(one: list[torch.Tensor], other: list[torch.Tensor]) -> bool:
    return all(a.dtype == b.dtype and torch.equal(a, b) for a, b in zip(one, other, strict=True))


def test_draws_are_those_of_a_process_that_was_seeded() -> None:
    torch.manual_seed(7)
    expected = draws()
    with own_state(7):
        assert same(draws(), expected)


def test_generators_of_the_process_are_left_alone() -> None:
    torch.manual_seed(1)
    before = torch.get_rng_state()
    with own_state(7):
        draws()
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.usefixtures("float64_process")
def test_the_default_type_of_the_process_is_not_noticed() -> None:
    with own_state(7):
        kinds = {each.dtype for each in draws()}
        assert torch.as_tensor(np.zeros(2)).dtype == torch.float64
    assert kinds == {torch.float32, torch.int64}
    assert torch.zeros(1).dtype == torch.float64


def test_a_default_device_of_the_process_is_not_noticed() -> None:
    with torch.device("meta"), own_state(7):
        assert {each.device.type for each in draws()} == {"cpu"}


def test_threads_do_not_disturb_one_another() -> None:
    def many(_: int) -> list[torch.Tensor]:
        with own_state(3):
            return [tensor for _ in range(50) for tensor in draws()]

    with ThreadPoolExecutor(4) as pool:
        first, *others = pool.map(many, range(8))
    assert all(same(each, first) for each in others)


@pytest.mark.parametrize("mode", [torch.no_grad, torch.inference_mode])
def test_gradients_are_computed_where_the_caller_wants_none(mode: type) -> None:
    with mode(), own_state():
        weight = nn.Parameter(torch.ones(2))
        (weight * 3).sum().backward()
        assert weight.grad is not None


def test_numpy_errors_of_the_caller_are_not_ours() -> None:
    with np.errstate(all="raise"):
        with own_state():
            assert np.exp(np.float64(-1e4)) == 0
        with pytest.raises(FloatingPointError):
            np.exp(np.float64(-1e4))


def test_blocks_that_limit_threads_side_by_side_restore_the_number() -> None:
    before = torch.get_num_threads()
    torch.set_num_threads(3)
    try:

        def limited(number: int) -> int:
            with one_thread() if number % 2 else at_most_threads(2):
                return torch.get_num_threads()

        for _ in range(20):
            with ThreadPoolExecutor(4) as pool:
                assert set(pool.map(limited, range(8))) == {1, 2}
            with ThreadPoolExecutor(1) as pool:
                assert pool.submit(torch.get_num_threads).result() == 3
            assert torch.get_num_threads() == 3
    finally:
        torch.set_num_threads(before)


def test_direct_calls_draw_dropout_from_the_same_generators() -> None:
    values = torch.ones(1000)
    with own_state(7):
        expected = nn.functional.dropout(values, 0.3)
    process = torch.get_rng_state()
    with own_state(7), direct_calls():
        assert torch.equal(dropout(values, 0.3), expected)
    assert torch.equal(torch.get_rng_state(), process)


def test_direct_calls_pass_no_mode() -> None:
    class Counting(TorchFunctionMode):
        calls = 0

        def __torch_function__(self, func, types, args=(), kwargs=None):  # type: ignore[no-untyped-def]
            self.calls += 1
            return func(*args, **(kwargs or {}))

    with Counting() as mode, own_state(7), direct_calls():
        before = mode.calls
        weight = torch.ones(2, requires_grad=True)
        (weight * 2).sum().backward()
        assert mode.calls == before


def test_generators_outside_every_block_are_those_of_the_process() -> None:
    values = torch.ones(1000)
    torch.manual_seed(3)
    expected = nn.functional.dropout(values, 0.3)
    torch.manual_seed(3)
    with own_state(9):
        pass
    assert torch.equal(dropout(values, 0.3), expected)
