"""What every search space offers: decisions <-> graph <-> text, sampling, enumeration, cost."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from ctnas.architecture import (
    ArchitectureBatch,
    BoolArray,
    Float64Array,
    GraphBatch,
    Int16Array,
    without_dead_nodes,
)
from ctnas.checked import check_type, checked_texts, json_text, seeded, text_of, whole
from ctnas.errors import ArchitectureError, SpaceError
from ctnas.spaces.text_form import compiled_text, read_texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from ctnas import _core
    from ctnas.architecture import UInt64Array
    from ctnas.spaces.activity import Activity
    from ctnas.spaces.decision import Choice, Decision
    from ctnas.spaces.tables import SpaceTables

ENUMERABLE = 50_000_000
"""Spaces with more rows of decisions than this are not enumerated."""


@dataclass(frozen=True, slots=True)
class Costs:
    """What architectures cost.

    Attributes:
        madds: float64 [N], multiply-adds of one forward pass at batch 1.
        parameters: float64 [N], number of trainable parameters.
    """

    madds: Float64Array
    parameters: Float64Array


class SearchSpace:
    """A set of architectures. An architecture in it is a row of decisions.

    A subclass says how a row is wired into a graph (as tables that the core runs, or by `_wire`)
    and how it is written as text; all the rest follows. `ctnas.testing.check_space`
    runs every invariant that a space must keep.

    Attributes:
        name: what `get_space` and an exported comparator call it.
        decisions: the T decisions, in the order in which a policy takes them.
        vocabulary: names of the operation ids; padding, input and output come first.
        nodes: V, the largest number of nodes of a graph.
        identities: names of the operations that pass on what they get. A comparator also looks at
            graphs that have edges in their place, in which equal computations look alike.
        text: how architectures are written, where the core does it: `{decision}` stands for its
            choice, `{decision:2}` for the second of the parts that commas divide the choice into,
            and `[...]` for what is there only where the first decision in it is active. "" is
            `decision=choice,decision=choice`. None where `_format_one` and `_parse_one` do it.
    """

    name: str
    decisions: tuple[Decision, ...]
    vocabulary: tuple[str, ...]
    nodes: int
    identities: tuple[str, ...] = ()
    text: str | None = None

    def _tables(self) -> SpaceTables | None:
        """Return nodes and edges as tables that the core runs, or None: `_wire` is called."""
        return None

    def _wire(self, decisions: Int16Array) -> GraphBatch:
        """Return the graphs of valid rows int16 [N, T]; dead nodes may still be in them."""
        raise NotImplementedError(f"space {self.name!r} has neither tables nor a wiring")

    def _conditions(self) -> Activity | None:
        """Return which decisions matter where, or None: all of them always do."""
        return None

    @cached_property
    def tables(self) -> SpaceTables | None:
        """Nodes and edges as functions of few decisions each, or None where they are not that."""
        return self._tables()

    @cached_property
    def core(self) -> _core.Space | None:
        """The space as the core runs it, or None where only Python can wire it."""
        tables = self._tables()
        return None if tables is None else self._compiled(tables)

    def _compiled(self, tables: SpaceTables) -> _core.Space:
        return tables.compiled(self.choices.tolist(), self._conditions())

    def __getstate__(self) -> dict[str, object]:
        """Leave out what is compiled: it is compiled again where it is needed."""
        compiled = ("core", "text_form")
        return {name: value for name, value in self.__dict__.items() if name not in compiled}

    @cached_property
    def text_form(self) -> _core.SpaceText | None:
        """What writes and reads texts in the core, or None where only Python can."""
        return self._text_form()

    def _text_form(self) -> _core.SpaceText | None:
        if self.text is None:
            return None
        return compiled_text(self.decisions, self._conditions(), self.text)

    def _format_one(self, row: Sequence[int]) -> str:
        """Return one valid row as text."""
        raise NotImplementedError(f"space {self.name!r} has neither a text nor _format_one")

    def _parse_one(self, text: str) -> Sequence[int]:
        """Return the row that `text` stands for; raise ArchitectureError saying what is wrong.

        Where the core reads texts, this is asked about those that it cannot read.
        """
        if self.text_form is None:
            raise NotImplementedError(f"space {self.name!r} has neither a text nor _parse_one")
        row: Sequence[int] = self.text_form.parse_one(printable(text)).tolist()
        return row

    @cached_property
    def size(self) -> int:
        """How many architectures there are."""
        return self._rows

    @property
    def _rows(self) -> int:
        """How many rows of choices there are."""
        return prod(len(decision) for decision in self.decisions)

    @cached_property
    def choices(self) -> Int16Array:
        """The number of choices of each decision, int16 [T]."""
        return np.array([len(decision) for decision in self.decisions], dtype=np.int16)

    def batch(self, decisions: Int16Array) -> ArchitectureBatch:
        """Return rows int16 [N, T] as a batch of this space, checked.

        Raises:
            ArchitectureError: if a row has another length, names a choice that does not exist, or
                breaks a constraint of the space.
        """
        batch = ArchitectureBatch(self.name, decisions)
        self.check(batch)
        self._check_constraints(batch, first_row=0)
        return batch

    def check(self, batch: ArchitectureBatch) -> None:
        """Raise ArchitectureError unless `batch` belongs to this space."""
        check_type("architectures", batch, ArchitectureBatch, "space.parse makes one of texts")
        if batch.space != self.name:
            raise ArchitectureError(
                f"architectures of space {batch.space!r} are not in space {self.name!r}"
            )
        if batch.decisions.shape[1] != len(self.decisions):
            raise ArchitectureError(
                f"an architecture of space {self.name!r} has {len(self.decisions)} decisions, "
                f"not {batch.decisions.shape[1]}"
            )
        wrong = (batch.decisions < 0) | (batch.decisions >= self.choices)
        if wrong.any():
            row, column = (int(index) for index in np.argwhere(wrong)[0])
            decision = self.decisions[column]
            raise ArchitectureError(
                f"row {row}, decision {decision.name!r}: choice {batch.decisions[row, column]} "
                f"is not in 0..{len(decision) - 1}"
            )

    def allowed(self, batch: ArchitectureBatch) -> BoolArray:
        """Return which rows keep the constraints of the space, bool [N]; all where it has none.

        `batch` and `parse` refuse those that do not; a row that a search makes may break them.
        """
        self.check(batch)
        return np.ones(len(batch), dtype=np.bool_)

    @property
    def is_constrained(self) -> bool:
        """Whether some rows of choices are no architectures."""
        return False

    def _refusal(self, batch: ArchitectureBatch) -> str:
        """Return which constraint one architecture breaks."""
        raise NotImplementedError(f"space {self.name!r} does not say what it refuses")

    def _check_constraints(self, batch: ArchitectureBatch, first_row: int) -> None:
        if not self.is_constrained:
            return
        refused = np.flatnonzero(~self.allowed(batch))
        if len(refused):
            row = int(refused[0])
            raise ArchitectureError(f"row {row + first_row}: {self._refusal(batch[[row]])}")

    def graphs(self, batch: ArchitectureBatch) -> GraphBatch:
        """Return the architecture graphs (Fig. 3) without their dead nodes.

        Args:
            batch: N architectures of this space.

        Returns:
            N graphs of `nodes` nodes with operation ids that index `vocabulary`.
        """
        self.check(batch)
        if self.core is None:
            return without_dead_nodes(self._wire(batch.decisions))
        return GraphBatch(*self.core.graphs(np.ascontiguousarray(batch.decisions)))

    def graph_hashes(self, batch: ArchitectureBatch) -> UInt64Array:
        """Return 64 bits of each architecture, uint64 [N], equal for equal graphs."""
        self.check(batch)
        if self.core is not None:
            return self.core.hashes(np.ascontiguousarray(batch.decisions))
        graphs = self.graphs(batch)
        edges = graphs.adjacency.reshape(len(batch), self.nodes**2)
        flat = np.concatenate([graphs.operations, edges], axis=1)
        digests = (blake2b(row.tobytes(), digest_size=8).digest() for row in flat)
        return np.frombuffer(b"".join(digests), dtype=np.uint64)

    def format(self, batch: ArchitectureBatch) -> list[str]:
        """Return one text an architecture; `parse` is its inverse."""
        self.check(batch)
        if self.text_form is None:
            return [self._format_one(row) for row in batch.decisions.tolist()]
        return self.text_form.format(np.ascontiguousarray(batch.decisions))

    def parse(self, texts: Iterable[str]) -> ArchitectureBatch:
        """Return the architectures that `texts` (an iterable, or an Arrow array) stand for.

        A mapping is read as the JSON text of it, such as the settings of a once-for-all subnet;
        one alone is one architecture.

        Raises:
            InvalidTypeError: if it is one text, or nothing that holds texts.
            ArchitectureError: naming the row (counted from 1), the text and what is wrong with it.
        """
        entries: Any = checked_texts(texts)
        if not hasattr(entries, "to_pylist"):
            entries = list(entries)
        found = None if self.text_form is None else read_texts(self.text_form, entries)
        if found is None:
            found = self._no_rows(len(entries)), np.arange(len(entries))
        rows, unread = found
        for place in unread.tolist():
            try:
                rows[place] = self._parse_one(text_of(_entry(entries, place), self._mapping_text))
            except ArchitectureError as error:
                raise ArchitectureError(f"row {place + 1}: {error}") from None
        batch = ArchitectureBatch(self.name, rows)
        self._check_constraints(batch, first_row=1)
        return batch

    def _no_rows(self, count: int) -> Int16Array:
        return np.zeros((count, len(self.decisions)), dtype=np.int16)

    def _mapping_text(self, mapping: Mapping[str, object]) -> str:
        """Return the text of an architecture that came as a mapping."""
        return json_text(mapping)

    def active(self, batch: ArchitectureBatch) -> BoolArray:
        """Return which decisions matter in each architecture, bool [N, T].

        One that others switch off (the width of a layer that is not there) may say anything.
        """
        self.check(batch)
        conditions = self._conditions()
        if conditions is None:
            return np.ones(batch.decisions.shape, dtype=np.bool_)
        return conditions(batch.decisions)

    @property
    def active_when(self) -> dict[str, dict[str, list[Choice]]]:
        """For each decision that is not always active, what others must have chosen."""
        conditions = self._conditions()
        return {
            self.decisions[column].name: {
                self.decisions[deciding].name: [
                    choice
                    for choice, holds in zip(self.decisions[deciding].choices, allowed, strict=True)
                    if holds
                ]
                for deciding, allowed in when
            }
            for column, when in (conditions.in_order() if conditions else [])
        }

    def canonical(self, batch: ArchitectureBatch) -> ArchitectureBatch:
        """Return the architectures as their texts say them.

        A decision that changes nothing may say anything in a batch; here it says what `parse` makes
        of it.
        """
        if self.core is None:
            return self.parse(self.format(batch))
        self.check(batch)
        rows = self.core.canonical(np.ascontiguousarray(batch.decisions))
        return ArchitectureBatch(self.name, rows)

    def sample(self, count: int, seed: int | np.random.Generator) -> ArchitectureBatch:
        """Draw `count` architectures uniformly, without repetition.

        Args:
            count: how many.
            seed: an integer, or a generator that is advanced.

        Raises:
            SpaceError: if the space has fewer than `count` architectures.
        """
        count = self._checked_count(count)
        generator = np.random.default_rng(seeded(seed))
        if self.size <= ENUMERABLE:
            ranks = generator.choice(self.size, size=count, replace=False)
            rows = np.stack(np.unravel_index(ranks, tuple(self.choices)), axis=1)
            return ArchitectureBatch(self.name, rows.astype(np.int16))
        return self._distinct_draws(count, generator)

    def _checked_count(self, count: int) -> int:
        """Return how many are wanted; raise SpaceError if there are fewer."""
        count = whole("count", count, 0)
        if count > self.size:
            raise SpaceError(
                f"space {self.name!r} has {self.size:,} architectures, fewer than {count:,}"
            )
        return count

    def _distinct_draws(self, count: int, generator: np.random.Generator) -> ArchitectureBatch:
        """Draw rows until there are enough that differ."""
        drawn = np.empty((0, len(self.decisions)), dtype=np.int16)
        while len(drawn) < count:
            drawn = np.concatenate([drawn, self._draw(count - len(drawn), generator)])
            _, first = np.unique(drawn, axis=0, return_index=True)
            drawn = drawn[np.sort(first)]
        return ArchitectureBatch(self.name, drawn)

    def _draw(self, count: int, generator: np.random.Generator) -> Int16Array:
        """Draw rows uniformly, repetitions allowed."""
        return generator.integers(0, self.choices, size=(count, len(self.choices)), dtype=np.int16)

    def enumerate(self) -> ArchitectureBatch:
        """Return every architecture, in ascending order of decisions.

        Raises:
            SpaceError: if there are more than `ENUMERABLE`.
        """
        return ArchitectureBatch(self.name, self._all_rows())

    def _all_rows(self) -> Int16Array:
        """Return every row of choices in ascending order, int16 [N, T]."""
        if self._rows > ENUMERABLE:
            raise SpaceError(f"space {self.name!r} is too large to enumerate ({self._rows:.1e})")
        rows = np.indices(tuple(int(n) for n in self.choices), dtype=np.int16)
        return np.ascontiguousarray(rows.reshape(len(rows), -1).T)

    def is_distinct(self, batch: ArchitectureBatch) -> BoolArray:
        """Return which architectures have a graph that no earlier one of the batch has ([N])."""
        hashes = self.graph_hashes(batch)
        distinct = np.zeros(len(batch), dtype=np.bool_)
        distinct[np.unique(hashes, return_index=True)[1]] = True
        return distinct

    def cheapest(self) -> ArchitectureBatch | None:
        """Return one architecture with the fewest multiply-adds, or None where that is unknown."""
        if self.size > ENUMERABLE:
            return None
        batch = self.enumerate()
        costs = self.costs(batch)
        return None if costs is None else batch[[int(costs.madds.argmin())]]

    def costs(self, batch: ArchitectureBatch) -> Costs | None:
        """Return multiply-adds and parameters, or None where the space does not know them."""
        self.check(batch)
        return None


def _entry(texts: Any, place: int) -> object:
    """Return one entry of a list or an Arrow array."""
    return texts[place] if isinstance(texts, list) else texts[place].as_py()


def printable(text: str) -> str:
    """Return a text with escapes in place of what is no UTF-8."""
    return text.encode("utf-8", "backslashreplace").decode()
