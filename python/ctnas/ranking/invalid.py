"""The side file that lists the rows which could not be used."""

from __future__ import annotations

import csv
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from ctnas.app.atomic import replacing

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ctnas.labels.blocks import InvalidRow


class InvalidRowList:
    """Writes invalid rows down as they come.

    Attributes:
        count: how many there were.
    """

    def __init__(self, writer: Any) -> None:
        self._writer = writer
        self.count = 0

    def add(self, row: InvalidRow) -> None:
        """Write one row."""
        self._writer.writerow([row.path, row.row, row.text, row.reason])
        self.count += 1


@contextmanager
def listing_invalid(path: Path) -> Iterator[InvalidRowList]:
    """Write the invalid rows of a block of code to a CSV file, which appears when it succeeds.

    The file has the columns file, row, text and reason, and is there even if no row was invalid.
    """
    with replacing(path) as temporary, temporary.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(["file", "row", "text", "reason"])
        yield InvalidRowList(writer)
