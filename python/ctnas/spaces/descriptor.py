"""What other rooms need to know of a built-in space, declared in the space's own folder.

A folder beside this file that has a module `descriptor` with a `DESCRIPTOR` is a built-in space.
What takes PyTorch or more is named and imported when it is used.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, reduce
from importlib import import_module
from importlib.util import find_spec
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Any, TypeAlias

from ctnas.checked import known_name
from ctnas.errors import SpaceError

if TYPE_CHECKING:
    from ctnas.spaces.space import SearchSpace

Reference: TypeAlias = str
"""A class or a function as `module:name`."""


@dataclass(frozen=True, slots=True)
class SupernetDescriptor:
    """The supernet of a space.

    Attributes:
        network: the class; takes layout, mean and deviation of the image channels.
        layout: makes its sizes from numbers; see `ctnas.supernet.layouts`.
        layout_decides_costs: whether the space takes the layout, because its costs depend on it.
        training: how it is trained, where that is not along drawn paths.
        settings: the class of the settings that it has in place of some of all supernets; has
            `layout_sizes()`, what `layout` takes, and `SMOKE`, those of a trial of seconds.
        absent_operation: a choice of the operation decisions that is wiring, no operation.
        paper_cost: what the paper says that it took.
    """

    network: Reference
    layout: Reference
    layout_decides_costs: bool = False
    training: Reference | None = None
    settings: Reference | None = None
    absent_operation: str | None = None
    paper_cost: str = ""


@dataclass(frozen=True, slots=True)
class RetrainingDescriptor:
    """The network of one architecture that is trained from scratch.

    Attributes:
        cells: of the published network.
        channels: of the first cell of the published network.
        build: takes the configuration, a layout, a batch of one and the channel statistics; one
            path of the supernet is built if not given.
        stems: what may stand before the cells.
    """

    cells: int
    channels: int
    build: Reference | None = None
    stems: tuple[str, ...] = ("cifar",)


@dataclass(frozen=True, slots=True)
class SpaceDescriptor:
    """A built-in space and what belongs to it.

    Attributes:
        name: what `get_space` calls it.
        space: the class of the space.
        supernet: None if there is none.
        retraining: None if its networks are not trained from scratch.
        drawing: draws one architecture for the report, where its graph is not what to show.
        genotype: writes architectures in the form that other code reads, where there is one.
        default: whether this is the space that is searched where none is named; one is.
    """

    name: str
    space: Reference
    supernet: SupernetDescriptor | None = None
    retraining: RetrainingDescriptor | None = None
    drawing: Reference | None = None
    genotype: Reference | None = None
    default: bool = False

    def make(self, *arguments: Any) -> SearchSpace:
        """Return the space."""
        space: SearchSpace = resolved(self.space)(*arguments)
        return space


def resolved(reference: Reference) -> Any:
    """Return the class or function that is named."""
    module, _, name = reference.partition(":")
    return reduce(getattr, name.split("."), import_module(module))


def describe_space(name: str) -> SpaceDescriptor:
    """Return what is known of a built-in space.

    Raises:
        SpaceError: if there is none of that name; the message lists those that exist.
    """
    known = _descriptors()
    return known[known_name("search space", name, space_names(), SpaceError)]


def find_descriptor(name: str) -> SpaceDescriptor | None:
    """Return what is known of a space, or None where it is not built in."""
    return _descriptors().get(name)


def space_names() -> list[str]:
    """Return the names of the built-in spaces."""
    return sorted(_descriptors())


def default_space() -> str:
    """Return the name of the space that is searched where none is named."""
    return next(name for name, described in _descriptors().items() if described.default)


def get_space(name: str) -> SearchSpace:
    """Return the search space of that name.

    Raises:
        SpaceError: if there is none; the message lists those that exist.
    """
    return describe_space(name).make()


def built_in_class(name: str) -> type[SearchSpace] | None:
    """Return the class of a built-in space by the name of the class."""
    for descriptor in _descriptors().values():
        if descriptor.space.endswith(f":{name}"):
            found: type[SearchSpace] = resolved(descriptor.space)
            return found
    return None


@cache
def _descriptors() -> dict[str, SpaceDescriptor]:
    rooms = import_module(__package__).__path__
    folders = (f"{__package__}.{module.name}" for module in iter_modules(rooms) if module.ispkg)
    described = (f"{folder}.descriptor" for folder in folders if find_spec(f"{folder}.descriptor"))
    found = (import_module(module).DESCRIPTOR for module in described)
    return {descriptor.name: descriptor for descriptor in found}
