"""Every strategy: the budget is kept, seeds decide, and the choice makes sense."""

import numpy as np
import pytest

from ctnas.architecture import ArchitectureBatch, Float64Array
from ctnas.errors import ConfigurationError, LabelError
from ctnas.searching.strategies import get_strategy, strategy_names
from ctnas.spaces import DartsSpace, GraphSpace, SearchSpace


def objective(batch: ArchitectureBatch) -> Float64Array:
    """Return a value to which every choice contributes; choice 3 of everything is best."""
    columns = np.arange(1, batch.decisions.shape[1] + 1)
    distance: Float64Array = -(np.abs(batch.decisions - 3.0) * columns).sum(axis=1)
    return distance


SMOKE = {"preset": "smoke"}
OPTIONS = {
    "ctnas": {"iterations": 3, **SMOKE},
    "adaptive": {"initial": 15, **SMOKE},
    **dict.fromkeys(("exhaustive", "regression", "renas"), SMOKE),
}


@pytest.mark.parametrize("name", strategy_names())
def test_all_queries_are_spent_on_different_architectures(name: str, space: SearchSpace) -> None:
    asked = []

    def measure(batch: ArchitectureBatch) -> Float64Array:
        asked.append(batch)
        return objective(batch)

    result = get_strategy(name, **OPTIONS.get(name, {})).run(space, measure, 25, seed=3)
    assert result.labels.architectures == ArchitectureBatch.concatenate(asked)
    assert len(np.unique(result.labels.architectures.decisions, axis=0)) == 25
    assert np.array_equal(result.labels.values, objective(result.labels.architectures))
    space.check(result.chosen)
    assert len(result.chosen) == 1
    assert np.isnan(result.expected_rank) == (result.comparator is None)


@pytest.mark.parametrize("name", strategy_names())
def test_the_seed_decides_everything(name: str, space: SearchSpace) -> None:
    strategy = get_strategy(name, **OPTIONS.get(name, {}))
    first, again, other = (strategy.run(space, objective, 20, seed) for seed in (5, 5, 6))
    assert first.labels.architectures == again.labels.architectures
    assert first.chosen == again.chosen
    assert first.labels.architectures != other.labels.architectures


def test_strategies_that_query_at_once_learn_from_the_same_draw(space: SearchSpace) -> None:
    draws = [
        get_strategy(name, **OPTIONS.get(name, {}))
        .run(space, objective, 20, seed=1)
        .labels.architectures
        for name in ("random", "regression", "renas", "exhaustive")
    ]
    assert all(draw == draws[0] for draw in draws)


@pytest.mark.parametrize("name", ["adaptive", "evolution", "local"])
def test_asking_step_by_step_beats_random_search(name: str, space: SearchSpace) -> None:
    options = OPTIONS.get(name, {})
    means = [
        np.mean(
            [
                objective(get_strategy(kind, **with_).run(space, objective, 60, seed).chosen)[0]
                for seed in range(2)
            ]
        )
        for kind, with_ in ((name, options), ("random", {}))
    ]
    assert means[0] > means[1]


def test_adaptive_chooses_a_measured_architecture(space: SearchSpace) -> None:
    result = get_strategy("adaptive", **SMOKE, label_noise=5.0).run(space, objective, 30, seed=0)
    measured = result.labels.architectures.decisions.tolist()
    assert result.chosen.decisions[0].tolist() in measured


def test_adaptive_without_noise_chooses_the_best_label(space: SearchSpace) -> None:
    result = get_strategy("adaptive", **SMOKE, label_noise=0.0).run(space, objective, 30, seed=0)
    assert result.chosen == result.labels.best().architectures


def test_adaptive_searches_a_space_that_is_too_large_to_enumerate(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in (("SAMPLES", 200), ("PARENTS", 5), ("CHILDREN", 4)):
        monkeypatch.setattr(f"ctnas.searching.candidates.{name}", value)
    space = DartsSpace()
    result = get_strategy("adaptive", **SMOKE).run(space, objective, 40, seed=0)
    assert len(result.labels) == 40
    started_from = objective(result.labels.architectures[:20]).max()
    assert objective(result.chosen)[0] > started_from


def test_adaptive_measures_a_whole_small_space(chain: GraphSpace) -> None:
    result = get_strategy("adaptive", **SMOKE, initial=10).run(chain, objective, 24, seed=0)
    assert len(result.labels) == 24


@pytest.mark.parametrize("name", ["evolution", "local"])
def test_running_out_of_new_graphs_ends_a_strategy(name: str, chain: GraphSpace) -> None:
    result = get_strategy(name).run(chain, objective, 24, seed=0)
    distinct = np.count_nonzero(chain.is_distinct(chain.enumerate()))
    assert len(result.labels) <= distinct
    assert result.chosen == result.labels.best().architectures


def test_a_tournament_larger_than_the_population_is_refused() -> None:
    with pytest.raises(ConfigurationError, match=r"tournament must be in 1\.\.population"):
        get_strategy("evolution", population=5, tournament=6)


def test_an_unknown_strategy_is_refused_with_those_that_exist() -> None:
    with pytest.raises(ConfigurationError, match="unknown strategy 'magic'; known are adaptive"):
        get_strategy("magic")


def test_an_unknown_option_is_refused_with_those_that_exist() -> None:
    with pytest.raises(ConfigurationError, match="no option 'size'; its options are population"):
        get_strategy("evolution", size=3)
    with pytest.raises(ConfigurationError, match="its options are none"):
        get_strategy("random", size=3)


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("adaptive", {"initial": 5}, "initial must be at least 10 labels, not 5"),
        ("adaptive", {"optimism": -0.1}, "optimism must be at least 0, not -0.1"),
        ("adaptive", {"label_noise": -1.0}, "label_noise must be at least 0"),
        ("ctnas", {"baseline": "none"}, "baseline must be one of curriculum, fixed, random"),
        ("ctnas", {"pseudo_label_ratio": 1.0}, "pseudo_label_ratio must be at least 0 and below 1"),
        ("ctnas", {"preset": "big"}, "unknown preset 'big'"),
    ],
)
def test_a_setting_that_is_not_allowed_is_refused(
    name: str, options: dict[str, object], message: str
) -> None:
    with pytest.raises(ConfigurationError, match=message):
        get_strategy(name, **options)


def test_more_queries_than_architectures_are_refused(chain: GraphSpace) -> None:
    with pytest.raises(ConfigurationError, match=r"queries must be in 1\.\.24"):
        get_strategy("random").run(chain, objective, 25, seed=0)


def test_an_objective_that_is_not_finite_is_refused_by_name(chain: GraphSpace) -> None:
    with pytest.raises(LabelError, match=r"the objective of 'first=.*' is nan"):
        get_strategy("random").run(chain, lambda batch: np.full(len(batch), np.nan), 3, seed=0)


def test_an_objective_of_another_length_is_refused(chain: GraphSpace) -> None:
    with pytest.raises(LabelError, match=r"must be float64 \[3\], not of shape \[1\]"):
        get_strategy("random").run(chain, lambda _: np.zeros(1), 3, seed=0)


@pytest.mark.parametrize(("ratio", "kept"), [(0.0, 0), (0.3, 110), (0.5, 256), (0.8, 1024)])
def test_the_share_of_pseudo_labels_is_the_one_asked_for(ratio: float, kept: int) -> None:
    strategy = get_strategy("ctnas", preset="paper", pseudo_label_ratio=ratio)
    config = strategy._config()  # type: ignore[attr-defined]
    assert config.pseudo_labels == kept
    assert config.explored_pairs >= 2 * kept
