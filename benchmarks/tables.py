"""Tables between markers in a Markdown page, and what programs print turned into such tables."""

from __future__ import annotations

import csv
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

BLOCK = re.compile(r"(<!-- table: (?P<name>[\w-]+) -->\n)(?P<table>.*?)(<!-- end -->)", re.DOTALL)
DIGITS = {"accuracy": 2, "rank": 4, "best_label_rank": 4, "tau": 3, "tau_100": 3, "core": 3}


def names(page: str) -> list[str]:
    """Return the names of the marked tables of a page, in their order."""
    return [found["name"] for found in BLOCK.finditer(page)]


def replaced(page: str, tables: dict[str, str]) -> str:
    """Return a page with these tables in place of those between its markers."""

    def put(found: re.Match[str]) -> str:
        table = tables.get(found["name"])
        return found[0] if table is None else f"{found[1]}{table.strip()}\n{found[4]}"

    return BLOCK.sub(put, page)


def printed_table(text: str) -> str:
    """Return the rows of Markdown tables that a program has printed; else all of it, as it is."""
    rows = [line for line in text.splitlines() if line.startswith("|")]
    return "\n".join(rows) if rows else f"```\n{text.strip()}\n```"


def reproduced_table(path: Path) -> str:
    """Return the table of what `ctnas-reproduce` has written, ours beside the paper's."""
    rows = [
        "| | figure | paper | its best | here | best here | runs |",
        "|---|---|---|---|---|---|---|",
    ]
    with path.open(newline="") as file:
        for row in csv.DictReader(file):
            digits = DIGITS.get(row["figure"], 1)
            cells = (
                *(row["line"], row["figure"]),
                *(_spread(row["paper_mean"], row["paper_deviation"], digits),),
                *(
                    _number(row["paper_best"], digits),
                    _spread(row["mean"], row["deviation"], digits),
                ),
                *(_number(row["best"], digits), row["runs"]),
            )
            rows.append(f"| {' | '.join(cells)} |")
    return "\n".join(rows)


def _number(text: str, digits: int) -> str:
    return f"{float(text):.{digits}f}" if text not in ("", "nan") else ""


def _spread(mean: str, deviation: str, digits: int) -> str:
    shown = _number(mean, digits)
    return f"{shown} ± {_number(deviation, digits)}" if _number(deviation, digits) else shown
