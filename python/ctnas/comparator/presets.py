"""Settings of a comparator and of its fit; the only place where they are defined."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from math import ceil
from typing import Literal, TypeAlias

from ctnas.errors import ConfigurationError

PresetName: TypeAlias = Literal["default", "paper", "smoke"]


@dataclass(frozen=True, slots=True)
class EncoderConfig:
    """Shape of the graph network.

    Attributes:
        kind: "gcn" is Eq. 7; "bidirectional" convolves along and against the edges separately.
        width: number of features of a node.
        layers: number of graph convolutions.
        dropout: probability with which a feature is dropped in training.
    """

    kind: Literal["gcn", "bidirectional"] = "bidirectional"
    width: int = 64
    layers: int = 4
    dropout: float = 0.2

    def __post_init__(self) -> None:
        if self.width < 1 or self.layers < 1:
            raise ConfigurationError(
                f"width and layers must be at least 1, not {self.width} and {self.layers}"
            )
        if not 0 <= self.dropout < 1:
            raise ConfigurationError(f"dropout must be in [0, 1), not {self.dropout}")


@dataclass(frozen=True, slots=True)
class FitConfig:
    """How a comparator is fitted to labels.

    Attributes:
        steps: number of optimizer steps, or more where `epochs` need them.
        epochs: how often every label is seen at least, where a step compares all with each other.
        learning_rate: of Adam; where the schedule peaks if there is one.
        weight_decay: of Adam.
        decoupled: decay the weights beside Adam's update (AdamW) and anneal the learning rate.
        pairs: pairs drawn for a step; None compares all architectures of the step with each other.
        architectures: number of architectures encoded in a step that compares all with each other.
        label_noise: standard deviation of the noise of a label, in robust standard deviations of
            the labels; a comparison's target is the probability that it survives such noise.
            0 takes the sign of the difference (section 4.1).
    """

    steps: int = 600
    epochs: int = 0
    learning_rate: float = 1e-2
    weight_decay: float = 1e-4
    decoupled: bool = True
    pairs: int | None = None
    architectures: int = 128
    label_noise: float = 0.13

    def __post_init__(self) -> None:
        # A comparison needs two architectures.
        least = {"steps": 1, "epochs": 0, "pairs": 1, "architectures": 2}
        for name, minimum in least.items():
            value = getattr(self, name)
            if value is not None and value < minimum:
                raise ConfigurationError(f"{name} must be at least {minimum}, not {value}")
        if not (self.learning_rate > 0 and self.weight_decay >= 0 and self.label_noise >= 0):
            raise ConfigurationError(
                "learning_rate must be positive, weight_decay and label_noise not negative; got "
                f"{self.learning_rate}, {self.weight_decay} and {self.label_noise}"
            )

    def for_labels(self, count: int) -> FitConfig:
        """Return these settings with the number of steps that so many labels need."""
        if self.pairs is not None:
            return self
        needed = ceil(self.epochs * count / self.architectures)
        return replace(self, steps=max(self.steps, needed), epochs=0)


@dataclass(frozen=True, slots=True)
class FlowConfig:
    """Shape of a network that follows the data through an architecture.

    Attributes:
        width: number of features of a node.
        dropout: probability with which a feature is dropped in training.
    """

    width: int = 32
    dropout: float = 0.05

    def __post_init__(self) -> None:
        if self.width < 1:
            raise ConfigurationError(f"width must be at least 1, not {self.width}")
        if not 0 <= self.dropout < 1:
            raise ConfigurationError(f"dropout must be in [0, 1), not {self.dropout}")


@dataclass(frozen=True, slots=True)
class DistillationConfig:
    """How several models of few labels are made into one small comparator.

    Attributes:
        convolutions: number of convolutional graph networks in the ensemble.
        convolution: shape of each.
        flows: number of networks that follow the data.
        flow: shape of each.
        flow_weight: of their opinion beside that of each other kind of model.
        pool: unlabeled architectures that the ensemble scores for the small comparator.
        relatives: share of them that are variants of labeled ones, where the space has more
            architectures than the pool; the others are drawn at random.
        steps: optimizer steps of the small comparator, or twice those of a network of the ensemble
            where that is more.
        learning_rate: of AdamW, where the schedule peaks.
        batch: architectures of the pool in a step.
    """

    convolutions: int = 1
    convolution: EncoderConfig = field(default_factory=lambda: EncoderConfig(width=32, dropout=0.1))
    flows: int = 4
    flow: FlowConfig = field(default_factory=FlowConfig)
    flow_weight: float = 3.0
    pool: int = 16_000
    relatives: float = 0.5
    steps: int = 1_500
    learning_rate: float = 2e-2
    batch: int = 128

    def __post_init__(self) -> None:
        for name in ("convolutions", "flows", "pool", "steps", "batch"):
            if getattr(self, name) < 1:
                raise ConfigurationError(f"{name} must be at least 1, not {getattr(self, name)}")
        for name in ("learning_rate", "flow_weight"):
            if not getattr(self, name) > 0:
                raise ConfigurationError(f"{name} must be positive, not {getattr(self, name)}")
        if not 0 <= self.relatives <= 1:
            raise ConfigurationError(f"relatives must be in [0, 1], not {self.relatives}")


@dataclass(frozen=True, slots=True)
class ComparatorPreset:
    """A named choice of model and fit.

    Attributes:
        name: what it is called.
        encoder: the graph network that is exported.
        fit: how a graph network learns from labels.
        distillation: how the exported one learns from an ensemble; None fits it to labels itself.
    """

    name: PresetName
    encoder: EncoderConfig = field(default_factory=EncoderConfig)
    fit: FitConfig = field(default_factory=FitConfig)
    distillation: DistillationConfig | None = None


_PRESETS = {
    "default": ComparatorPreset(
        "default",
        EncoderConfig(width=32, layers=3, dropout=0.0),
        FitConfig(epochs=192),
        distillation=DistillationConfig(),
    ),
    # Section 4.1 and appendix C.
    "paper": ComparatorPreset(
        "paper",
        EncoderConfig(kind="gcn", width=64, layers=2, dropout=0.0),
        FitConfig(
            steps=10_000,
            learning_rate=2e-4,
            weight_decay=5e-4,
            decoupled=False,
            pairs=256,
            label_noise=0.0,
        ),
    ),
    # Every part of the default one, each as small as it works.
    "smoke": ComparatorPreset(
        "smoke",
        EncoderConfig(width=8, layers=1, dropout=0.0),
        FitConfig(steps=20),
        distillation=DistillationConfig(
            convolution=EncoderConfig(width=8, layers=1, dropout=0.1),
            flows=1,
            flow=FlowConfig(width=8),
            pool=200,
            steps=40,
        ),
    ),
}


def comparator_preset(name: str | ComparatorPreset) -> ComparatorPreset:
    """Return the preset of that name; settings of one's own are returned as they are.

    Raises:
        ConfigurationError: if there is none.
    """
    if isinstance(name, ComparatorPreset):
        return name
    if name not in _PRESETS:
        raise ConfigurationError(f"unknown preset {name!r}; known are {', '.join(_PRESETS)}")
    return _PRESETS[name]
