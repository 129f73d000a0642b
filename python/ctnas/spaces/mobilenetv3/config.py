"""Settings of the MobileNetV3 supernet and its training. No PyTorch is imported here."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite

from ctnas.errors import ConfigurationError
from ctnas.spaces.mobilenetv3.costs import DEPTHS, EXPANSIONS, KERNELS, MobileNetV3Layout
from ctnas.training.placement import check_least


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

    Attributes:
        width: all channels are multiplied by it and rounded to a multiple of 8.
        stem_stride: of the first convolution; 1 suits images of 32 pixels.
        unit_strides: of the first layer of each of the five units.
        epochs: of each stage, without warm-up; 0 leaves a stage out.
        warmup_epochs: of each stage, before these.
        learning_rates: of each stage, for batches of `reference_batch` images; they are scaled to
            the batch size in use.
        reference_batch: images of a batch that the learning rates are given for.
        subnets: drawn in a step of each stage.
        distillation: weight of the cross-entropy against what the trained largest network says,
            beside that of the labels; 0 does without.
        label_smoothing: share of a label's weight that is spread over all classes.
        dropout: share of the classifier's inputs that are left out in training.

    Source: Cai et al., "Once for All", ICLR 2020, and the code that was published with it.
    """

    width: float = 1.0
    stem_stride: int = 2
    unit_strides: tuple[int, int, int, int, int] = (2, 2, 2, 1, 2)
    epochs: _SixInts = (180, 120, 25, 120, 25, 120)
    warmup_epochs: _SixInts = (5, 5, 0, 5, 0, 5)
    learning_rates: _SixFloats = (2.6, 0.96, 0.08, 0.24, 0.08, 0.24)
    reference_batch: int = 2048
    subnets: _SixInts = (1, 1, 2, 2, 4, 4)
    distillation: float = 1.0
    label_smoothing: float = 0.1
    dropout: float = 0.1

    def __post_init__(self) -> None:
        MobileNetV3Layout(
            width=self.width, stem_stride=self.stem_stride, unit_strides=self.unit_strides
        )
        check_least(self, {"reference_batch": 1})
        for name, least in (("epochs", 0), ("warmup_epochs", 0), ("subnets", 1)):
            self._check_stages(name, least)
        if not all(isfinite(rate) and rate > 0 for rate in self.learning_rates):
            raise ConfigurationError(f"learning_rates must be above 0, not {self.learning_rates}")
        if not (self.epochs[0] and self.epochs[-1]):
            raise ConfigurationError(
                f"epochs of the first and of the last stage must be at least 1, not {self.epochs}"
            )
        if not (isfinite(self.distillation) and self.distillation >= 0):
            raise ConfigurationError(f"distillation must be at least 0, not {self.distillation}")
        for name in ("label_smoothing", "dropout"):
            value = getattr(self, name)
            if not 0 <= value < 1:
                raise ConfigurationError(f"{name} must be at least 0 and below 1, not {value}")

    def _check_stages(self, name: str, least: int) -> None:
        values = getattr(self, name)
        if len(values) != len(_ELASTIC) or any(value < least for value in values):
            raise ConfigurationError(
                f"{name} must be {len(_ELASTIC)} whole numbers of at least {least}, not {values}"
            )

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
