"""Whether an exported comparator is whole, says what it is, and computes one and the same."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ctnas.comparator.runtime import (
    COMPARATOR_FILE,
    FORMAT_VERSION,
    RANKER_FILE,
    declared_space,
)
from ctnas.deployment.agreement import TOLERANCE, differences
from ctnas.deployment.model_file import ModelFile, TensorType
from ctnas.errors import InputFileError, ModelError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ctnas.spaces import SearchSpace

KEYS = ("format", "space", "nodes", "vocabulary", "vocabulary_size", "head", "weights_hash")
"""Metadata that every comparator has, after `ctnas.`."""

_NEWEST_OPSET = 20
"""Newest opset that the oldest ONNX Runtime which ctnas accepts can run."""


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of one check.

    Attributes:
        name: what was checked.
        passed: whether that is as it should be.
        measured: what was found.
    """

    name: str
    passed: bool
    measured: str

    def __str__(self) -> str:
        measured = " ".join(self.measured.split())
        return f"{'ok' if self.passed else 'FAILED':8}{self.name}: {measured}"


@dataclass(frozen=True, slots=True)
class _Pair:
    """Both files of a comparator."""

    comparator: ModelFile
    ranker: ModelFile

    @property
    def both(self) -> tuple[ModelFile, ModelFile]:
        return self.comparator, self.ranker


def check_comparator(
    directory: Path, space: SearchSpace | None = None, count: int = 1000, seed: int = 0
) -> Iterator[Finding]:
    """Check a directory with an exported comparator, one thing after the other.

    Args:
        directory: where `comparator.onnx` and `ranker.onnx` stand.
        space: needed where the comparator's space is a user's own.
        count: number of random architectures on which both graphs have to agree.
        seed: of those architectures.

    Yields:
        What was found; nothing comes after a check that failed.

    Raises:
        InputFileError: if there is no such directory.
        ModelError: if the comparator's space is not built in and was not given.
    """
    if not directory.is_dir():
        raise InputFileError(f"no directory {str(directory)!r}")
    files, pair = _files(directory)
    yield files
    if pair is None:
        return
    for check in (_metadata, _equal_metadata, _opset, _signature, _weights):
        finding = check(pair)
        yield finding
        if not finding.passed:
            return
    chosen = space or declared_space(pair.ranker.properties, pair.ranker.path)
    finding = _space(pair, chosen)
    yield finding
    if finding.passed:
        yield from _agreement(directory, chosen, count, seed)


def _files(directory: Path) -> tuple[Finding, _Pair | None]:
    name = "files"
    try:
        pair = _Pair(*(ModelFile.read(directory / file) for file in (COMPARATOR_FILE, RANKER_FILE)))
    except (InputFileError, ModelError) as error:
        return Finding(name, False, str(error)), None
    sizes = [f"{file.path.name} {file.path.stat().st_size:,} bytes" for file in pair.both]
    return Finding(name, True, ", ".join(sizes)), pair


def _metadata(pair: _Pair) -> Finding:
    name = "metadata"
    for file in pair.both:
        missing = [key for key in KEYS if f"ctnas.{key}" not in file.properties]
        if missing:
            return Finding(name, False, f"{file.path.name} has no ctnas.{missing[0]}")
        found = file.properties["ctnas.format"]
        if found != FORMAT_VERSION:
            reason = f"{file.path.name} has format {found!r}, needed {FORMAT_VERSION!r}"
            return Finding(name, False, reason)
    known = pair.ranker.properties
    described = f"format {known['ctnas.format']}, space {known['ctnas.space']}, "
    sizes = f"{known['ctnas.nodes']} nodes, {known['ctnas.vocabulary_size']} operations"
    return Finding(name, True, described + sizes)


def _equal_metadata(pair: _Pair) -> Finding:
    name = "same metadata in both files"
    comparator, ranker = (file.properties for file in pair.both)
    for key in sorted({*comparator, *ranker}):
        if comparator.get(key) != ranker.get(key):
            found = f"{comparator.get(key)!r} in {COMPARATOR_FILE}, {ranker.get(key)!r} in ranker"
            return Finding(name, False, f"{key} is {found}.onnx")
    return Finding(name, True, f"{len(ranker)} entries")


def _opset(pair: _Pair) -> Finding:
    for file in pair.both:
        if set(file.opsets) != {""} or file.opsets[""] > _NEWEST_OPSET:
            found = ", ".join(f"{domain or 'ai.onnx'} {at}" for domain, at in file.opsets.items())
            allowed = f"ai.onnx up to {_NEWEST_OPSET}"
            reason = f"{file.path.name} needs {found or 'none'}: allowed is {allowed}"
            return Finding("opset", False, reason)
    return Finding("opset", True, f"{pair.comparator.opsets['']} and {pair.ranker.opsets['']}")


def _signature(pair: _Pair) -> Finding:
    name = "inputs and outputs"
    nodes = pair.ranker.properties["ctnas.nodes"]
    if not nodes.isdecimal():
        return Finding(name, False, f"ctnas.nodes is {nodes!r}, not a number")
    for file, suffixes, outputs in (
        (pair.comparator, ("_a", "_b"), ("probability",)),
        (pair.ranker, ("",), ("challenger_logit", "opponent_logit")),
    ):
        needed = [*_graph_inputs(suffixes, int(nodes)), *_scores(outputs)]
        found = [*file.inputs, *file.outputs]
        if sorted(map(str, found)) != sorted(map(str, needed)):
            has, needs = (", ".join(map(str, tensors)) for tensors in (found, needed))
            return Finding(name, False, f"{file.path.name} has {has}; needed {needs}")
    return Finding(name, True, ", ".join(map(str, [*pair.ranker.inputs, *pair.ranker.outputs])))


def _graph_inputs(suffixes: tuple[str, ...], nodes: int) -> list[TensorType]:
    shapes = (("adjacency", "uint8", (None, nodes, nodes)), ("operations", "int64", (None, nodes)))
    return [
        TensorType(name + suffix, dtype, shape)
        for suffix in suffixes
        for name, dtype, shape in shapes
    ]


def _scores(names: tuple[str, ...]) -> list[TensorType]:
    return [TensorType(name, "float32", (None,)) for name in names]


def _weights(pair: _Pair) -> Finding:
    """Compare the hash that the metadata promise with the weights that each file holds."""
    name = "weights hash"
    for file in pair.both:
        promised = file.properties["ctnas.weights_hash"]
        if file.weights_hash != promised:
            reason = f"{file.path.name} holds {file.weights_hash}, its metadata say {promised}"
            return Finding(name, False, reason)
    return Finding(name, True, pair.ranker.weights_hash)


def _space(pair: _Pair, space: SearchSpace) -> Finding:
    known = pair.ranker.properties
    expected = {
        "ctnas.space": space.name,
        "ctnas.nodes": str(space.nodes),
        "ctnas.vocabulary": json.dumps(space.vocabulary),
        "ctnas.vocabulary_size": str(len(space.vocabulary)),
    }
    for key, value in expected.items():
        if known[key] != value:
            return Finding("space", False, f"{key} is {known[key]!r}, needed {value!r}")
    return Finding("space", True, f"{space.name} as this version of ctnas knows it")


def _agreement(directory: Path, space: SearchSpace, count: int, seed: int) -> Iterator[Finding]:
    name = f"{COMPARATOR_FILE} and {RANKER_FILE} agree"
    limit = f"on {count:,} random pairs, allowed {TOLERANCE:.0e}"
    try:
        for way, difference in differences(directory, space, count, seed):
            passed = difference <= TOLERANCE
            yield Finding(name, passed, f"in {way} they differ by {difference:.1e} {limit}")
            if not passed:
                return
    except ModelError as error:
        yield Finding(name, False, str(error))
