"""What is ranked: files, globs, URIs, standard input, or a whole space."""

from __future__ import annotations

from glob import has_magic
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ctnas.errors import ConfigurationError, InputFileError, SpaceError
from ctnas.labels.reading import CHUNK_ROWS, ArchitectureChunk, iterate_architectures
from ctnas.labels.streams import is_uri, table_name
from ctnas.labels.tables import check_table_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from ctnas.labels.blocks import InvalidRow
    from ctnas.spaces import SearchSpace


def expand_files(patterns: Iterable[str]) -> list[str]:
    """Return the tables that names, globs (sorted), URIs and `-` stand for, in order.

    Raises:
        InputFileError: if a glob finds nothing.
        LabelError: if one is not named as a table.
        ConfigurationError: if a file is named twice: its rows would count twice.
    """
    files: list[str] = []
    for pattern in patterns:
        is_glob = has_magic(pattern) and not is_uri(pattern) and not Path(pattern).exists()
        found = _matches(Path(pattern)) if is_glob else [pattern]
        if not found:
            raise InputFileError(f"no file matches {pattern!r}")
        files += found
    for file in files:
        check_table_name(file)
    repeated = next((file for file in files if files.count(file) > 1), None)
    if repeated is not None:
        raise ConfigurationError(f"{table_name(repeated)!r} is given twice")
    return files


def _matches(pattern: Path) -> list[str]:
    """Return the sorted files that match a glob, wherever its directories are."""
    start = Path(pattern.anchor)
    return sorted(str(path) for path in start.glob(str(pattern.relative_to(start))))


def iterate_files(
    files: Sequence[str],
    space: SearchSpace,
    on_invalid: Callable[[InvalidRow], None] | None = None,
) -> Iterator[tuple[str, ArchitectureChunk]]:
    """Yield the candidates of tables piece by piece, each with the name of its table.

    Arguments and errors are those of `iterate_architectures`.
    """
    for file in files:
        for chunk in iterate_architectures(file, space, on_invalid=on_invalid):
            yield table_name(file), chunk


def iterate_space(space: SearchSpace) -> Iterator[tuple[str, ArchitectureChunk]]:
    """Yield every architecture of a space, the first one as row 1, under the space's name.

    Raises:
        SpaceError: if the space is too large to enumerate.
    """
    try:
        batch = space.enumerate()
    except SpaceError as error:
        raise SpaceError(f"{error}: give files of architectures instead") from None
    for start in range(0, len(batch), CHUNK_ROWS):
        part = batch[start : start + CHUNK_ROWS]
        yield space.name, ArchitectureChunk(part, np.arange(start + 1, start + 1 + len(part)))
