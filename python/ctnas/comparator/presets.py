"""Settings of a comparator and of its fit; the only place where they are defined."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from math import ceil, sqrt
from typing import TYPE_CHECKING, Annotated, Literal, TypeAlias

from ctnas.checked import known_name
from ctnas.comparator.spread import robust_deviation
from ctnas.errors import ConfigurationError
from ctnas.settings.option import Option, check_options

if TYPE_CHECKING:
    from ctnas.architecture import Float64Array

LEAST_NOISE, MOST_NOISE = 0.05, 0.5
"""Bounds of what comparisons take for the noise of labels, in robust standard deviations of them:
without any noise a network would learn every difference, and few labels may look like noise alone.
"""
FEW_LABELS, MOST_DOUBT = 2.5, 0.3
"""Of M labels at least `FEW_LABELS / sqrt(M)` is taken for noise, or `MOST_DOUBT`: what few labels
differ by is learned less exactly than it was measured."""
PresetName: TypeAlias = Literal["default", "paper", "smoke"]


@dataclass(frozen=True, slots=True)
class EncoderConfig:
    """Shape of the graph network."""

    kind: Annotated[
        Literal["gcn", "bidirectional"],
        Option(
            '"gcn" is Eq. 7; "bidirectional" convolves along and against the edges separately.',
            decides="search",
        ),
    ] = "bidirectional"
    width: Annotated[int, Option("number of features of a node.", least=1, decides="search")] = 64
    layers: Annotated[int, Option("number of graph convolutions.", least=1, decides="search")] = 4
    dropout: Annotated[
        float,
        Option(
            "probability with which a feature is dropped in training.",
            least=0,
            below=1,
            decides="search",
        ),
    ] = 0.2

    def __post_init__(self) -> None:
        check_options(self)


@dataclass(frozen=True, slots=True)
class FitConfig:
    """How a comparator is fitted to labels."""

    steps: Annotated[
        int,
        Option(
            "number of optimizer steps, or more where `epochs` need them.",
            least=1,
            decides="search",
        ),
    ] = 600
    epochs: Annotated[
        int,
        Option(
            "how often every label is seen at least, where a step compares all with each other.",
            least=0,
            decides="search",
        ),
    ] = 0
    learning_rate: Annotated[
        float,
        Option("of Adam; where the schedule peaks if there is one.", above=0, decides="search"),
    ] = 1e-2
    weight_decay: Annotated[float, Option("of Adam.", least=0, decides="search")] = 1e-4
    decoupled: Annotated[
        bool,
        Option(
            "decay the weights beside Adam's update (AdamW) and anneal the learning rate.",
            decides="search",
        ),
    ] = True
    pairs: Annotated[
        int | None,
        Option(
            "pairs drawn for a step; None compares all architectures of the step with each other.",
            least=1,
            decides="search",
        ),
    ] = None
    architectures: Annotated[
        int,
        Option(
            "number of architectures encoded in a step that compares all with each other.",
            least=2,
            decides="search",
        ),
    ] = 128
    label_noise: Annotated[
        float | None,
        Option(
            "standard deviation of the noise of a label, in robust standard deviations of the "
            "labels; a comparison's target is the probability that it survives such noise. 0 "
            "takes the sign of the difference (section 4.1), None estimates it from the labels.",
            least=0,
            decides="search",
        ),
    ] = None

    def __post_init__(self) -> None:
        check_options(self)

    def for_noise(self, noise: float, values: Float64Array) -> FitConfig:
        """Return these settings with a noise of the labels, where none was chosen.

        Args:
            noise: standard deviation of a label's noise, as estimated.
            values: [M] labels, in the same unit.
        """
        if self.label_noise is not None:
            return self
        deviation = robust_deviation(values)
        relative = noise / deviation if deviation > 0 else 0.0
        least = min(max(FEW_LABELS / sqrt(len(values)), LEAST_NOISE), MOST_DOUBT)
        return replace(self, label_noise=min(max(relative, least), MOST_NOISE))

    def for_labels(self, count: int) -> FitConfig:
        """Return these settings with the number of steps that so many labels need."""
        if self.pairs is not None:
            return self
        needed = ceil(self.epochs * count / self.architectures)
        return replace(self, steps=max(self.steps, needed), epochs=0)


@dataclass(frozen=True, slots=True)
class FlowConfig:
    """Shape of a network that follows the data through an architecture."""

    width: Annotated[int, Option("number of features of a node.", least=1, decides="search")] = 32
    dropout: Annotated[
        float,
        Option(
            "probability with which a feature is dropped in training.",
            least=0,
            below=1,
            decides="search",
        ),
    ] = 0.05

    def __post_init__(self) -> None:
        check_options(self)


@dataclass(frozen=True, slots=True)
class DistillationConfig:
    """How several models of few labels are made into one small comparator."""

    convolutions: Annotated[
        int,
        Option(
            "number of convolutional graph networks in the ensemble.", least=1, decides="search"
        ),
    ] = 1
    convolution: Annotated[EncoderConfig, Option("shape of each.")] = field(
        default_factory=lambda: EncoderConfig(width=32, dropout=0.1)
    )
    flows: Annotated[
        int, Option("number of networks that follow the data.", least=1, decides="search")
    ] = 4
    flow: Annotated[FlowConfig, Option("shape of each.")] = field(default_factory=FlowConfig)
    flow_weight: Annotated[
        float,
        Option(
            "of their opinion beside that of each other kind of model.", above=0, decides="search"
        ),
    ] = 3.0
    pool: Annotated[
        int,
        Option(
            "unlabeled architectures that the ensemble scores for the small comparator.",
            least=1,
            decides="search",
        ),
    ] = 16_000
    relatives: Annotated[
        float,
        Option(
            "share of them that are variants of labeled ones, where the space has more "
            "architectures than the pool; the others are drawn at random.",
            least=0,
            most=1,
            decides="search",
        ),
    ] = 0.5
    steps: Annotated[
        int,
        Option(
            "optimizer steps of the small comparator, or twice those of a network of the "
            "ensemble where that is more.",
            least=1,
            decides="search",
        ),
    ] = 1_500
    learning_rate: Annotated[
        float, Option("of AdamW, where the schedule peaks.", above=0, decides="search")
    ] = 2e-2
    batch: Annotated[
        int, Option("architectures of the pool in a step.", least=1, decides="search")
    ] = 128

    def __post_init__(self) -> None:
        check_options(self)


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

    def __post_init__(self) -> None:
        if self.distillation is None:
            return
        kinds = {"encoder": self.encoder.kind, "convolution": self.distillation.convolution.kind}
        for name, kind in kinds.items():
            if kind != "bidirectional":
                raise ConfigurationError(
                    f"with a distillation, the kind of {name} must be 'bidirectional', not {kind!r}"
                )
        if self.fit.pairs is not None or not self.fit.decoupled:
            raise ConfigurationError(
                "with a distillation, networks compare all architectures of a step by AdamW: pairs "
                f"must be None and decoupled True, not {self.fit.pairs} and {self.fit.decoupled}"
            )


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
        # Half as large, and with one layer, some of them say the same of every architecture.
        EncoderConfig(width=16, layers=2, dropout=0.0),
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
    return _PRESETS[known_name("preset", name, _PRESETS, ConfigurationError)]
