import re
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from scipy.stats import kendalltau

from ctnas.report.plots import held_out_tau, plot_agreement, plot_curve, plot_distribution


def texts(svg: str) -> list[str]:
    return [text.text or "" for text in ET.fromstring(svg).iter() if "text" in text.tag]


@pytest.fixture
def generator() -> np.random.Generator:
    return np.random.default_rng(0)


def test_curve_names_its_axes_as_text(generator: np.random.Generator) -> None:
    svg = plot_curve(np.arange(50), generator.random(50), "reward")
    assert {"iteration", "reward"} <= set(texts(svg))


@pytest.mark.parametrize("updates", [1, 7, 300])
def test_baseline_updates_are_counted_in_the_legend(updates: int) -> None:
    iteration = np.arange(1204)
    baseline = [str(i * (updates + 1) // 1204) for i in iteration]
    svg = plot_curve(iteration, np.sin(iteration / 9), "reward", baseline)
    assert f"baseline updates ({updates})" in texts(svg)


def test_curve_without_updates_has_no_legend() -> None:
    svg = plot_curve(np.arange(5), np.arange(5.0), "reward", ["same"] * 5)
    assert "baseline" not in svg


def test_values_that_were_not_computed_are_left_out() -> None:
    iteration = np.arange(100)
    sparse = np.where(iteration % 10 == 0, iteration / 100, np.nan)
    known = iteration % 10 == 0
    assert plot_curve(iteration, sparse, "tau") == plot_curve(
        iteration[known], sparse[known], "tau"
    )


@pytest.mark.parametrize("values", [np.array([]), np.array([np.nan]), np.array([0.5])])
def test_curve_of_hardly_anything_can_be_drawn(values: np.ndarray) -> None:
    svg = plot_curve(np.arange(len(values)), values, "reward")
    assert "reward" in texts(svg)


def test_agreement_shows_tau_of_the_held_out_labels_alone(generator: np.random.Generator) -> None:
    label = generator.random(100)
    held_out = np.arange(100) < 40
    win = np.where(held_out, label + generator.normal(0, 0.2, 100), -label)
    expected = kendalltau(label[:40], win[:40]).statistic
    assert held_out_tau(label, win, held_out) == expected
    svg = plot_agreement(label, win, held_out, "accuracy")
    assert f"Kendall's tau {expected:.3f} on 40 held-out labels" in texts(svg)
    assert {"held-out labels", "measured accuracy", "win probability"} <= set(texts(svg))


@pytest.mark.parametrize("count", [0, 1])
def test_tau_of_fewer_than_two_labels_is_not_a_number(count: int) -> None:
    held_out = np.arange(5) < count
    assert np.isnan(held_out_tau(np.arange(5.0), np.arange(5.0), held_out))
    ET.fromstring(plot_agreement(np.arange(5.0), np.arange(5.0), held_out, "accuracy"))


def test_distribution_marks_the_found_ones(generator: np.random.Generator) -> None:
    labels = generator.random(200)
    svg = plot_distribution(labels, np.array([1.1, 1.2]), "accuracy")
    assert {"measured", "found by the search", "architectures", "accuracy"} <= set(texts(svg))
    assert "found" not in plot_distribution(labels, np.array([]), "accuracy")


@pytest.mark.parametrize("count", [1, 2])
def test_distribution_of_equal_or_single_labels_can_be_drawn(count: int) -> None:
    svg = plot_distribution(np.full(count, 0.5), np.array([]), "accuracy")
    assert "accuracy" in texts(svg)


@pytest.mark.parametrize("metric", ["<script>alert(1)</script>", "a $x_{ b", "a & b"])
def test_names_stay_text(metric: str) -> None:
    svg = plot_distribution(np.arange(5.0), np.array([]), metric)
    assert "<script" not in svg
    assert metric in texts(svg)


def test_plots_of_long_runs_stay_small(generator: np.random.Generator) -> None:
    iteration = np.arange(100_000)
    curve = plot_curve(iteration, generator.random(100_000), "reward", [str(i) for i in iteration])
    label = generator.random(20_000)
    dots = plot_agreement(label, label, label > 0.5, "accuracy")
    assert len(curve) < 200_000
    assert len(dots) < 300_000


def test_same_data_gives_the_same_bytes_without_date_or_maker(
    generator: np.random.Generator,
) -> None:
    values = generator.random(30)
    svg = plot_curve(np.arange(30), values, "reward")
    assert svg == plot_curve(np.arange(30), values, "reward")
    assert not re.search(r"matplotlib\.org|\d{4}-\d\d-\d\d", svg)


def test_colors_follow_the_page() -> None:
    svg = plot_curve(np.arange(5), np.arange(5.0), "reward")
    bare = re.sub(r"var\(--[a-z]+, #[0-9a-f]{6}\)", "", svg)
    assert not re.search(r"#[0-9a-f]{6}\b", bare)
