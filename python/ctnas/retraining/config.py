"""The options of training from scratch. Command line, TOML file and Python take them from here."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal, TypeAlias

from ctnas.errors import ConfigurationError
from ctnas.settings.option import Option
from ctnas.training.options import Epochs, GradientClip, ImageSize, Momentum, WeightDecay
from ctnas.training.placement import Placement

Stem: TypeAlias = Literal["cifar", "imagenet"]
Schedule: TypeAlias = Literal["cosine", "exponential"]


@dataclass(frozen=True, slots=True)
class TrainingOptions(Placement):
    """How a network is built and trained; the defaults are appendix D of the paper."""

    stem: Annotated[
        Stem,
        Option(
            "what stands before the cells of a DARTS network: cifar, one convolution; imagenet, "
            "three convolutions that halve the image three times, with the augmentation of "
            "large images (random crops, colors).",
            decides="weights",
        ),
    ] = "cifar"
    cells: Annotated[
        int | None,
        Option(
            "number of cells; 20 for DARTS, 9 for NAS-Bench-101, 15 for NAS-Bench-201 if not "
            "given.",
            least=1,
            decides="weights",
        ),
    ] = None
    channels: Annotated[
        int | None,
        Option(
            "channels of a node in the first cell; 44, 128 and 16 if not given.",
            least=2,
            decides="weights",
        ),
    ] = None
    epochs: Epochs = 600
    batch_size: Annotated[
        int, Option("images a step, over all devices.", least=2, decides="weights")
    ] = 96
    learning_rate: Annotated[
        float, Option("of stochastic gradient descent at the start.", above=0, decides="weights")
    ] = 0.025
    final_learning_rate: Annotated[float, Option("at the end.", least=0, decides="weights")] = 0.001
    schedule: Annotated[
        Schedule,
        Option(
            "how it falls: along a cosine, or by a constant factor (exponential).",
            decides="weights",
        ),
    ] = "cosine"
    momentum: Momentum = 0.9
    nesterov: Annotated[bool, Option("whether it looks ahead.", decides="weights")] = False
    weight_decay: WeightDecay = 3e-4
    gradient_clip: GradientClip = 5.0
    label_smoothing: Annotated[
        float,
        Option(
            "share of a label's weight that is spread over all classes.",
            least=0,
            below=1,
            decides="weights",
        ),
    ] = 0.0
    cutout: Annotated[
        int,
        Option(
            "side of the square that is cut out of each image, pixels; 0 cuts out none.",
            least=0,
            decides="weights",
        ),
    ] = 16
    path_dropout: Annotated[
        float,
        Option(
            "probability that an operation of a DARTS cell is left out for an image; it grows "
            "from 0 to this over the epochs.",
            least=0,
            below=1,
            decides="weights",
        ),
    ] = 0.2
    auxiliary_weight: Annotated[
        float,
        Option(
            "weight of the loss of a DARTS network's auxiliary head; 0 builds none.",
            least=0,
            decides="weights",
        ),
    ] = 0.4
    evaluate_every: Annotated[
        int,
        Option(
            "epochs between two evaluations; the last epoch is always evaluated.",
            least=1,
            resumed="free",
        ),
    ] = 10

    def __post_init__(self) -> None:
        Placement.__post_init__(self)
        if self.schedule == "exponential" and self.final_learning_rate == 0:
            raise ConfigurationError(
                "final_learning_rate must be above 0 with the exponential schedule"
            )
        if self.nesterov and self.momentum == 0:
            raise ConfigurationError("momentum must be above 0 with nesterov")


@dataclass(frozen=True, slots=True)
class TrainConfig(TrainingOptions):
    """What is trained, on which images, and how."""

    space: Annotated[
        str | None,
        Option(
            "search space of the architecture; recognized by its text if not given.", resumed="free"
        ),
    ] = None
    dataset: Annotated[
        str,
        Option(
            "images to learn: cifar10, fashion-mnist, digits, or the path of an image folder "
            "(`train/<class>/*`, `test/<class>/*` or `val/<class>/*`), of IDX files or CIFAR-10 "
            "batches.",
            resumed="free",
        ),
    ] = "cifar10"
    data: Annotated[
        Path | None,
        Option(
            "folder that holds a data set given by name, where it is not installed.", resumed="free"
        ),
    ] = None
    skip_corrupt: Annotated[
        bool,
        Option(
            "leave out files of an image folder that cannot be read, and count them.",
            resumed="free",
        ),
    ] = False
    image_size: ImageSize = None
    train_images: Annotated[
        int | None,
        Option(
            "number of training images that are used, those held back included; all if not given.",
            least=4,
            decides="weights",
        ),
    ] = None
    validation_share: Annotated[
        float,
        Option(
            "share of the training images that is held back and judged by, in place of the test "
            "images; 0 judges by the test images.",
            least=0,
            below=1,
            decides="weights",
        ),
    ] = 0.0
    seed: Annotated[
        int, Option("equal seeds give equal weights on the CPU.", least=0, decides="weights")
    ] = 0
    repetition: Annotated[
        int,
        Option(
            "trains once more with other weights and another order, on the same images; each "
            "number is another training.",
            least=0,
            decides="weights",
        ),
    ] = 0
    threads: Annotated[
        int | None, Option("CPU threads; one for each core if not given.", least=1, resumed="free")
    ] = None
    out: Annotated[
        Path | None,
        Option(
            "directory of results; `trained/<time>-<space>` if not given.",
            resumed="free",
            stored=False,
        ),
    ] = None
    quiet: Annotated[bool, Option("plain lines in place of progress bars.", resumed="free")] = False
