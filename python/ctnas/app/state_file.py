"""State of a computation on disk: tensors and plain values, nested, in one safetensors file.

Nothing in such a file is executed when it is read.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from ctnas.app.atomic import replacing
from ctnas.errors import ModelError, OutputError

if TYPE_CHECKING:
    from collections.abc import Callable

_KEY = "ctnas.state"
_FORMAT = 1
_TENSOR, _PAIRS, _TUPLE = "tensor", "pairs", "tuple"


def write_state(path: Path, kind: str, state: dict[str, Any]) -> None:
    """Write a state; the file appears whole or not at all.

    Args:
        path: the file.
        kind: what it is the state of.
        state: tensors, numbers, texts, truth values and None in dictionaries, lists and tuples.

    Raises:
        OutputError: if it cannot be written.
    """
    tensors: dict[str, Tensor] = {}
    description = {"format": _FORMAT, "kind": kind, "state": _packed(state, tensors)}
    with replacing(path) as temporary:
        try:
            save_file(tensors, temporary, metadata={_KEY: json.dumps(description)})
        except SafetensorError as error:
            raise OutputError(f"cannot write {str(path)!r}: {error}") from error


def read_state(path: Path, kind: str) -> dict[str, Any]:
    """Read what `write_state` wrote.

    Raises:
        ModelError: if the file is missing, corrupt, of a newer format or the state of something
            else.
    """
    try:
        with safe_open(path, framework="pt") as file:
            description = json.loads((file.metadata() or {})[_KEY])
            if description["format"] != _FORMAT:
                raise ModelError(
                    f"{str(path)!r} has format {description['format']}; "
                    f"this version reads {_FORMAT}"
                )
            if description["kind"] != kind:
                raise ModelError(f"{str(path)!r} is of kind {description['kind']!r}, not {kind!r}")
            state = _unpacked(description["state"], file.get_tensor)
    except (SafetensorError, OSError, KeyError, TypeError, ValueError) as error:
        if isinstance(error, ModelError):
            raise
        raise ModelError(f"{str(path)!r} is not a state file of ctnas, or is corrupt") from error
    if not isinstance(state, dict):
        raise ModelError(f"{str(path)!r} is not a state file of ctnas, or is corrupt")
    return state


def _packed(value: object, tensors: dict[str, Tensor]) -> Any:
    """Return JSON content; tensors go into `tensors` and leave their name."""
    if isinstance(value, Tensor):
        name = str(len(tensors))
        tensors[name] = value.detach().cpu().clone().contiguous()
        return {_TENSOR: name}
    if isinstance(value, dict):
        # Keys of an optimizer's state are integers, which those of JSON cannot be.
        return {_PAIRS: [[key, _packed(entry, tensors)] for key, entry in value.items()]}
    if isinstance(value, tuple):
        return {_TUPLE: [_packed(entry, tensors) for entry in value]}
    if isinstance(value, list):
        return [_packed(entry, tensors) for entry in value]
    return value


def _unpacked(value: Any, tensor: Callable[[str], Tensor]) -> Any:
    if isinstance(value, list):
        return [_unpacked(entry, tensor) for entry in value]
    if not isinstance(value, dict):
        return value
    if _TENSOR in value:
        return tensor(value[_TENSOR])
    if _TUPLE in value:
        return tuple(_unpacked(entry, tensor) for entry in value[_TUPLE])
    return {key: _unpacked(entry, tensor) for key, entry in value[_PAIRS]}
