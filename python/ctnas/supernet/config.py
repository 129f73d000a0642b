"""The settings of a supernet. Importing this never imports PyTorch."""

from __future__ import annotations

from dataclasses import dataclass, field, make_dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeAlias

from ctnas.errors import ConfigurationError
from ctnas.settings.option import Option
from ctnas.spaces.descriptor import default_space, describe_space, resolved
from ctnas.supernet.layouts import make_layout, supernet_spaces
from ctnas.training.options import Epochs, GradientClip, ImageSize, Momentum, WeightDecay
from ctnas.training.placement import Placement

if TYPE_CHECKING:
    from ctnas.supernet.layouts import Layout
    from ctnas.training.image_set import ImageSplits

Sampling: TypeAlias = Literal["uniform", "fair"]
AugmentationKind: TypeAlias = Literal["auto", "shift", "crop"]


@dataclass(frozen=True, slots=True)
class SupernetOptions(Placement):
    """What is the same for the supernets of all spaces."""

    epochs: Epochs = 60
    batch_size: Annotated[
        int,
        Option(
            "images a step, over all devices; one path is drawn for each step, or one for each "
            "choice where sampling is fair.",
            least=2,
            decides="weights",
        ),
    ] = 48
    sampling: Annotated[
        Sampling,
        Option(
            "uniform draws every path at random (SPOS); fair draws as many paths a step as "
            "there are operations, so that each is used once by every decision (FairNAS).",
            decides="weights",
        ),
    ] = "uniform"
    learning_rate: Annotated[
        float,
        Option(
            "of stochastic gradient descent at the start; it falls to 0 along a cosine.",
            above=0,
            decides="weights",
        ),
    ] = 0.025
    momentum: Momentum = 0.9
    weight_decay: WeightDecay = 3e-4
    gradient_clip: GradientClip = 5.0
    # With fewer than three cells, both reductions included, there is no normal cell to measure.
    cells: Annotated[
        int,
        Option(
            "number of cells; DARTS: those at 1/3 and 2/3 of the depth are reduction cells; "
            "NAS-Bench: a multiple of 3, the number of stacks.",
            least=3,
            decides="weights",
        ),
    ] = 3
    channels: Annotated[
        int,
        Option(
            "channels of a node in the first cell; every reduction doubles them.",
            least=2,
            decides="weights",
        ),
    ] = 8
    image_size: ImageSize = None
    train_images: Annotated[
        int | None,
        Option(
            "number of images of the training part that are used, those to validate on "
            "included; all if not given.",
            least=4,
            decides="weights",
        ),
    ] = None
    validation_share: Annotated[
        float | None,
        Option(
            "share of the training part that architectures are compared on; a third of it, at "
            "most 5,000 images, if not given.",
            above=0,
            below=1,
            decides="weights",
        ),
    ] = None
    calibration_images: Annotated[
        int,
        Option(
            "training images that set an architecture's batch-norm statistics.",
            least=2,
            decides="labels",
        ),
    ] = 256
    label_epochs: Annotated[
        int,
        Option(
            "number of last epochs whose weights an architecture is measured with; its label is "
            "the mean.",
            least=1,
            decides="weights",
        ),
    ] = 1
    augmentation: Annotated[
        AugmentationKind,
        Option(
            "shift moves and flips color images; crop takes random crops of them, flips them "
            "and changes colors; auto takes crop for the data set imagenet and shift otherwise.",
            decides="weights",
        ),
    ] = "auto"

    def __post_init__(self) -> None:
        Placement.__post_init__(self)
        if self.label_epochs > self.epochs:
            raise ConfigurationError(
                f"label_epochs must be at most epochs, {self.epochs}, not {self.label_epochs}"
            )

    def own_settings(self, space: str) -> Any:
        """Return the settings that a space has in place of some of all; None if it has none."""
        return getattr(self, space, None)

    def layout(self, splits: ImageSplits, space: str | None = None) -> Layout:
        """Return the network that is built for these images.

        Args:
            splits: the images.
            space: name of the search space; the default one if not given.

        Raises:
            ConfigurationError: if the space has no supernet, or none of this size.
        """
        channels, size, _ = splits.shape
        return self.layout_of(space or default_space(), channels, size, len(splits.classes))

    def layout_of(self, space: str, channels: int, size: int, classes: int) -> Layout:
        """Return the network that is built for images of a size.

        Args:
            space: name of the search space.
            channels: 1 for grey images, 3 for color.
            size: height and width of an image, pixels.
            classes: number of classes.

        Raises:
            ConfigurationError: if the space has no supernet, or none of this size.
        """
        own = self.own_settings(space)
        sizes = own.layout_sizes() if own else {"cells": self.cells, "channels": self.channels}
        return make_layout(
            space, **sizes, image_size=size, image_channels=channels, classes=classes
        )


def settings_of_spaces() -> dict[str, Any]:
    """Return the classes of the settings that spaces have of their own, by space."""
    described = ((name, describe_space(name).supernet) for name in supernet_spaces())
    return {name: resolved(own.settings) for name, own in described if own and own.settings}


if TYPE_CHECKING:
    SupernetConfig = SupernetOptions
else:
    SupernetConfig = make_dataclass(
        "SupernetConfig",
        [
            (
                name,
                Annotated[settings, Option(f"network and training of the space {name}.")],
                field(default_factory=settings),
            )
            for name, settings in settings_of_spaces().items()
        ],
        bases=(SupernetOptions,),
        namespace={
            "__module__": __name__,
            "__doc__": "How a supernet is built and trained.\n\n"
            "A group of options is named like the space whose settings it holds; they stand in "
            "place of epochs, learning_rate, sampling, cells and channels.",
        },
        frozen=True,
        slots=True,
    )
