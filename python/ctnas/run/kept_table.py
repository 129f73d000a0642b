"""The table of labels that a run keeps, so that the run can be moved and its table too."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING

from ctnas.app.atomic import replacing
from ctnas.app.json_file import read_note, write_json, write_text
from ctnas.errors import ConfigurationError
from ctnas.spaces import DecisionSpace

if TYPE_CHECKING:
    from pathlib import Path

    from ctnas.labels import LabelSet
    from ctnas.run.config import RunConfig
    from ctnas.run.directory import RunDirectory

_MOST_BYTES = 2**26
"""Size of the largest table of which a copy is kept; of a larger one, its hash is."""


def keep_table(directory: RunDirectory, table: Path) -> None:
    """Note the contents of a run's table once: their hash, and a copy where they are small."""
    if directory.table_note.exists() or not table.is_file():
        return
    small = table.stat().st_size <= _MOST_BYTES
    # Under its own name, after which the space is called whose decisions are its columns.
    copy = directory.checkpoint / table.name if small else None
    if copy is not None:
        with replacing(copy) as temporary:
            temporary.write_bytes(table.read_bytes())
    write_json(
        directory.table_note,
        {"sha256": _sha256(table), "copy": None if copy is None else copy.name},
    )


def keep_space(directory: RunDirectory, labels: LabelSet | None) -> None:
    """Declare the space of a run beside its labels, where it is nothing but decisions."""
    if labels is not None and isinstance(labels.space, DecisionSpace):
        write_text(directory.space, labels.space.to_toml())


def with_kept_table(config: RunConfig, directory: RunDirectory) -> RunConfig:
    """Return the settings with a table that is there: the given one, or the copy that is kept.

    Raises:
        ConfigurationError: if the table has other contents than the one that the run began with.
    """
    if config.labels is None or not directory.table_note.exists():
        return config
    sha256, copy = read_note(directory.table_note, "sha256", "copy")
    if not config.labels.exists() and copy is not None:
        return replace(config, labels=directory.checkpoint / copy)
    if config.labels.is_file() and _sha256(config.labels) != sha256:
        raise ConfigurationError(
            f"{str(config.labels)!r} has other contents than the table that this run began with; "
            "wherever that lies now is given by --labels"
        )
    return config


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
