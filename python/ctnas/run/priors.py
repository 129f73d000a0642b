"""What a run takes as known besides its labels: comparators, or columns of tables."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ctnas.comparator.prior import LEAST_ROWS, checked_priors
from ctnas.errors import ConfigurationError
from ctnas.labels import LabelSet
from ctnas.labels.information import is_lower_better

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ctnas.comparator.prior import Prior
    from ctnas.spaces import SearchSpace

_COLUMN = ":"
"""Between a table and one of its columns."""


def read_priors(named: Sequence[str], space: SearchSpace) -> list[Prior]:
    """Return the priors of `--prior`: directories of comparators, or `TABLE:COLUMN`.

    Raises:
        InputFileError: if a file is missing or unreadable.
        ConfigurationError: if it is neither a directory nor a column of a table.
        CtnasError: if one is of another space, or covers too few architectures.
    """
    return checked_priors(space, [_read(name, space) for name in named])


def _read(name: str, space: SearchSpace) -> Prior:
    path = Path(name).expanduser()
    if path.exists():
        if path.is_file() and path.suffix != ".onnx":
            raise ConfigurationError(
                f"--prior {name}: name the column that is known: {name}{_COLUMN}COLUMN"
            )
        return path
    table, mark, column = name.rpartition(_COLUMN)
    if not mark or not column:
        raise ConfigurationError(
            f"--prior {name}: there is no such directory; a column is TABLE{_COLUMN}COLUMN"
        )
    # Its direction is learned too; what its name says of it only spares a warning.
    return LabelSet.read(
        Path(table).expanduser(),
        space,
        metric=column,
        minimum=LEAST_ROWS,
        minimize=is_lower_better(column),
    )
