"""Tables of subnets of the once-for-all network: depths, kernel sizes, expansion ratios."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ctnas.labels.blocks import ARCHITECTURE, SUBNET_COLUMNS, Block

if TYPE_CHECKING:
    from collections.abc import Sequence

_KEYS = ("d", "ks", "e")


def with_architectures(table: Block) -> Block:
    """Return a table with a column `architecture`, made of the three of a once-for-all table.

    Each of the three holds numbers joined by hyphens. What does not goes into the text as it
    stands, so that parsing names the row. Other tables are returned as they are.
    """
    if ARCHITECTURE in table.cells or not set(SUBNET_COLUMNS) <= set(table.cells):
        return table
    rows = zip(*(table.cells[column] for column in SUBNET_COLUMNS), strict=True)
    cells = {name: c for name, c in table.cells.items() if name not in SUBNET_COLUMNS}
    return Block(table.rows, {ARCHITECTURE: [_text(row) for row in rows], **cells}, table.malformed)


def _text(lists: Sequence[object]) -> str:
    entries = (
        f'"{key}": [{str(values).replace("-", ", ")}]'
        for key, values in zip(_KEYS, lists, strict=True)
    )
    return f"{{{', '.join(entries)}}}"
