"""PyTorch without the state that its process shares: generators, default types, modes."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch.nn import functional, init
from torch.overrides import TorchFunctionMode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from torch import Tensor

_DRAWS = frozenset(
    {
        *(torch.rand, torch.randn, torch.randint, torch.randperm, torch.normal),
        *(torch.bernoulli, torch.multinomial, torch.poisson),
        *(torch.Tensor.bernoulli, torch.Tensor.multinomial),
        *(torch.Tensor.uniform_, torch.Tensor.normal_, torch.Tensor.bernoulli_),
        *(torch.Tensor.random_, torch.Tensor.exponential_, torch.Tensor.geometric_),
        *(torch.Tensor.cauchy_, torch.Tensor.log_normal_),
        *(init.uniform_, init.normal_, init.trunc_normal_, init.orthogonal_),
        *(init.xavier_uniform_, init.xavier_normal_),
        *(init.kaiming_uniform_, init.kaiming_normal_),
    }
)
"""What draws random numbers and takes a generator."""

_TYPED = frozenset(
    {torch.zeros, torch.ones, torch.empty, torch.rand, torch.randn, torch.eye, torch.linspace}
)
"""What makes tensors of the default type."""

_PLACED = _TYPED | {
    *(torch.randint, torch.randperm, torch.full, torch.arange, torch.tensor, torch.as_tensor)
}
"""What makes tensors on the default device."""

_OF_DATA = frozenset({torch.tensor, torch.as_tensor, torch.full, torch.arange})
"""What makes tensors of the default type from Python's floating point numbers."""

_CURRENT: ContextVar[OwnGenerators | None] = ContextVar("generators", default=None)
"""Generators of the innermost `own_state`."""


class OwnGenerators(TorchFunctionMode):
    """Random numbers from generators of one's own, in this thread, while this is entered.

    Whatever would draw from the generators of the process draws from these; new tensors are
    float32 on the CPU where no type and device are given. Other threads are not touched, and
    none of theirs is noticed.

    Args:
        seed: of the generators, one for each device that is drawn on.
    """

    def __init__(self, seed: int) -> None:
        super().__init__()
        self._seed = seed
        self._generators: dict[torch.device, torch.Generator] = {}

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Sequence[type],
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        """Call a function of PyTorch, with a generator where it draws."""
        kwargs = kwargs or {}
        if func is functional.dropout:
            return self.dropout(*_dropout_arguments(*args, **kwargs))
        if func in _PLACED:
            return self._made(func, args, dict(kwargs))
        if func in _DRAWS and kwargs.get("generator") is None:
            kwargs = {**kwargs, "generator": self.generator(_device(args, kwargs))}
        return func(*args, **kwargs)

    def generator(self, device: torch.device) -> torch.Generator:
        """Return the generator of a device."""
        if device not in self._generators:
            self._generators[device] = torch.Generator(device).manual_seed(self._seed)
        return self._generators[device]

    def state(self) -> Tensor:
        """Return the state of the CPU's generator."""
        return self.generator(torch.device("cpu")).get_state()

    def restore(self, state: Tensor) -> None:
        """Go on from what `state` returned."""
        self.generator(torch.device("cpu")).set_state(state)

    def _made(self, func: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Make a tensor as if nobody had changed the defaults of the process."""
        from_tensor = bool(args) and isinstance(args[0], torch.Tensor)
        if kwargs.get("device") is None and not from_tensor and kwargs.get("out") is None:
            kwargs["device"] = torch.device("cpu")
        if func in _DRAWS and kwargs.get("generator") is None:
            kwargs["generator"] = self.generator(torch.device(kwargs["device"]))
        if kwargs.get("dtype") is None and func in _TYPED:
            kwargs["dtype"] = torch.float32
        made = func(*args, **kwargs)
        # Data that says its type keeps it; Python's numbers would get the default one.
        typed = kwargs.get("dtype") is not None or (bool(args) and hasattr(args[0], "dtype"))
        if func in _OF_DATA and not typed and made.is_floating_point():
            return made.to(torch.float32)
        return made

    def dropout(
        self, values: Tensor, p: float, training: bool = True, inplace: bool = False
    ) -> Tensor:
        """Set elements to zero with probability p, and scale the others to keep the mean."""
        if not training or p == 0:
            return values
        kept = torch.empty_like(values).bernoulli_(1 - p, generator=self.generator(values.device))
        kept = kept.div_(1 - p) if p < 1 else kept
        return values.mul_(kept) if inplace else values * kept


def _dropout_arguments(
    input: Tensor,  # noqa: A002 - PyTorch's name, by which it may be passed
    p: float = 0.5,
    training: bool = True,
    inplace: bool = False,
) -> tuple[Tensor, float, bool, bool]:
    return input, p, training, inplace


def _device(args: tuple[Any, ...], kwargs: dict[str, Any]) -> torch.device:
    """Return where a function draws: on the device of its first tensor."""
    tensors = (each for each in (*args, *kwargs.values()) if isinstance(each, torch.Tensor))
    return next((each.device for each in tensors), torch.device("cpu"))


@contextmanager
def own_state(seed: int = 0) -> Iterator[OwnGenerators]:
    """Compute as in a fresh process that was seeded, whatever this one was told.

    Generators, default type and device, gradient modes, autocast and NumPy's treatment of floating
    point errors are this block's own, in this thread; nothing of the process is changed.

    Args:
        seed: of the generators.
    """
    generators = OwnGenerators(seed)
    before = _CURRENT.set(generators)
    try:
        with own_modes(), generators:
            yield generators
    finally:
        _CURRENT.reset(before)


@contextmanager
def direct_calls() -> Iterator[None]:
    """Call PyTorch past the modes of `own_state`, which cost microseconds a call.

    A step of small layers is thousands of calls. What runs in it names types, devices and
    generators of the tensors that it makes, and draws dropout by `dropout`.
    """
    with torch._C.DisableTorchFunction():  # noqa: SLF001 - there is no public name
        yield


def dropout(values: Tensor, p: float) -> Tensor:
    """Set elements to zero with probability p, by the generators of the innermost `own_state`.

    The others are scaled to keep the mean. Outside of all, the generators of the process draw.
    """
    generators = _CURRENT.get()
    return functional.dropout(values, p) if generators is None else generators.dropout(values, p)


@contextmanager
def own_modes() -> Iterator[None]:
    """Compute with gradients and without autocast, on the CPU where no device is given."""
    with ExitStack() as stack:
        stack.enter_context(np.errstate(divide="warn", over="warn", invalid="warn", under="ignore"))
        stack.enter_context(torch.inference_mode(mode=False))
        stack.enter_context(torch.enable_grad())
        for device in ("cpu", "cuda"):
            if torch.is_autocast_enabled(device):
                stack.enter_context(torch.autocast(device, enabled=False))
        stack.enter_context(torch.device("cpu"))
        yield
