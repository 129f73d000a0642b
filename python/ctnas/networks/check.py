"""Whether a written network is whole and computes what was measured."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import numpy as np

from ctnas.deployment.check import Finding
from ctnas.deployment.model_file import ModelFile
from ctnas.errors import InputFileError, ModelError
from ctnas.networks.agreement import compare, logits_of, onnx_logits
from ctnas.networks.files import ONNX, PROGRAM, REFERENCE, WEIGHTS
from ctnas.networks.found import measured_alone
from ctnas.networks.loading import load_network, read_description
from ctnas.networks.onnx_graph import IR_VERSION, OPSET
from ctnas.networks.program import program_logits

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from ctnas.networks.found import FoundNetwork


def check_network(directory: Path, found: FoundNetwork | None = None) -> Iterator[Finding]:
    """Check a directory that `export_network` wrote, one thing after the other.

    Args:
        directory: of the network.
        found: the network as a run or a training has it; with it the ONNX file is compared on all
            test images, without it all files are on the few that are stored beside them.

    Yields:
        What was found; nothing comes after a check that failed.

    Raises:
        InputFileError: if there is no such directory.
    """
    if not directory.is_dir():
        raise InputFileError(f"no directory {str(directory)!r}")
    for check in (_files, _onnx, _metadata):
        finding = _attempted(check, directory)
        yield finding
        if not finding.passed:
            return
    yield from _on_reference(directory)
    if found is not None:
        yield _attempted(lambda at: _on_test_images(at, found), directory)


def _attempted(check: Callable[[Path], Finding], directory: Path) -> Finding:
    try:
        return check(directory)
    except (InputFileError, ModelError) as error:
        return Finding(check.__name__.strip("_").replace("_", " "), False, str(error))


def _files(directory: Path) -> Finding:
    promised: dict[str, str] = read_description(directory)["files"]
    for name, digest in promised.items():
        try:
            content = (directory / name).read_bytes()
        except OSError as error:
            return Finding("files", False, f"cannot read {name}: {error.strerror}")
        if hashlib.sha256(content).hexdigest() != digest:
            return Finding("files", False, f"{name} is not the file that was written")
    return Finding("files", True, ", ".join(promised))


def _onnx(directory: Path) -> Finding:
    file = ModelFile.read(directory / ONNX)
    if dict(file.opsets) != {"": OPSET}:
        return Finding("opset", False, f"{dict(file.opsets)}, needed ai.onnx {OPSET}")
    signature = ", ".join(map(str, (*file.inputs, *file.outputs)))
    return Finding("opset", True, f"{OPSET}, IR version {IR_VERSION}: {signature}")


def _metadata(directory: Path) -> Finding:
    described = read_description(directory)
    properties = ModelFile.read(directory / ONNX).properties
    for key, value in (
        ("ctnas.space", described["space"]),
        ("ctnas.architecture", described["architecture"]),
    ):
        if properties.get(key) != value:
            reason = f"{ONNX} has {key} {properties.get(key)!r}, network.json {value!r}"
            return Finding("metadata", False, reason)
    return Finding("metadata", True, f"{described['space']}: {described['architecture']}")


def _on_reference(directory: Path) -> Iterator[Finding]:
    """Compare every file with the logits that are stored beside it."""
    with np.load(directory / REFERENCE) as stored:
        images, labels, logits = stored["images"], stored["labels"], stored["logits"]
    ways: dict[str, Callable[[], Callable[[Any], Any]]] = {
        ONNX: lambda: onnx_logits(directory / ONNX),
        PROGRAM: lambda: program_logits(directory / PROGRAM),
        WEIGHTS: lambda: measured_alone(load_network(directory)),
    }
    for name, opened in ways.items():
        title = f"{name} computes what was measured"
        try:
            found = np.asarray(opened()(_tensor(images)))
            agreement = compare(logits, found, labels)
        except (InputFileError, ModelError) as error:
            yield Finding(title, False, str(error))
            return
        yield Finding(title, agreement.passed, str(agreement))
        if not agreement.passed:
            return


def _tensor(images: Any) -> Any:
    import torch

    return torch.from_numpy(images)


def _on_test_images(directory: Path, found: FoundNetwork) -> Finding:
    described = read_description(directory)
    title = f"{ONNX} on all test images"
    if (described["space"], described["architecture"]) != (found.space, found.architecture):
        return Finding(title, False, f"it is {described['architecture']}, not {found.architecture}")
    test = found.splits.test
    expected, logits = logits_of(test, found.measured, onnx_logits(directory / ONNX))
    agreement = compare(expected, logits, test.labels.numpy())
    return Finding(title, agreement.passed, f"accuracy {agreement.accuracy:.2%}; {agreement}")
