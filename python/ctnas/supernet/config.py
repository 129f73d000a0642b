"""The settings of a supernet. Importing this never imports PyTorch."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Literal, TypeAlias

from ctnas.errors import ConfigurationError
from ctnas.settings.option import Option
from ctnas.spaces.mobilenetv3.config import MobileNetV3Config
from ctnas.supernet.layouts import make_layout
from ctnas.training.placement import Placement

if TYPE_CHECKING:
    from ctnas.supernet.layouts import Layout
    from ctnas.training.image_set import ImageSplits

Sampling: TypeAlias = Literal["uniform", "fair"]
AugmentationKind: TypeAlias = Literal["auto", "shift", "crop"]


@dataclass(frozen=True, slots=True)
class SupernetConfig(Placement):
    """How a supernet is built and trained.

    The space mobilenetv3 has settings of its own in place of epochs, learning_rate, sampling, cells
    and channels.
    """

    epochs: Annotated[
        int, Option("passes over the training images.", least=1, decides="weights")
    ] = 60
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
    momentum: Annotated[
        float, Option("of stochastic gradient descent.", least=0, below=1, decides="weights")
    ] = 0.9
    weight_decay: Annotated[
        float, Option("of stochastic gradient descent.", least=0, decides="weights")
    ] = 3e-4
    gradient_clip: Annotated[
        float, Option("largest norm of a step's gradient.", above=0, decides="weights")
    ] = 5.0
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
    image_size: Annotated[
        int | None,
        Option(
            "height and width that images are fitted to, pixels; their own, between 8 and 64, "
            "if not given.",
            least=8,
            decides="weights",
        ),
    ] = None
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
    mobilenetv3: Annotated[
        MobileNetV3Config, Option("network and training of the space mobilenetv3.")
    ] = field(default_factory=MobileNetV3Config)

    def __post_init__(self) -> None:
        Placement.__post_init__(self)
        if self.label_epochs > self.epochs:
            raise ConfigurationError(
                f"label_epochs must be at most epochs, {self.epochs}, not {self.label_epochs}"
            )

    def layout(self, splits: ImageSplits, space: str = "darts") -> Layout:
        """Return the network that is built for these images.

        Args:
            splits: the images.
            space: name of the search space.

        Raises:
            ConfigurationError: if the space has no supernet, or none of this size.
        """
        channels, size, _ = splits.shape
        if space == "mobilenetv3":
            own = self.mobilenetv3
            return make_layout(
                space,
                width=own.width,
                stem_stride=own.stem_stride,
                unit_strides=own.unit_strides,
                image_size=size,
                image_channels=channels,
                classes=len(splits.classes),
            )
        return make_layout(
            space,
            cells=self.cells,
            channels=self.channels,
            image_size=size,
            image_channels=channels,
            classes=len(splits.classes),
        )
