"""Checks that any search space must pass; run them in the tests of a space of your own.

Example:
    >>> import ctnas
    >>> from ctnas.testing import check_space
    >>> check_space(ctnas.get_space("nasbench201"))
"""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING

import numpy as np

from ctnas.architecture import INPUT, OUTPUT, PADDING, ArchitectureBatch, without_dead_nodes
from ctnas.errors import ArchitectureError, SpaceError

if TYPE_CHECKING:
    from ctnas.architecture import GraphBatch
    from ctnas.spaces.space import SearchSpace

_SMALL = 20_000
"""Spaces of at most so many architectures are enumerated."""


def check_space(space: SearchSpace, samples: int = 200, seed: int = 0) -> None:
    """Check every invariant that a search space must keep.

    Args:
        space: the space.
        samples: how many architectures are drawn, at most the size of the space.
        seed: of the draws.

    Raises:
        AssertionError: naming the invariant that is broken, and where.
    """
    generator = np.random.default_rng(seed)
    _check_description(space)
    count = min(samples, space.size)
    drawn = space.sample(count, seed)
    _check_sampling(space, drawn, seed)
    _check_round_trip(space, drawn)
    _check_rows_of_a_policy(space, count, generator)
    _check_graphs(space, space.graphs(drawn), "drawn architectures")
    _check_empty_batch(space)
    _check_costs(space, drawn)
    _check_refusals(space, drawn, generator)
    if space.size <= _SMALL:
        _check_enumeration(space)


def _require(condition: object, message: str) -> None:
    if not condition:
        raise AssertionError(message)


def _check_description(space: SearchSpace) -> None:
    _require(space.name and space.name == space.name.strip(), "the space has no proper name")
    names = [decision.name for decision in space.decisions]
    _require(names, "the space has no decisions")
    _require(len(set(names)) == len(names), f"decision names repeat: {names}")
    for decision in space.decisions:
        distinct = len(set(decision.choices)) == len(decision.choices)
        _require(decision.choices and distinct, f"choices repeat or lack: {decision}")
    start = ("padding", "input", "output")
    _require(space.vocabulary[:3] == start, f"a vocabulary starts {start}: {space.vocabulary}")
    distinct = len(set(space.vocabulary)) == len(space.vocabulary)
    _require(distinct, f"operations repeat in the vocabulary: {space.vocabulary}")
    strange = set(space.identities) - set(space.vocabulary[3:])
    _require(not strange, f"identities are not in the vocabulary: {strange}")


def _check_sampling(space: SearchSpace, drawn: ArchitectureBatch, seed: int) -> None:
    count = len(drawn)
    space.check(drawn)
    _require(len(np.unique(drawn.decisions, axis=0)) == count, "sampling repeats architectures")
    _require(space.sample(count, seed) == drawn, "the same seed draws other architectures")
    advanced = np.random.default_rng(seed)
    _require(space.sample(count, advanced) == drawn, "a generator draws other than its seed")
    if space.size > 10 * count:
        _require(space.sample(count, advanced) != drawn, "a generator is not advanced")
    # Where rows and architectures are the same, every decision is drawn by itself.
    if count >= 50 and space.size == prod(len(decision) for decision in space.decisions):
        for column, decision in zip(drawn.decisions.T, space.decisions, strict=True):
            varies = len(decision) == 1 or len(np.unique(column)) > 1
            _require(varies, f"sampling never varies decision {decision.name!r}")
    try:
        space.sample(space.size + 1, seed)
    except SpaceError:
        return
    raise AssertionError("more architectures are drawn than the space has")


def _check_round_trip(space: SearchSpace, drawn: ArchitectureBatch) -> None:
    texts = space.format(drawn)
    _require(len(set(texts)) == len(texts), "two different architectures have the same text")
    one_line = all(text == text.strip() and text.isprintable() and text for text in texts)
    _require(one_line, "a text is empty, padded with blanks or longer than a line")
    parsed = space.parse(texts)
    for row, text in enumerate(texts):
        same = np.array_equal(parsed.decisions[row], drawn.decisions[row])
        _require(same, f"text {text!r} is parsed to another row of decisions")
    padded = space.parse([f" {text}\n" for text in texts])
    _require(padded == drawn, "blanks around a text change its meaning")


def _check_rows_of_a_policy(space: SearchSpace, count: int, generator: np.random.Generator) -> None:
    """A policy may emit any row: each must be an architecture that survives as text."""
    shape = (count, len(space.decisions))
    rows = generator.integers(0, space.choices, size=shape, dtype=np.int16)
    rows = rows[space.allowed(ArchitectureBatch(space.name, rows))]
    batch = space.batch(rows.copy())
    graphs, texts = space.graphs(batch), space.format(batch)
    _check_graphs(space, graphs, "arbitrary rows")
    _require(np.array_equal(batch.decisions, rows), "graphs or format change their argument")
    parsed = space.parse(texts)
    _require(space.format(parsed) == texts, "format(parse(text)) is another text")
    _require(_equal(space.graphs(parsed), graphs), "parse(format(row)) has another graph")
    one_by_one = [space.graphs(batch[[row]]) for row in range(min(len(rows), 20))]
    alike = all(_equal(graph, graphs[[row]]) for row, graph in enumerate(one_by_one))
    _require(alike, "the graph of an architecture depends on the batch around it")


def _equal(a: GraphBatch, b: GraphBatch) -> bool:
    return np.array_equal(a.adjacency, b.adjacency) and np.array_equal(a.operations, b.operations)


def _check_graphs(space: SearchSpace, graphs: GraphBatch, where: str) -> None:
    operations, adjacency = graphs.operations, graphs.adjacency
    _require(graphs.nodes == space.nodes, f"graphs have {graphs.nodes} nodes, not {space.nodes}")
    inside = (operations >= 0) & (operations < len(space.vocabulary))
    _require(inside.all(), f"{where}: an operation id is outside of the vocabulary")
    _require(adjacency.max(initial=0) <= 1, f"{where}: an adjacency is neither 0 nor 1")
    acyclic = not np.tril(adjacency).any()
    _require(acyclic, f"{where}: nodes are not in topological order (or there is a cycle)")
    exists = operations != PADDING
    touching = adjacency * (1 - exists[:, :, None] * exists[:, None, :])
    _require(not touching.any(), f"{where}: a padding node has edges")
    closed = (exists[:, :-1] | ~exists[:, 1:]).all()
    _require(closed, f"{where}: padding does not stand at the end")
    ends = (operations == INPUT).any(axis=1) & ((operations == OUTPUT).sum(axis=1) == 1)
    _require(ends.all(), f"{where}: a graph has no input, or not exactly one output")
    _require(_equal(without_dead_nodes(graphs), graphs), f"{where}: dead nodes are left")


def _check_empty_batch(space: SearchSpace) -> None:
    empty = space.parse([])
    _require(space.format(empty) == [], "an empty batch has texts")
    shape = space.graphs(empty).adjacency.shape
    _require(shape == (0, space.nodes, space.nodes), f"an empty batch has graphs of shape {shape}")


def _check_costs(space: SearchSpace, drawn: ArchitectureBatch) -> None:
    costs = space.costs(drawn)
    if costs is None:
        return
    for name, values in (("madds", costs.madds), ("parameters", costs.parameters)):
        fits = values.shape == (len(drawn),) and values.dtype == np.float64
        _require(fits, f"{name} are {values.dtype} {values.shape}, not float64 ({len(drawn)},)")
        sound = np.isfinite(values).all() and (values >= 0).all()
        _require(sound, f"{name} are not finite and positive")


def _check_refusals(
    space: SearchSpace, drawn: ArchitectureBatch, generator: np.random.Generator
) -> None:
    """Bad rows and texts end in an ArchitectureError, whatever is wrong with them."""
    _require_refused(space, drawn.decisions[:, :-1], "a row that is too short")
    beyond = drawn.decisions.copy()
    beyond[-1, -1] = len(space.decisions[-1])
    _require_refused(space, beyond, "a choice that does not exist")
    try:
        space.graphs(ArchitectureBatch(f"not {space.name}", drawn.decisions))
    except ArchitectureError:
        pass
    else:
        raise AssertionError("architectures of another space are taken")
    for text in ["", "nonsense", *_damaged(space.format(drawn[:50]), generator)]:
        try:
            space.check(space.parse([text]))
        except ArchitectureError:
            continue
        except Exception as error:
            message = f"text {text!r} ends in {error!r}, not in an ArchitectureError"
            raise AssertionError(message) from error
        _require(text not in {"", "nonsense"}, f"text {text!r} is taken for an architecture")


def _require_refused(space: SearchSpace, rows: np.ndarray[tuple[int, int]], what: str) -> None:
    try:
        space.batch(np.ascontiguousarray(rows, dtype=np.int16))
    except ArchitectureError:
        return
    raise AssertionError(f"{what} is taken for an architecture")


def _damaged(texts: list[str], generator: np.random.Generator) -> list[str]:
    """Return texts from which one character is missing, doubled or exchanged."""
    damaged = []
    for text in texts:
        at = int(generator.integers(len(text)))
        middle = ["", 2 * text[at], chr(int(generator.integers(32, 127)))]
        damaged.append(text[:at] + middle[int(generator.integers(3))] + text[at + 1 :])
    return damaged


def _check_enumeration(space: SearchSpace) -> None:
    everything = space.enumerate()
    space.check(everything)
    size = len(everything)
    _require(size == space.size, f"enumeration gives {size} architectures, not {space.size}")
    distinct = len(np.unique(everything.decisions, axis=0)) == size
    _require(distinct, "enumeration repeats architectures")
    _require(space.parse(space.format(everything)) == everything, "text does not round-trip")
    positions = {row.tobytes(): at for at, row in enumerate(everything.decisions)}
    drawn = space.sample(max(1, size // 4), seed=0).decisions
    known = all(row.tobytes() in positions for row in drawn)
    _require(known, "sampling draws architectures that enumeration does not have")
    # The mean of many uniform positions is normal, with standard deviation size / sqrt(12 n).
    mean = np.mean([positions[row.tobytes()] for row in drawn])
    deviation = abs(mean - (size - 1) / 2) / (size / np.sqrt(12 * len(drawn)))
    _require(deviation < 6, f"sampling is not uniform: {deviation:.1f} standard deviations off")
