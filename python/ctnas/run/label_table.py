"""The table that a run takes its labels from, read before anything else is done."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ctnas.errors import LabelError
from ctnas.labels import InvalidRow, LabelSet
from ctnas.labels.decision_table import space_of_table
from ctnas.labels.label_tables import whole_table
from ctnas.spaces import GraphSpace, get_space

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ctnas.run.config import RunConfig
    from ctnas.spaces import SearchSpace


def read_label_table(
    config: RunConfig, say: Callable[[str], None]
) -> tuple[RunConfig, LabelSet | None]:
    """Read the table of a run, if it has one, and say how much of it is used.

    Args:
        config: names the table, its metric and the space.
        say: shows a line.

    Returns:
        The settings, in which the number of queries is known, and all labels that can be used.

    Raises:
        CtnasError: if the table cannot be used.
    """
    if config.labels is None:
        # Later versions may have another default.
        return replace(config, queries=config.total_queries), None
    invalid: list[InvalidRow] = []
    labels = LabelSet.read(
        config.labels,
        _space(config, config.labels, say),
        config.metric,
        minimize=config.minimize,
        repeated=config.repeated,
        on_invalid=invalid.append if config.skip_invalid else None,
    )
    try:
        labels.require()
    except LabelError as error:
        raise LabelError(f"{config.labels}: {error}") from None
    if config.queries is None:
        config = replace(config, queries=len(labels))
    say(_used(config, labels))
    if invalid:
        count = f"{len(invalid):,} of the rows"
        say(f"Left out, as it cannot be used: {count}; the first is {invalid[0]}")
    return config, labels


def _space(config: RunConfig, table: Path, say: Callable[[str], None]) -> SearchSpace:
    """Return the space of a run: columns of its table, declared in a file, or built in."""
    if config.decisions:
        space, line = space_of_table(table, whole_table(table), config.decisions, config.metric)
        say(line)
        return space
    if config.space.endswith(".toml"):
        return GraphSpace.from_toml(config.space)
    return get_space(config.space)


def _used(config: RunConfig, labels: LabelSet) -> str:
    """Say how many labels of how many are used."""
    used = min(config.total_queries, len(labels))
    direction = ", lower is better" if labels.minimize else ""
    line = (
        f"Labels: {used:,} of {len(labels):,} in {config.labels}, metric {labels.metric}{direction}"
    )
    measurements = int(labels.counts.sum())
    if measurements > len(labels):
        line += f"; {measurements:,} measurements of {len(labels):,} architectures"
    if used < config.total_queries:
        line += f"; fewer than the {config.total_queries:,} of --queries"
    return line
