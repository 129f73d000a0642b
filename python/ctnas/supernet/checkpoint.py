"""A trained supernet on disk: weights and layout in one safetensors file."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from ctnas.app.atomic import replacing
from ctnas.checked import checked_path
from ctnas.errors import ConfigurationError, InputFileError, ModelError, OutputError
from ctnas.supernet.build import build_supernet
from ctnas.supernet.layouts import Layout, make_layout

if TYPE_CHECKING:
    from ctnas.supernet.network import Supernet

_KEY = "ctnas.supernet"
_FORMAT = 2


def save_supernet(supernet: Supernet, path: str | Path) -> None:
    """Write a supernet; the file appears whole or not at all.

    Args:
        supernet: the weights, on any device.
        path: a file, usually *.safetensors.

    Raises:
        OutputError: if it cannot be written.
    """
    layout: Any = supernet.layout
    description = json.dumps({"format": _FORMAT, "space": supernet.space, "layout": asdict(layout)})
    tensors = {
        name: tensor.detach().cpu().contiguous() for name, tensor in supernet.state_dict().items()
    }
    path = checked_path("path", path)
    with replacing(path) as temporary:
        try:
            save_file(tensors, temporary, metadata={_KEY: description})
        except SafetensorError as error:
            raise OutputError(f"cannot write {str(path)!r}: {error}") from error


def load_supernet(path: str | Path, device: str = "cpu", space: str | None = None) -> Supernet:
    """Read a supernet.

    Args:
        path: what `save_supernet` wrote.
        device: where its weights go.
        space: name of the search space that it has to belong to; any if not given.

    Raises:
        InputFileError: if there is no such file.
        ConfigurationError: if it belongs to another space.
        ModelError: if it is corrupt, or not a supernet of this version.
    """
    path = checked_path("path", path)
    if not Path(path).is_file():
        raise InputFileError(f"there is no supernet {str(path)!r}")
    try:
        with safe_open(path, framework="pt", device=device) as file:
            made_for, layout = _layout(file.metadata() or {}, path)
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except SafetensorError as error:
        raise ModelError(f"{str(path)!r} is not a safetensors file: {error}") from error
    channels = layout.image_channels
    if space not in (None, made_for):
        raise ConfigurationError(
            f"{str(path)!r} is a supernet of space {made_for!r}, not {space!r}"
        )
    supernet = build_supernet(made_for, layout, [0.0] * channels, [1.0] * channels).to(device)
    try:
        supernet.load_state_dict(tensors)
    except RuntimeError as error:
        raise ModelError(f"{str(path)!r} does not hold the weights of its layout") from error
    return supernet.eval()


def _layout(metadata: dict[str, str], path: str | Path) -> tuple[str, Layout]:
    """Return the space and the layout that a file describes."""
    try:
        description: dict[str, Any] = json.loads(metadata[_KEY])
        if description["format"] != _FORMAT:
            raise ModelError(
                f"{str(path)!r} has format {description['format']}; this version reads {_FORMAT}"
            )
        return description["space"], make_layout(description["space"], **description["layout"])
    except (KeyError, TypeError, ValueError, ConfigurationError) as error:
        if isinstance(error, ModelError):
            raise
        raise ModelError(f"{str(path)!r} is not a supernet of ctnas") from error
