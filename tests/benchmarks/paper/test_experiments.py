"""The experiments: which runs they consist of, and the paper's figures beside them."""

import numpy as np
import pytest

from ctnas.benchmarks.paper import ablation, figure5, table1, table_a
from ctnas.benchmarks.paper import nasbench201 as nasbench201_target
from ctnas.benchmarks.paper.agreement import MODELS
from ctnas.benchmarks.paper.benchmark import Benchmark
from ctnas.benchmarks.paper.config import ReproduceConfig, Target
from ctnas.benchmarks.paper.methods import METHODS, fingerprint
from ctnas.benchmarks.paper.targets import load_experiment
from ctnas.errors import ConfigurationError
from ctnas.labels import LabelSet
from ctnas.searching.strategies import Strategy, get_strategy
from ctnas.spaces import get_space


@pytest.fixture(autouse=True)
def made_up_tables(monkeypatch: pytest.MonkeyPatch) -> Benchmark:
    """Put a made-up table of NAS-Bench-201 in the place of the published ones."""
    space = get_space("nasbench201")
    every = space.enumerate()
    labels = LabelSet(space, every, every.decisions.sum(axis=1) + np.arange(len(every)) * 1e-6)
    table = Benchmark(labels, labels, 1.0, "made_up.csv", "made up")
    for module in (table1, table_a, ablation, figure5):
        monkeypatch.setattr(module, "nasbench101", lambda _: table)
    monkeypatch.setattr(nasbench201_target, "nasbench201", lambda _: table)
    return table


@pytest.mark.parametrize(
    ("target", "lines"),
    [
        ("table1", 9),
        ("table3", 2),
        ("table4", 3),
        ("table5", 4),
        ("figure5", 12),
        ("tableA", 4),
        ("nasbench201", 16),
    ],
)
def test_every_line_has_as_many_runs_as_were_asked_for(target: Target, lines: int) -> None:
    experiment = load_experiment(target, ReproduceConfig(runs=3))
    assert experiment.name == target
    assert len(experiment.lines) == lines
    assert len(experiment.jobs) == 3 * lines
    assert len({str(job.key) for job in experiment.jobs}) == 3 * lines


@pytest.mark.parametrize(
    ("target", "line", "figure", "mean"),
    [
        ("table1", "random, 423 queries", "accuracy", 89.31),
        ("table1", "ctnas-paper, 423 queries", "tau_100", 0.751),
        ("table4", "ctnas-paper, 423 labels, fixed baseline", "accuracy", 93.39),
        ("table5", "ctnas-paper, 423 labels, r = 0.8", "accuracy", 93.60),
        ("tableA", "renas, 423 labels", "tau_100", 0.634),
        ("nasbench201", "default, 781 labels", "tau", 0.84),
    ],
)
def test_the_published_figures_stand_at_their_line(
    target: Target, line: str, figure: str, mean: float
) -> None:
    lines = {line.name: line for line in load_experiment(target, ReproduceConfig()).lines}
    assert lines[line].published[figure].mean == mean


def test_strategies_and_queries_can_be_chosen() -> None:
    config = ReproduceConfig(runs=1, strategies=("local", "random"), queries=(30, 50))
    names = [line.name for line in load_experiment("table1", config).lines]
    assert names == [
        "local, 30 queries",
        "random, 30 queries",
        "local, 50 queries",
        "random, 50 queries",
    ]


def test_the_papers_figures_are_of_its_number_of_queries_alone() -> None:
    (line,) = load_experiment(
        "table1", ReproduceConfig(strategies=("random",), queries=(100,))
    ).lines
    assert line.published == {}


def test_a_search_run_reports_what_it_chose(made_up_tables: Benchmark) -> None:
    experiment = load_experiment(
        "table1", ReproduceConfig(runs=1, strategies=("random",), queries=(25,))
    )
    result = experiment.jobs[0].run()
    found = get_strategy("random").run(made_up_tables.space, made_up_tables.measure, 25, seed=0)
    assert result["accuracy"] == found.labels.values.max()
    better = (made_up_tables.judged > found.labels.values.max()).sum()
    assert result["rank"] == pytest.approx(100 * (better + 1) / 15_625)
    assert result["queries"] == 25


def test_a_fit_reports_its_agreement_with_all_others(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []

    class Oracle:
        def encode(self, batch):
            seen.append(batch)
            return batch.decisions.sum(axis=1).astype(np.float32), None

    monkeypatch.setitem(MODELS, "default", lambda _labels, _seed: Oracle())
    config = ReproduceConfig(runs=1, strategies=("default",))
    job = load_experiment("nasbench201", config).jobs[0]
    result = job.run()
    assert len(seen[0]) == 15_625 - 78
    assert result["tau"] > 0.95


@pytest.mark.slow
def test_the_core_ranks_as_the_pairs_do_and_faster() -> None:
    for job in load_experiment("table3", ReproduceConfig(runs=1)).jobs:
        result = job.run()
        assert result["ratio"] == pytest.approx(result["pairs"] / result["core"])
        assert result["ratio"] > 5


def test_other_settings_have_another_fingerprint() -> None:
    prints = {
        fingerprint(get_strategy("adaptive")),
        fingerprint(get_strategy("adaptive", optimism=1.0)),
        fingerprint(get_strategy("evolution")),
    }
    assert len(prints) == 3
    assert fingerprint(get_strategy("adaptive")) in prints


def test_unknown_methods_and_models_are_refused() -> None:
    config = ReproduceConfig(strategies=("magic",))
    with pytest.raises(ConfigurationError, match="unknown strategy 'magic'; known are random"):
        load_experiment("table1", config)
    with pytest.raises(ConfigurationError, match="unknown model 'magic'; known are default"):
        load_experiment("tableA", config)


def test_ablations_are_about_algorithm_1() -> None:
    with pytest.raises(ConfigurationError, match="table4 is about ctnas and ctnas-paper"):
        load_experiment("table4", ReproduceConfig(strategies=("random",)))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"runs": 0}, "runs must be at least 1, not 0"),
        ({"queries": (5, 0)}, "queries must be at least 1, not 0"),
        ({"iterations": 0}, "iterations must be at least 1, not 0"),
    ],
)
def test_settings_that_are_not_allowed_are_refused(
    options: dict[str, object], message: str
) -> None:
    with pytest.raises(ConfigurationError, match=message):
        ReproduceConfig(**options)  # type: ignore[arg-type]


def test_every_method_is_a_strategy_that_exists() -> None:
    for method in METHODS.values():
        assert isinstance(get_strategy(method.strategy, **method.options), Strategy)


@pytest.mark.slow
def test_supernets_take_the_place_of_strategies_beside_their_rows_of_the_paper() -> None:
    config = ReproduceConfig(
        supernet=("spos", "fairnas"), runs=2, queries=(60,), epochs=1, channels=4
    )
    experiment = load_experiment("table1", config)
    assert [line.name for line in experiment.lines] == ["spos, 60 measured", "fairnas, 60 measured"]
    assert [line.published["tau_100"].mean for line in experiment.lines] == [0.195, -0.232]
    assert len({str(job.key) for job in experiment.jobs}) == 4
    for job in experiment.jobs[::2]:
        result = job.run()
        assert -1 <= result["tau_100"] <= 1
        assert 0 < result["rank"] <= 100
    again = load_experiment("table1", config).jobs[2].run()
    assert again["tau_100"] == result["tau_100"]


def test_supernets_are_rows_of_table_1_only() -> None:
    with pytest.raises(ConfigurationError, match="supernet is an option of table1, not of table4"):
        load_experiment("table4", ReproduceConfig(supernet=("spos",)))
