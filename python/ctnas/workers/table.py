"""Labels out of a table, for the queries of a ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ctnas.errors import ConfigurationError, LabelError
from ctnas.labels import InvalidRow, LabelSet
from ctnas.labels.blocks import left_out
from ctnas.labels.label import labels_by_text
from ctnas.spaces import GraphSpace, get_space, space_names

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from ctnas.labels.label import Label
    from ctnas.labels.queue import LabelQueue
    from ctnas.spaces import SearchSpace
    from ctnas.workers.config import WorkerConfig
    from ctnas.workers.worker import Measure


def table_measure(
    config: WorkerConfig, table: Path, queue: LabelQueue, say: Callable[[str], None]
) -> Measure:
    """Return what looks up the labels of a table.

    Args:
        config: metric and space, and whether rows that cannot be used are left out.
        table: the file.
        queue: says which space and metric are asked for.
        say: told of such rows.

    Raises:
        CtnasError: if the table cannot be used.
    """
    space = _space(config.space, queue)
    metric = config.metric or queue.metric
    invalid: list[InvalidRow] = []
    measured = LabelSet.read(
        table,
        space,
        metric,
        minimum=1,
        minimize=queue.minimize,
        on_invalid=invalid.append if config.skip_invalid else None,
    )
    if invalid:
        say(left_out(invalid))
    labels = labels_by_text(measured)
    return lambda text: label_of(text, labels, table)


def label_of(text: str, labels: Mapping[str, Label], table: Path) -> Label:
    """Return the label of an architecture.

    Raises:
        LabelError: if the table has none.
    """
    if text not in labels:
        raise LabelError(f"{table} has no label of {text!r}")
    return labels[text]


def _space(declaration: str | None, queue: LabelQueue) -> SearchSpace:
    """Return the space of a queue."""
    name = queue.space_name
    if declaration is None:
        if name not in space_names():
            raise ConfigurationError(
                f"space {name!r} of the study is not built in: give the TOML file that declares it "
                "by --space"
            )
        return get_space(name)
    space = GraphSpace.from_toml(declaration)
    if space.name != name:
        raise ConfigurationError(
            f"{str(declaration)!r} declares space {space.name!r}; the study is of {name!r}"
        )
    return space
