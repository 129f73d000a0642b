"""Writing a network: as a whole or not at all, and only if the files compute what was measured."""

from __future__ import annotations

import hashlib
import io
import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import onnx
from safetensors.torch import save

from ctnas.app.atomic import replacing_directory
from ctnas.checked import checked_path
from ctnas.errors import ModelError, OutputError
from ctnas.networks.agreement import compare, logits_of, onnx_logits
from ctnas.networks.card import model_card
from ctnas.networks.description import describe, onnx_properties
from ctnas.networks.files import CARD, DESCRIPTION, ONNX, PROGRAM, REFERENCE, WEIGHTS
from ctnas.networks.latency import measure_latency
from ctnas.networks.onnx_conversion import onnx_model
from ctnas.networks.program import serialized, trace

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from ctnas.networks.agreement import Agreement, Logits
    from ctnas.networks.found import FoundNetwork
    from ctnas.networks.latency import LatencyConfig

_REFERENCE_IMAGES = 16
_COPIES = 3
"""How often the weights are written."""
_REST_BYTES = 2**20


def export_network(
    found: FoundNetwork,
    out: str | Path,
    *,
    latency: LatencyConfig | None = None,
    command: str = "ctnas.networks.export_network",
    say: Callable[[str], None] | None = None,
) -> dict[str, Any]:
    """Write a network as a directory of files that run; it appears whole or not at all.

    `network.onnx`, `network.pt2`, `network.safetensors`, `network.json`, `reference.npz` and a
    model card. The ONNX file is run on all test images first: where its logits differ from those
    that were measured by more than rounding, nothing is written.

    Args:
        found: the network.
        out: a directory that does not exist, or is empty.
        latency: how its latency is measured for the card.
        command: what the card names as its origin.
        say: shows what was found.

    Returns:
        The contents of `network.json`.

    Raises:
        ModelError: if the files would not compute what was measured.
        OutputError: if the directory cannot be written.
    """
    with replacing_directory(out) as folder:
        return write_network(found, folder, latency=latency, command=command, say=say)


def writable_network(out: str | Path) -> AbstractContextManager[Path]:
    """Return what opens a directory to be filled; a network that stands there is replaced.

    See `ctnas.app.atomic.replacing_directory`.
    """
    return replacing_directory(
        checked_path("out", out), lambda path: (path / DESCRIPTION).is_file()
    )


def write_network(
    found: FoundNetwork,
    folder: Path,
    *,
    latency: LatencyConfig | None = None,
    command: str,
    say: Callable[[str], None] | None = None,
) -> dict[str, Any]:
    """Fill an empty directory; see `export_network`."""
    _check_space(found, folder)
    program = trace(found.network, found.splits.shape)
    model = onnx_model(program)
    onnx.helper.set_model_props(model, onnx_properties(found))
    content = bytes(model.SerializeToString())
    expected, logits = logits_of(found.splits.test, found.measured, onnx_logits(content))
    agreement = compare(expected, logits, found.splits.test.labels.numpy())
    if not agreement.passed:
        raise ModelError(f"{ONNX} does not compute what was measured: {agreement}")
    timed = measure_latency(content, latency, say)
    if say is not None:
        for line in _summary(agreement, timed.milliseconds):
            say(line)
    written = {
        ONNX: content,
        PROGRAM: serialized(program),
        WEIGHTS: _weights(found),
        REFERENCE: _reference(found, expected),
    }
    described = describe(found, agreement, timed, command)
    described["files"] = {name: hashlib.sha256(data).hexdigest() for name, data in written.items()}
    text = json.dumps(described, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    written |= {DESCRIPTION: text.encode(), CARD: model_card(described).encode()}
    for name, data in written.items():
        (folder / name).write_bytes(data)
    return described


def _summary(agreement: Agreement, milliseconds: float) -> list[str]:
    accuracy = f"{agreement.accuracy:.2%} ± {agreement.standard_error:.2%}"
    found = f"{accuracy} of {agreement.images:,} test images, {milliseconds:.3f} ms an image"
    return [f"{ONNX}: {found}", str(agreement)]


def _check_space(found: FoundNetwork, folder: Path) -> None:
    """Raise OutputError if the files will not fit, before anything is computed."""
    weights = sum(tensor.nbytes for tensor in found.network.state_dict().values())
    needed, free = _COPIES * weights + _REST_BYTES, shutil.disk_usage(folder).free
    if free < needed:
        raise OutputError(
            f"cannot write {str(folder.parent)!r}: {needed:,} bytes are needed and {free:,} free"
        )


def _weights(found: FoundNetwork) -> bytes:
    tensors = {
        name: tensor.detach().cpu().contiguous()
        for name, tensor in found.network.state_dict().items()
    }
    # Of several entries the file would not keep the order: equal networks are equal bytes.
    named = json.dumps({"space": found.space, "architecture": found.architecture})
    return bytes(save(tensors, metadata={"ctnas": named}))


def _reference(found: FoundNetwork, logits: Logits) -> bytes:
    """Return a few test images, from first to last, with what was measured on them."""
    test = found.splits.test
    count = min(_REFERENCE_IMAGES, len(test))
    rows = np.linspace(0, len(test) - 1, count).round().astype(int)
    images, labels = test.batch(rows.tolist())
    stored = io.BytesIO()
    np.savez(stored, images=images.numpy(), labels=labels.numpy(), logits=logits[rows])
    return stored.getvalue()
