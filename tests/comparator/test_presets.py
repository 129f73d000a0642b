from dataclasses import replace

import pytest

from ctnas.comparator.presets import (
    DistillationConfig,
    EncoderConfig,
    FitConfig,
    comparator_preset,
)
from ctnas.errors import ConfigurationError


def test_paper_preset_is_that_of_section_4_and_appendix_c() -> None:
    preset = comparator_preset("paper")
    assert preset.encoder.kind == "gcn"
    assert preset.encoder.layers == 2
    assert preset.encoder.dropout == 0
    assert preset.fit.steps == 10_000
    assert preset.fit.learning_rate == 2e-4
    assert preset.fit.weight_decay == 5e-4
    assert preset.fit.pairs == 256
    assert preset.fit.label_noise == 0


def test_unknown_preset_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ConfigurationError, match="'best'; known are default, paper"):
        comparator_preset("best")


@pytest.mark.parametrize(("name", "value"), [("width", 0), ("layers", 0), ("dropout", 1.0)])
def test_impossible_encoder_is_refused(name: str, value: float) -> None:
    with pytest.raises(ConfigurationError, match=f"{name}.*{value}"):
        replace(EncoderConfig(), **{name: value})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("steps", 0),
        ("epochs", -1),
        ("learning_rate", 0.0),
        ("weight_decay", -1.0),
        ("label_noise", -0.5),
        ("learning_rate", float("nan")),
        ("pairs", 0),
        ("architectures", 1),
    ],
)
def test_impossible_fit_is_refused(name: str, value: float) -> None:
    with pytest.raises(ConfigurationError, match=f"{name}.*{value}"):
        replace(FitConfig(), **{name: value})


def test_many_labels_are_given_more_steps() -> None:
    fit = FitConfig(steps=600, epochs=192, architectures=128)
    assert fit.for_labels(100).steps == 600
    assert fit.for_labels(1_000).steps == 1_500


def test_a_fit_to_chosen_pairs_takes_the_steps_it_is_given() -> None:
    fit = comparator_preset("paper").fit
    assert fit.for_labels(100_000) == fit


@pytest.mark.parametrize(("name", "value"), [("relatives", 1.5), ("pool", 0), ("flow_weight", 0.0)])
def test_impossible_distillation_is_refused(name: str, value: float) -> None:
    with pytest.raises(ConfigurationError, match=f"{name}.*{value}"):
        replace(DistillationConfig(), **{name: value})
