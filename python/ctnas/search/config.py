"""Settings of the search; the only place where they are defined."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from ctnas.comparator.presets import FitConfig
from ctnas.errors import ConfigurationError

BaselineKind: TypeAlias = Literal["curriculum", "fixed", "random"]


@dataclass(frozen=True, slots=True)
class SearchConfig:
    """Algorithm 1.

    Attributes:
        iterations: T.
        policy_samples: N, architectures sampled for a policy gradient.
        policy_learning_rate: of Adam.
        policy_width: number of features of the policy's recurrent state.
        entropy_weight: weight of the policy's entropy beside the reward.
        reward_decay: decay of the average reward that is subtracted to lower the variance.
        explored_architectures: size of the sample S that is explored (line 12).
        explored_pairs: pairs of S that are scored (Alg. 3).
        pseudo_label_ratio: r, share of pseudo-labels in a batch (section 6.3).
        baseline: "curriculum" is Alg. 2; "fixed" and "random" are the ablations of section 6.2.
        baseline_interval: iterations between updates of the baseline.
        learning: how the comparator learns on; its `pairs` are drawn from labels for a step.
        tau_interval: iterations between measurements of Kendall's tau on held-out labels.
    """

    iterations: int = 300
    policy_samples: int = 32
    policy_learning_rate: float = 1e-2
    policy_width: int = 64
    entropy_weight: float = 5e-4
    reward_decay: float = 0.95
    explored_architectures: int = 64
    explored_pairs: int = 512
    pseudo_label_ratio: float = 0.5
    baseline: BaselineKind = "curriculum"
    baseline_interval: int = 10
    learning: FitConfig = field(
        default_factory=lambda: FitConfig(
            learning_rate=1e-4, decoupled=False, pairs=256, label_noise=0.13
        )
    )
    tau_interval: int = 10

    def __post_init__(self) -> None:
        counts = {
            "iterations": self.iterations,
            "policy_samples": self.policy_samples,
            "policy_width": self.policy_width,
            "explored_pairs": self.explored_pairs,
            "baseline_interval": self.baseline_interval,
            "tau_interval": self.tau_interval,
        }
        for name, value in counts.items():
            if value < 1:
                raise ConfigurationError(f"{name} must be at least 1, not {value}")
        if not self.policy_learning_rate > 0:
            raise ConfigurationError(
                f"policy_learning_rate must be positive, not {self.policy_learning_rate}"
            )
        if not self.entropy_weight >= 0:
            raise ConfigurationError(
                f"entropy_weight must be at least 0, not {self.entropy_weight}"
            )
        if not 0 <= self.reward_decay < 1:
            raise ConfigurationError(f"reward_decay must be in [0, 1), not {self.reward_decay}")
        if self.explored_architectures < 2:
            raise ConfigurationError(
                f"explored_architectures must be at least 2, not {self.explored_architectures}"
            )
        if not 0 <= self.pseudo_label_ratio < 1:
            raise ConfigurationError(
                f"pseudo_label_ratio must be in [0, 1), not {self.pseudo_label_ratio}"
            )
        if self.baseline not in ("curriculum", "fixed", "random"):
            raise ConfigurationError(
                f"baseline must be curriculum, fixed or random, not {self.baseline!r}"
            )

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
        baseline_interval=1_000,
        learning=FitConfig(
            learning_rate=2e-4, weight_decay=5e-4, decoupled=False, pairs=256, label_noise=0.0
        ),
        tau_interval=100,
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
        tau_interval=5,
    ),
}


def search_preset(name: str) -> SearchConfig:
    """Return the search settings of that preset.

    Raises:
        ConfigurationError: if there is none.
    """
    if name not in _PRESETS:
        raise ConfigurationError(f"unknown preset {name!r}; known are {', '.join(_PRESETS)}")
    return _PRESETS[name]
