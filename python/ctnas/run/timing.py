"""A table of latencies: architectures of a file, or random ones, timed on this device."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

from ctnas.app.counted import counted
from ctnas.errors import ArchitectureError, ConfigurationError, LabelError
from ctnas.labels.blocks import ARCHITECTURE, left_out, require_column
from ctnas.labels.decision_table import with_decisions
from ctnas.labels.label_tables import measurement_columns, whole_table
from ctnas.labels.reading import parse_block
from ctnas.labels.tables import write_table
from ctnas.networks.description import machine_name
from ctnas.networks.latencies import LatencyMeter
from ctnas.networks.latency import LARGEST_SPREAD, is_trusted
from ctnas.run.config import RunConfig
from ctnas.run.directory import RunDirectory
from ctnas.run.inputs import load_splits
from ctnas.settings.toml import read_toml
from ctnas.spaces import space_names
from ctnas.supernet.layouts import supernet_spaces

if TYPE_CHECKING:
    from ctnas.app.progress import Progress
    from ctnas.labels import InvalidRow
    from ctnas.networks.latency import Latency
    from ctnas.run.label_config import LabelConfig
    from ctnas.spaces import SearchSpace
    from ctnas.supernet.layouts import Layout

_SECONDS_BETWEEN_FILES = 5.0
HOW = "how"
"""Ends the name of the column that says how a latency was measured."""


def time_architectures(config: LabelConfig, progress: Progress) -> None:
    """Time architectures, and write a table of their latencies.

    What the table holds already is not timed again, but for repetitions that spread too much.

    Args:
        config: what is timed, and how.
        progress: shows what is done.

    Raises:
        CtnasError: if something cannot be used, before anything is timed.
        KeyboardInterrupt: what is timed stays in the table.
    """
    space, layout = _networks(config, progress)
    meter = LatencyMeter(space, layout, config.latency, progress.say)
    assert config.out is not None
    rows = _asked(config, meter.space, progress)
    table = _Table(config.out, config.column, f"{meter}, {machine_name()}", rows)
    table.write()
    missing = table.missing()
    progress.say(f"{counted(len(missing), 'architecture')} of space {space}: {meter}")
    try:
        with progress.stage("Time networks") as advance:
            for done, text in enumerate(missing, start=1):
                table.add(text, meter.time(meter.space.parse([text])))
                advance(done, len(missing))
    finally:
        table.write()
    doubtful = table.doubtful()
    if doubtful:
        progress.say(
            f"{counted(len(doubtful), 'latency', 'latencies')} cannot be trusted: repetitions "
            f"spread by more than {LARGEST_SPREAD:.0%}; the same command measures them again"
        )
    progress.say(f"{counted(len(table.known), 'latency', 'latencies')}: {config.out}")


def _networks(config: LabelConfig, progress: Progress) -> tuple[str, Layout]:
    """Return space and sizes of the networks.

    Raises:
        CtnasError: if there are none such.
    """
    settings = _settings(config)
    _check_space(settings.space)
    stored = None if config.run is None else RunDirectory(config.run).supernet
    given = config.dataset is not None or config.input is not None
    if stored is not None and stored.is_file() and not given:
        from ctnas.supernet.checkpoint import load_supernet

        return settings.space, load_supernet(stored, space=settings.space).layout
    if config.shape is not None:
        channels, size, _ = config.shape
        sized = settings.supernet.layout_of(settings.space, channels, size, config.classes)
        return settings.space, sized
    return settings.space, settings.supernet.layout(load_splits(settings, progress), settings.space)


def _settings(config: LabelConfig) -> RunConfig:
    """Return the settings of a run whose networks are timed, or those of one by default."""
    if config.run is None:
        settings = RunConfig()
    elif config.run.suffix == ".toml":
        settings = read_toml(config.run, RunConfig)
    else:
        settings = read_toml(RunDirectory.existing(config.run).config, RunConfig)
    if config.run is not None and config.space not in (None, settings.space):
        raise ConfigurationError(
            f"{str(config.run)!r} is of space {settings.space!r}, not {config.space!r}"
        )
    changes: dict[str, Any] = {"space": config.space or settings.space}
    _check_space(changes["space"])
    if config.dataset is not None:
        changes |= {"dataset": config.dataset, "data": None}
    if config.data is not None:
        changes["data"] = config.data
    return replace(settings, **changes)


def _check_space(name: str) -> None:
    if name not in supernet_spaces():
        known = "" if name in space_names() else ", which is not built in,"
        raise ConfigurationError(
            f"networks of space {name!r}{known} cannot be built: those of "
            f"{', '.join(supernet_spaces())} can"
        )


def _asked(config: LabelConfig, space: SearchSpace, progress: Progress) -> dict[str, list[Any]]:
    """Return the rows of the table to be: texts of architectures, and what stood beside them."""
    if config.queries is not None:
        return {ARCHITECTURE: space.format(space.sample(config.queries, config.seed))}
    parts = [_read(path, config, space, progress) for path in config.architectures]
    names = dict.fromkeys(name for part in parts for name in part)
    return {
        name: [cell for part in parts for cell in part.get(name, [None] * len(part[ARCHITECTURE]))]
        for name in names
    }


def _read(
    path: str, config: LabelConfig, space: SearchSpace, progress: Progress
) -> dict[str, list[Any]]:
    """Return the columns of a table, architectures as their space writes them."""
    block = with_decisions(space, whole_table(path))
    require_column(path, ARCHITECTURE, block.columns)
    chunk, invalid = parse_block(path, space, block)
    if invalid:
        _refuse_or_say(invalid, config, progress)
    if not len(chunk):
        raise LabelError(f"{path} has no architectures that can be used")
    place = {row: at for at, row in enumerate(block.rows.tolist())}
    kept = [place[row] for row in chunk.rows.tolist()]
    cells = {name: _numbers([of[at] for at in kept]) for name, of in block.cells.items()}
    return {ARCHITECTURE: space.format(chunk.architectures)} | {
        name: of for name, of in cells.items() if name != ARCHITECTURE
    }


def _refuse_or_say(invalid: list[InvalidRow], config: LabelConfig, progress: Progress) -> None:
    invalid = sorted(invalid, key=lambda row: row.row)
    if not config.skip_invalid:
        raise ArchitectureError(str(invalid[0]))
    progress.say(left_out(invalid))


def _numbers(cells: list[Any]) -> list[Any]:
    """Return a column of texts that are numbers as numbers: they are written as they were."""
    try:
        return [None if cell is None or cell == "" else float(cell) for cell in cells]
    except (TypeError, ValueError):
        return cells


@dataclass(frozen=True, slots=True)
class _Known:
    """A latency that stands in a table, milliseconds, with deviation and number of repetitions."""

    value: float
    deviation: float
    repetitions: int


class _Table:
    """A file of latencies.

    Args:
        path: of the file; what it holds already is taken on.
        column: of the latencies.
        how: how they are measured, and on what.
        rows: architectures, and what else is to stand beside them.

    Attributes:
        known: latencies by the text of the architecture.

    Raises:
        ConfigurationError: if the file holds something else, or latencies of another kind.
    """

    def __init__(self, path: Path, column: str, how: str, rows: dict[str, list[Any]]) -> None:
        self._path, self._rows, self._how = path, rows, how
        counts, spreads = measurement_columns(column)
        self._names = column, spreads, counts, f"{column}_{HOW}"
        self._written = monotonic()
        self.known: dict[str, _Known] = {}
        if path.exists():
            self._take_on()

    def add(self, text: str, latency: Latency) -> None:
        """Add a latency; the file is written from time to time."""
        self.known[text] = _Known(latency.milliseconds, latency.deviation, latency.config.repeats)
        if monotonic() - self._written > _SECONDS_BETWEEN_FILES:
            self.write()

    def missing(self) -> list[str]:
        """Return the architectures that have no latency, or none to be trusted, each once."""
        trusted = self.known.keys() - self.doubtful()
        return [text for text in dict.fromkeys(self._rows[ARCHITECTURE]) if text not in trusted]

    def doubtful(self) -> list[str]:
        """Return the architectures whose repetitions spread too much."""
        return [
            text
            for text, known in self.known.items()
            if not is_trusted(known.value, known.deviation)
        ]

    def write(self) -> None:
        """Write the file.

        Raises:
            OutputError: if it cannot be written.
        """
        found = [self.known.get(text) for text in self._rows[ARCHITECTURE]]
        measured = (
            [None if each is None else each.value for each in found],
            [None if each is None else each.deviation for each in found],
            [None if each is None else each.repetitions for each in found],
            [None if each is None else self._how for each in found],
        )
        write_table(self._path, self._rows | dict(zip(self._names, measured, strict=True)))
        self._written = monotonic()

    def _take_on(self) -> None:
        """Keep every row that the file holds: those that are not asked for stay as they are."""
        cells = whole_table(self._path).cells
        if not {ARCHITECTURE, *self._names} <= set(cells):
            raise ConfigurationError(
                f"{str(self._path)!r} is there and holds no latencies of such a table: choose "
                "another --out"
            )
        asked = set(self._rows[ARCHITECTURE])
        entries = zip(*(cells[name] for name in (ARCHITECTURE, *self._names)), strict=True)
        for at, (text, value, deviation, count, how) in enumerate(entries):
            if how not in (None, "", self._how):
                raise ConfigurationError(
                    f"{str(self._path)!r} holds latencies of another kind ({how}, not "
                    f"{self._how}): choose another --out"
                )
            if how:
                self.known[text] = _Known(float(value), float(deviation), int(float(count)))
            if text not in asked:
                self._append({name: of[at] for name, of in cells.items()})

    def _append(self, row: dict[str, Any]) -> None:
        count = len(self._rows[ARCHITECTURE])
        for name in row.keys() - self._rows.keys() - set(self._names):
            self._rows[name] = [None] * count
        for name, of in self._rows.items():
            of.append(row.get(name))
