"""A network as a program that PyTorch runs without the code that it was written in."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import torch

from ctnas.app.silence import silenced
from ctnas.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from torch import Tensor, nn
    from torch.export import ExportedProgram

_NOTES = ("stack_trace", "nn_module_stack", "source_fn_stack", "custom")
"""What PyTorch notes of the source of every operation: paths and names of this machine."""


def trace(network: nn.Module, shape: tuple[int, int, int]) -> ExportedProgram:
    """Return a network as a program; its batch is dynamic.

    Args:
        network: images uint8 [B, C, H, W] to logits [B, classes], in evaluation mode.
        shape: channels, height and width of an image.
    """
    example = torch.zeros((2, *shape), dtype=torch.uint8)
    batch = torch.export.Dim("batch", min=1)
    # PyTorch warns about its own internals.
    with silenced(), torch.no_grad():
        program = torch.export.export(network, (example,), dynamic_shapes=({0: batch},))
    for node in program.graph.nodes:
        for note in _NOTES:
            node.meta.pop(note, None)
    return program


def serialized(program: ExportedProgram) -> bytes:
    """Return a program as a `.pt2` file holds it."""
    content = io.BytesIO()
    with silenced():
        torch.export.save(program, content)
    return content.getvalue()


def program_logits(path: Path) -> Callable[[Any], Tensor]:
    """Return what computes logits by a `network.pt2`.

    Raises:
        ModelError: if it is no such file.
    """
    try:
        with silenced():
            module = torch.export.load(path).module()
    except (RuntimeError, ValueError, OSError, KeyError) as error:
        raise ModelError(f"PyTorch cannot open {str(path)!r}: {error}") from error

    def compute(images: Any) -> Tensor:
        with torch.no_grad():
            logits: Tensor = module(torch.as_tensor(images))
        return logits

    return compute
