"""Sizes of the networks that supernets are, by search space. No PyTorch is imported here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from ctnas.errors import ConfigurationError
from ctnas.spaces.descriptor import describe_space, find_descriptor, resolved, space_names
from ctnas.spaces.layout_sizes import check_sizes

if TYPE_CHECKING:
    from ctnas.spaces import SearchSpace


class Layout(Protocol):
    """What all layouts tell; they are dataclasses of numbers."""

    @property
    def image_size(self) -> int:
        """Height and width of an image, pixels."""

    @property
    def image_channels(self) -> int:
        """1 for grey images, 3 for color."""

    @property
    def classes(self) -> int:
        """Number of classes."""

    @property
    def stem_channels(self) -> int:
        """Channels of the stem's output."""


@dataclass(frozen=True, slots=True)
class StackedLayout:
    """The network of the NAS-Bench spaces: three stacks of equal cells.

    Before the second and the third stack the image is halved and the channels are doubled.

    Attributes:
        cells: number of cells, a multiple of 3.
        channels: channels of the first stack, at least 2.
        image_size: height and width of an image, pixels.
        image_channels: 1 for grey images, 3 for color.
        classes: number of classes.

    Raises:
        ConfigurationError: if a value is not a whole number or too small.
    """

    cells: int
    channels: int
    image_size: int = 32
    image_channels: int = 3
    classes: int = 10

    def __post_init__(self) -> None:
        check_sizes(self)
        if self.cells % _STACKS:
            raise ConfigurationError(
                f"cells must be a multiple of {_STACKS}, the number of stacks, not {self.cells}"
            )

    @property
    def stem_channels(self) -> int:
        """Channels of the stem's output."""
        return self.channels

    @property
    def stacks(self) -> tuple[tuple[int, int], ...]:
        """Channels and number of cells of each stack."""
        cells = self.cells // _STACKS
        return tuple((self.channels << stack, cells) for stack in range(_STACKS))


_STACKS = 3


def supernet_spaces() -> list[str]:
    """Return the names of the spaces that have a supernet."""
    return [name for name in space_names() if describe_space(name).supernet]


def make_layout(space: str, **sizes: Any) -> Layout:
    """Return the layout of a space's supernet.

    Args:
        space: its name.
        sizes: the fields of the layout.

    Raises:
        ConfigurationError: if the space has no supernet, or a size is not allowed.
    """
    described = find_descriptor(space)
    if described is None or described.supernet is None:
        raise ConfigurationError(
            f"there is no supernet for space {space!r}; there is for {', '.join(supernet_spaces())}"
        )
    layout: Layout = resolved(described.supernet.layout)(**sizes)
    return layout


def space_of_layout(space: str, layout: Layout) -> SearchSpace:
    """Return a search space; its costs are counted on this layout where they depend on one."""
    described = describe_space(space)
    depends = described.supernet is not None and described.supernet.layout_decides_costs
    return described.make(layout) if depends else described.make()
