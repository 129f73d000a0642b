"""What a run directory holds, finished or not."""

from __future__ import annotations

import json
import tomllib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from ctnas.errors import CtnasError, InputFileError
from ctnas.report.label_place import label_place

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from ctnas.architecture import BoolArray, Float64Array, Int64Array

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class History:
    """The search, one entry an iteration (`history.parquet`).

    Attributes:
        iteration: int64 [N].
        reward: float64 [N], as are entropy and loss.
        entropy: of the policy.
        loss: of the comparator.
        kendall_tau: float64 [N], NaN where it was not computed.
        baseline: the baseline architecture, as text.
    """

    iteration: Int64Array
    reward: Float64Array
    entropy: Float64Array
    loss: Float64Array
    kendall_tau: Float64Array
    baseline: list[str]


@dataclass(frozen=True, slots=True)
class Predictions:
    """What the comparator says of the labels (`predictions.parquet`).

    Attributes:
        label: float64 [N].
        win_probability: float64 [N], Eq. 5.
        held_out: bool [N], whether the comparator has not learned from the label.
    """

    label: Float64Array
    win_probability: Float64Array
    held_out: BoolArray


@dataclass(frozen=True, slots=True)
class Labels:
    """The ledger (`labels.db`), in the order of writing.

    Attributes:
        space: name of the search space.
        metric: name of what the labels measure.
        values: float64 [N], as they were measured.
        seconds: float64 [N], when each was known, counted from the first; never falls, even where
            the clock was set back.
        found: bool [N], whether it is a candidate of the search and not of the sample.
        asked: bool [N], whether it was asked in a round, because much was expected of it.
        minimize: whether lower is better.
    """

    space: str
    metric: str
    values: Float64Array
    seconds: Float64Array
    found: BoolArray
    asked: BoolArray
    minimize: bool = False

    @property
    def best(self) -> float | None:
        """The best label, if there is one."""
        if not len(self.values):
            return None
        return float(self.values.min() if self.minimize else self.values.max())


@dataclass(frozen=True, slots=True)
class RunRecord:
    """Everything that a report is made of; what is missing is empty and named in `missing`.

    Attributes:
        name: name of the run directory.
        configuration: `config.toml` as it is.
        settings: the same, parsed.
        summary: `summary.json`.
        labels: the ledger.
        history: the search.
        ranking: rows of `ranking.csv`, every cell a text or None.
        predictions: what the comparator says of the labels.
        pareto: rows of `pareto.csv`, every cell a text or None.
        objectives: rows of `objectives.csv`, every cell a text or None.
        files: names of the other files of the run.
        missing: one line for everything that is not there or unreadable.
    """

    name: str
    configuration: str = ""
    settings: dict[str, Any] = field(default_factory=dict)
    summary: dict[str, Any] = field(default_factory=dict)
    labels: Labels | None = None
    history: History | None = None
    ranking: list[dict[str, str | None]] = field(default_factory=list)
    predictions: Predictions | None = None
    pareto: list[dict[str, str | None]] = field(default_factory=list)
    objectives: list[dict[str, str | None]] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)

    @property
    def space(self) -> str | None:
        """Name of the search space, from wherever it is known."""
        if self.summary.get("space"):
            return str(self.summary["space"])
        if self.labels is not None:
            return self.labels.space
        space = self.settings.get("space")
        return space if isinstance(space, str) else None

    @property
    def metric(self) -> str:
        """Name of what the labels measure."""
        if self.summary.get("metric"):
            return str(self.summary["metric"])
        return "label" if self.labels is None else self.labels.metric


def read_run(directory: Path, storage: str | None = None) -> RunRecord:
    """Read a run directory; a file that is missing or damaged is no error.

    Args:
        directory: the run directory.
        storage: URL of the database that holds the labels, where that is wanted.

    Raises:
        InputFileError: if there is no such directory.
    """
    if not directory.is_dir():
        raise InputFileError(f"there is no run directory {str(directory)!r}")
    missing: list[str] = []

    def read(name: str, reader: Callable[[Path], T], otherwise: T, shown: str = "") -> T:
        shown = shown or name
        if not (directory / name).exists():
            missing.append(f"{shown} is not there (yet)")
            return otherwise
        try:
            return reader(directory / name)
        except (CtnasError, OSError, ValueError, KeyError, TypeError) as error:
            reason = str(error).split("\n", maxsplit=1)[0]
            missing.append(f"{shown} cannot be read: {reason}")
            return otherwise

    settings: dict[str, Any] = read("config.toml", _read_toml, {})
    elsewhere = "storage" in settings
    ledger = "checkpoint/ledger.json" if elsewhere else "labels.db"

    def read_labels(_: Path) -> Labels | None:
        return _read_ledger(*label_place(directory, settings, storage))

    return RunRecord(
        name=directory.resolve().name,
        configuration=read("config.toml", lambda path: path.read_text(encoding="utf-8"), ""),
        settings=settings,
        summary=read("summary.json", _read_summary, {}),
        labels=read(ledger, read_labels, None, "the ledger" if elsewhere else ""),
        history=read("history.parquet", _read_history, None),
        ranking=read("ranking.csv", _read_ranking, []),
        predictions=read("predictions.parquet", _read_predictions, None),
        # A run with one objective has none.
        objectives=(
            read("objectives.csv", _read_ranking, [])
            if (directory / "objectives.csv").exists()
            else []
        ),
        pareto=read("pareto.csv", _read_ranking, []) if (directory / "pareto.csv").exists() else [],
        files=sorted(file.name for file in directory.iterdir() if not file.name.startswith(".")),
        missing=list(dict.fromkeys(missing)),
    )


def _read_toml(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


def _read_summary(path: Path) -> dict[str, Any]:
    summary = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(summary, dict):
        raise TypeError("it is not a JSON object")
    return summary


def _read_ledger(location: str | Path, study: str) -> Labels | None:
    from ctnas.labels import Ledger

    with Ledger.open(location, study=study) as ledger:
        times = ledger.times()
        seconds = np.maximum.accumulate(times - times[:1]) if len(times) else times
        sources = np.array(ledger.sources(), dtype=np.str_)
        found, asked = sources == "search", sources == "adaptive"
        return Labels(
            ledger.space_name,
            ledger.metric,
            ledger.values,
            seconds,
            found,
            asked,
            ledger.minimize,
        )


def _read_columns(path: Path, names: Sequence[str]) -> list[Any]:
    from pyarrow import parquet

    known = parquet.read_schema(path).names
    absent = [name for name in names if name not in known]
    if absent:
        raise ValueError(f"it has no column {absent[0]!r}")
    table = parquet.read_table(path, columns=list(names))
    return [table.column(name) for name in names]


def _read_history(path: Path) -> History | None:
    numbers = ("iteration", "reward", "entropy", "loss", "kendall_tau")
    *columns, baseline = _read_columns(path, (*numbers, "baseline"))
    iteration, reward, entropy, loss, tau = (
        np.asarray(column.to_numpy(), dtype=np.float64) for column in columns
    )
    return History(iteration.astype(np.int64), reward, entropy, loss, tau, baseline.to_pylist())


def _read_predictions(path: Path) -> Predictions | None:
    label, win_probability, held_out = _read_columns(path, ("label", "win_probability", "held_out"))
    return Predictions(
        np.asarray(label.to_numpy(), dtype=np.float64),
        np.asarray(win_probability.to_numpy(), dtype=np.float64),
        np.asarray(held_out.to_numpy(), dtype=np.bool_),
    )


def _read_ranking(path: Path) -> list[dict[str, str | None]]:
    from ctnas.labels.tables import read_blocks

    rows: list[dict[str, str | None]] = []
    for block in read_blocks(path, None, 1000):
        names = list(block.cells)
        columns = zip(*block.cells.values(), strict=True)
        rows += [dict(zip(names, cells, strict=True)) for cells in columns]
    if not rows:
        raise InputFileError("it has no rows")
    return rows
