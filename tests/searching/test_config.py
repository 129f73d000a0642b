from dataclasses import replace

import pytest

from ctnas.errors import ConfigurationError
from ctnas.searching.config import SearchConfig, search_preset


def test_paper_preset_is_that_of_section_5_1_and_appendix_c() -> None:
    config = search_preset("paper")
    assert config.iterations == 10_000
    assert config.policy_samples == 1
    assert config.policy_learning_rate == 2e-4
    assert config.entropy_weight == 5e-4
    assert config.explored_pairs == 512
    assert config.pseudo_labels == 256
    assert config.pseudo_label_ratio == 0.5
    assert config.baseline == "curriculum"
    assert config.baseline_interval == 1000
    assert config.learning.pairs == 256
    assert config.learning.learning_rate == 2e-4
    assert config.learning.weight_decay == 5e-4
    assert config.learning.label_noise == 0


def test_unknown_preset_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="unknown preset 'best'; known are default, paper"):
        search_preset("best")


@pytest.mark.parametrize(
    ("ratio", "expected"), [(0.0, 0), (0.2, 25), (0.5, 100), (0.75, 300), (0.9, 512)]
)
def test_pseudo_labels_are_that_share_of_a_batch_as_far_as_pairs_are_explored(
    ratio: float, expected: int
) -> None:
    config = SearchConfig()
    config = replace(config, learning=replace(config.learning, pairs=100), pseudo_label_ratio=ratio)
    assert config.pseudo_labels == expected


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("iterations", 0),
        ("policy_samples", 0),
        ("explored_pairs", 0),
        ("explored_architectures", 1),
        ("baseline_interval", 0),
        ("tau_interval", 0),
        ("pseudo_label_ratio", 1.0),
        ("pseudo_label_ratio", -0.1),
        ("baseline", "worst"),
        ("policy_learning_rate", 0.0),
        ("policy_width", 0),
        ("reward_decay", 1.5),
        ("entropy_weight", -1.0),
    ],
)
def test_impossible_settings_are_refused(name: str, value: object) -> None:
    with pytest.raises(ConfigurationError, match=f"{name} must be .*{value}"):
        replace(SearchConfig(), **{name: value})
