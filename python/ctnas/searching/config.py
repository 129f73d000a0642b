"""Settings of the search; the only place where they are defined."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Literal, TypeAlias

from ctnas.checked import known_name
from ctnas.comparator.presets import FitConfig
from ctnas.errors import ConfigurationError
from ctnas.settings.option import Option, check_options

BaselineKind: TypeAlias = Literal["curriculum", "fixed", "random"]


@dataclass(frozen=True, slots=True)
class SearchConfig:
    """Algorithm 1."""

    iterations: Annotated[int, Option("T.", least=1, resumed="total", decides="search")] = 300
    policy_samples: Annotated[
        int, Option("N, architectures sampled for a policy gradient.", least=1, decides="search")
    ] = 32
    policy_learning_rate: Annotated[float, Option("of Adam.", above=0, decides="search")] = 1e-2
    policy_width: Annotated[
        int,
        Option("number of features of the policy's recurrent state.", least=1, decides="search"),
    ] = 64
    entropy_weight: Annotated[
        float,
        Option(
            "weight of the policy's entropy beside the reward.",
            least=0,
            decides="search",
        ),
    ] = 5e-4
    kept_entropy: Annotated[
        float,
        Option(
            "share of the uniform policy's entropy that the policy keeps: it pays for what is "
            "missing of it. 0 lets it become sure, as the paper does.",
            least=0,
            below=1,
            decides="search",
        ),
    ] = 0.2
    reward_decay: Annotated[
        float,
        Option(
            "decay of the average reward that is subtracted to lower the variance.",
            least=0,
            below=1,
            decides="search",
        ),
    ] = 0.95
    explored_architectures: Annotated[
        int, Option("size of the sample S that is explored (line 12).", least=2, decides="search")
    ] = 64
    explored_pairs: Annotated[
        int, Option("pairs of S that are scored (Alg. 3).", least=1, decides="search")
    ] = 512
    pseudo_label_ratio: Annotated[
        float,
        Option(
            "r, share of pseudo-labels in a batch (section 6.3).",
            least=0,
            below=1,
            decides="search",
        ),
    ] = 0.5
    baseline: Annotated[
        BaselineKind,
        Option(
            '"curriculum" is Alg. 2; "fixed" and "random" are the ablations of section 6.2.',
            decides="search",
        ),
    ] = "curriculum"
    baseline_interval: Annotated[
        int, Option("iterations between updates of the baseline.", least=1, decides="search")
    ] = 10
    learning: Annotated[
        FitConfig,
        Option("how the comparator learns on; its `pairs` are drawn for a step."),
    ] = field(
        default_factory=lambda: FitConfig(
            learning_rate=1e-4, decoupled=False, pairs=256, label_noise=0.13
        )
    )
    remembered: Annotated[
        int,
        Option(
            "random architectures of which the comparator remembers what it said before the "
            "search: it learns that beside pseudo-labels, which alone would blur it. 0 takes the "
            "labels in their place, as the paper does.",
            least=0,
            decides="search",
        ),
    ] = 2_000
    random_queries: Annotated[
        float,
        Option(
            "share of a run's queries that is drawn at random before rounds begin; 1 asks all at "
            "once (section 4).",
            above=0,
            most=1,
            decides="labels",
        ),
    ] = 1 / 3
    refined: Annotated[
        int,
        Option(
            "candidates that descend from what the search has seen, made when it is over.",
            least=0,
            decides="search",
        ),
    ] = 1_000_000
    tau_interval: Annotated[
        int,
        Option(
            "iterations between measurements of Kendall's tau on held-out labels.",
            least=1,
            decides="search",
        ),
    ] = 10
    refit: Annotated[
        bool,
        Option(
            "whether candidates are ordered by a comparator that is fitted once more, to all "
            "labels; the paper's is the one that explored.",
            decides="search",
        ),
    ] = True

    def __post_init__(self) -> None:
        check_options(self)

    @property
    def pseudo_labels(self) -> int:
        """K, the most confident pairs that join a batch, so that their share is r."""
        labeled = self.learning.pairs or 0
        ratio = self.pseudo_label_ratio
        return min(self.explored_pairs, round(labeled * ratio / (1 - ratio)))


_PRESETS = {
    "default": SearchConfig(),
    # Section 5.1 and appendix C.
    "paper": SearchConfig(
        iterations=10_000,
        policy_samples=1,
        policy_learning_rate=2e-4,
        kept_entropy=0.0,
        baseline_interval=1_000,
        learning=FitConfig(
            learning_rate=2e-4, weight_decay=5e-4, decoupled=False, pairs=256, label_noise=0.0
        ),
        remembered=0,
        random_queries=1.0,
        refined=0,
        tau_interval=100,
        refit=False,
    ),
    # Every part of the default one, each as small as it works.
    "smoke": SearchConfig(
        iterations=10,
        policy_samples=8,
        policy_width=16,
        explored_architectures=16,
        explored_pairs=64,
        baseline_interval=4,
        learning=FitConfig(learning_rate=1e-3, decoupled=False, pairs=32),
        remembered=100,
        refined=1_000,
        tau_interval=5,
    ),
}


def search_preset(name: str) -> SearchConfig:
    """Return the search settings of that preset.

    Raises:
        ConfigurationError: if there is none.
    """
    return _PRESETS[known_name("preset", name, _PRESETS, ConfigurationError)]
