"""Settings of the MobileNetV3 supernet and its training. No PyTorch is imported here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

from ctnas.errors import ConfigurationError
from ctnas.settings.option import Option, check_options
from ctnas.spaces.mobilenetv3.costs import DEPTHS, EXPANSIONS, KERNELS, MobileNetV3Layout


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage of progressive shrinking.

    Attributes:
        name: what becomes elastic.
        epochs: passes over the training images, those of the warm-up included.
        warmup: epochs in which the learning rate rises.
        learning_rate: that it rises to, before it falls to 0 along a cosine.
        subnets: that are drawn in a step; their gradients add up.
        kernels: sizes that are drawn.
        depths: numbers of layers that are drawn.
        expansions: expansion ratios that are drawn.
    """

    name: str
    epochs: int
    warmup: int
    learning_rate: float
    subnets: int
    kernels: tuple[int, ...]
    depths: tuple[int, ...]
    expansions: tuple[int, ...]


_ELASTIC: tuple[tuple[str, tuple[int, ...], tuple[int, ...], tuple[int, ...]], ...] = (
    ("largest", KERNELS[-1:], DEPTHS[-1:], EXPANSIONS[-1:]),
    ("kernel", KERNELS, DEPTHS[-1:], EXPANSIONS[-1:]),
    ("depth 3", KERNELS, DEPTHS[-2:], EXPANSIONS[-1:]),
    ("depth 2", KERNELS, DEPTHS, EXPANSIONS[-1:]),
    ("width 4", KERNELS, DEPTHS, EXPANSIONS[-2:]),
    ("width 3", KERNELS, DEPTHS, EXPANSIONS),
)

_SixInts = tuple[int, int, int, int, int, int]
_SixFloats = tuple[float, float, float, float, float, float]


@dataclass(frozen=True, slots=True)
class MobileNetV3Config:
    """The network of the MobileNetV3 space, and how it is trained.

    Training has six stages: the largest network; elastic kernels; depths down to 3, then 2 layers a
    unit; expansions down to 4, then 3. The defaults are those of the once-for-all paper and code,
    where 32 GPUs share batches of 2,048 images; nothing is published of a warm-up of the first
    stage, whose 5 epochs are ours.

    Source: Cai et al., "Once for All", ICLR 2020, and the code that was published with it.
    """

    SMOKE: ClassVar[dict[str, Any]] = {
        "width": 0.1,
        "stem_stride": 1,
        "unit_strides": (2, 1, 1, 1, 1),
        "epochs": (1, 1, 0, 1, 0, 1),
        "warmup_epochs": (0, 0, 0, 0, 0, 0),
        "learning_rates": (0.1, 0.05, 0.05, 0.05, 0.05, 0.05),
        "reference_batch": 48,
        "subnets": (1, 1, 1, 1, 1, 2),
    }

    width: Annotated[
        float,
        Option(
            "all channels are multiplied by it and rounded to a multiple of 8.", decides="weights"
        ),
    ] = 1.0
    stem_stride: Annotated[
        int, Option("of the first convolution; 1 suits images of 32 pixels.", decides="weights")
    ] = 2
    unit_strides: Annotated[
        tuple[int, int, int, int, int],
        Option("of the first layer of each of the five units.", decides="weights"),
    ] = (2, 2, 2, 1, 2)
    epochs: Annotated[
        _SixInts,
        Option("of each stage, without warm-up; 0 leaves a stage out.", least=0, decides="weights"),
    ] = (180, 120, 25, 120, 25, 120)
    warmup_epochs: Annotated[
        _SixInts, Option("of each stage, before these.", least=0, decides="weights")
    ] = (5, 5, 0, 5, 0, 5)
    learning_rates: Annotated[
        _SixFloats,
        Option(
            "of each stage, for batches of `reference_batch` images; they are scaled to the "
            "batch size in use.",
            above=0,
            decides="weights",
        ),
    ] = (2.6, 0.96, 0.08, 0.24, 0.08, 0.24)
    reference_batch: Annotated[
        int,
        Option(
            "images of a batch that the learning rates are given for.", least=1, decides="weights"
        ),
    ] = 2048
    subnets: Annotated[
        _SixInts, Option("drawn in a step of each stage.", least=1, decides="weights")
    ] = (1, 1, 2, 2, 4, 4)
    distillation: Annotated[
        float,
        Option(
            "weight of the cross-entropy against what the trained largest network says, beside "
            "that of the labels; 0 does without.",
            least=0,
            decides="weights",
        ),
    ] = 1.0
    label_smoothing: Annotated[
        float,
        Option(
            "share of a label's weight that is spread over all classes.",
            least=0,
            below=1,
            decides="weights",
        ),
    ] = 0.1
    dropout: Annotated[
        float,
        Option(
            "share of the classifier's inputs that are left out in training.",
            least=0,
            below=1,
            decides="weights",
        ),
    ] = 0.1

    def __post_init__(self) -> None:
        MobileNetV3Layout(**self.layout_sizes())
        check_options(self)
        if not (self.epochs[0] and self.epochs[-1]):
            raise ConfigurationError(
                f"epochs of the first and of the last stage must be at least 1, not {self.epochs}"
            )

    def layout_sizes(self) -> dict[str, Any]:
        """Return the sizes of the network, beside those that follow from images."""
        return {name: getattr(self, name) for name in ("width", "stem_stride", "unit_strides")}

    def stages(self, batch_size: int) -> tuple[Stage, ...]:
        """Return the stages that are not left out.

        Args:
            batch_size: images of a batch over all devices.
        """
        scale = batch_size / self.reference_batch
        return tuple(
            Stage(
                name,
                self.epochs[i] + self.warmup_epochs[i],
                self.warmup_epochs[i],
                self.learning_rates[i] * scale,
                self.subnets[i],
                kernels,
                depths,
                expansions,
            )
            for i, (name, kernels, depths, expansions) in enumerate(_ELASTIC)
            if self.epochs[i]
        )
