"""The one architecture that is trained, from its text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ctnas.errors import ArchitectureError
from ctnas.spaces.descriptor import describe_space, get_space, resolved, space_names

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
    names = [space] if space is not None else retrained_spaces()
    reasons = []
    for name in names:
        try:
            return get_space(name).parse([text])
        except ArchitectureError as error:
            reasons.append(f"{name}: {str(error).removeprefix('row 1: ')}")
    raise ArchitectureError(f"{text!r} is no architecture; {'; '.join(reasons)}")


def describe(architecture: ArchitectureBatch) -> list[str]:
    """Return lines that name an architecture: its space and text, and its genotype."""
    space = get_space(architecture.space)
    lines = [f"{space.name}: {space.format(architecture)[0]}"]
    genotype = find_genotype(architecture)
    return lines if genotype is None else [*lines, genotype]


def find_genotype(architecture: ArchitectureBatch) -> str | None:
    """Return an architecture in the form that other code reads, where its space has one."""
    described = describe_space(architecture.space)
    if described.genotype is None:
        return None
    genotypes: list[str] = resolved(described.genotype)(described.make(), architecture)
    return genotypes[0]


def retrained_spaces() -> list[str]:
    """Return the names of the spaces whose networks can be trained from scratch."""
    return [name for name in space_names() if describe_space(name).retraining]
