"""The one architecture that is trained, from its text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ctnas.errors import ArchitectureError
from ctnas.retraining.config import CELLS
from ctnas.spaces import DartsSpace, get_space

if TYPE_CHECKING:
    from ctnas.architecture import ArchitectureBatch


def read_architecture(text: str, space: str | None = None) -> ArchitectureBatch:
    """Return the architecture that a text stands for, as a batch of one.

    Args:
        text: in the form of its space, or a DARTS `Genotype(normal=[...], ...)`.
        space: name of the space; recognized by the text if not given.

    Raises:
        ArchitectureError: saying what is wrong with the text, and in which space.
        SpaceError: if there is no such space.
    """
    names = [space] if space is not None else sorted(CELLS)
    reasons = []
    for name in names:
        try:
            return get_space(name).parse([text])
        except ArchitectureError as error:
            reasons.append(f"{name}: {str(error).removeprefix('row 1: ')}")
    raise ArchitectureError(f"{text!r} is no architecture; {'; '.join(reasons)}")


def describe(architecture: ArchitectureBatch) -> list[str]:
    """Return lines that name an architecture: its space and text, and a DARTS genotype."""
    space = get_space(architecture.space)
    lines = [f"{space.name}: {space.format(architecture)[0]}"]
    if isinstance(space, DartsSpace):
        lines += space.genotype(architecture)
    return lines
