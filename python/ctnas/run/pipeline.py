"""The stages of a run, one after another."""

from __future__ import annotations

import platform
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from ctnas.app.json_file import write_json
from ctnas.app.progress import Stopwatch
from ctnas.app.threads import threads
from ctnas.comparator.fitting import fit_comparator
from ctnas.labels.tables import write_table
from ctnas.report import write_report
from ctnas.run.aims import Aims
from ctnas.run.collection import labeling, ordered_labels
from ctnas.run.comparator_stage import fitted_comparator
from ctnas.run.config import MADDS_FRONT
from ctnas.run.finalists import Finalist, choose_finalists
from ctnas.run.kept_table import keep_space, keep_table
from ctnas.run.label_sources import keep_totals, label_source
from ctnas.run.label_table import read_label_table
from ctnas.run.ledger import check_ledger, ledger_place
from ctnas.run.pareto import search_front, spread, write_front
from ctnas.run.rounds import Rounds
from ctnas.run.start import check_start
from ctnas.run.supernet_labels import load_splits
from ctnas.search import SearchConfig, SearchResult, search, search_preset
from ctnas.search.confirmation import to_confirm

if TYPE_CHECKING:
    from ctnas.app.progress import Progress
    from ctnas.architecture import ArchitectureBatch
    from ctnas.comparator.nac import NeuralArchitectureComparator
    from ctnas.labels import LabelSet
    from ctnas.run.config import RunConfig
    from ctnas.run.directory import RunDirectory
    from ctnas.run.label_sources import LabelSource
    from ctnas.spaces import SearchSpace


_OF_FINALISTS = frozenset({"name", "test_accuracy", "test_top5"})


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run found.

    Attributes:
        directory: where everything stands.
        finalists: the found architectures beside the best and the median of the random sample.
        held_out_tau: Kendall's tau on labels that the comparator had not seen.
        labels: all that was measured.
        seconds: duration of each stage, and in total.
    """

    directory: Path
    finalists: list[Finalist]
    held_out_tau: float
    labels: LabelSet
    seconds: dict[str, float]


def run(
    config: RunConfig,
    directory: RunDirectory,
    progress: Progress,
    table: LabelSet | None = None,
) -> Outcome:
    """Run every stage into a directory.

    Args:
        config: what to do.
        directory: where; what it holds of this run already is not done again.
        progress: shows stages.
        table: what its table of labels holds; read if not given.

    Raises:
        CtnasError: if a stage cannot do its work; what was finished stays in the directory.
    """
    if table is None:
        config, table = read_label_table(config, progress.say)
    check_start(config, table)
    with threads(config.threads):
        return _stages(config, directory, progress, table)


def _stages(
    config: RunConfig, directory: RunDirectory, progress: Progress, table: LabelSet | None
) -> Outcome:
    """Run the stages with settings that can be met."""
    watch = Stopwatch()
    with watch.time("total"):
        with directory.started(config):
            keep_space(directory, table)
            place = ledger_place(config, directory)
            # Before hours are spent on a supernet.
            check_ledger(place)
            source = label_source(config, table, directory, progress, watch)
            aims = Aims(config, source, directory, progress) if config.has_aims else None
        with labeling(config, directory, place, source, progress) as (ledger, collector):
            keep_totals(config, directory)
            if config.labels is not None:
                keep_table(directory, config.labels)
            source.check(ledger)
            with watch.time("labels"):
                title = f"Measure {len(source.drawn)} random architectures"
                collector.collect(source.drawn, title, source.origin)
            sampled = ordered_labels(ledger, source.space, source.drawn, only=True)
            train, held_out = sampled.split(1 - config.held_out, config.seed)
            rounds = Rounds(config, directory, source, progress, watch, aims)
            asked = rounds.ask(ledger, collector, train, held_out)
            if asked:
                train = train.joined(ordered_labels(ledger, source.space, asked, only=True))
            with watch.time("comparator"):
                comparator = fitted_comparator(config, directory, train, held_out, progress)
                comparator.export(directory.path)
                _write_predictions(directory, comparator, train, held_out)
            with watch.time("search"):
                result = _search(config, directory, comparator, train, held_out, progress)
                result.comparator.export(directory.path)
                result.history.write(directory.history)
                progress.say(f"{result.seen:,} architectures were compared")
                front = search_front(config, result) if config.objective == MADDS_FRONT else None
                known = train.joined(held_out).architectures
                best = source.space.format(
                    to_confirm(source.space, result.architectures, known, config.confirm)
                )
                if front is not None:
                    best += source.space.format(spread(front, config.confirm))
                if aims is not None and source.confirms:
                    best += rounds.promising(train, held_out, config.confirm)
            if source.confirms:
                best = list(dict.fromkeys(best))
                with watch.time("labels"):
                    collector.collect(best, f"Measure {len(best)} candidates", "search")
            order = [*source.drawn, *asked, *best]
            labels = ordered_labels(ledger, source.space, order)
        chosen = _pursue(config, directory, aims, labels, len(source.drawn), progress)
        _write_ranking(directory, labels, result, config.top, aims)
        if front is not None:
            write_front(directory.pareto, front, labels, result, config)
        finalists = choose_finalists(source, sampled, labels, result, config.finalists, chosen)
    tau = comparator.held_out_tau or 0.0
    outcome = Outcome(directory.path, finalists, tau, labels, watch.seconds)
    summary = _summary(config, source, result, outcome)
    summary |= _beside(aims, len(sampled), len(asked))
    write_json(directory.summary, summary)
    write_report(directory.path, source.space, None if place.owner is None else str(place.location))
    _retrain(config, directory, source.space, outcome, progress)
    return outcome


def _pursue(
    config: RunConfig,
    directory: RunDirectory,
    aims: Aims | None,
    labels: LabelSet,
    random: int,
    progress: Progress,
) -> ArchitectureBatch | None:
    """Write the measured front, and a comparator of every further objective; return the best.

    Nothing is written, and None returned, where the label alone counts.
    """
    if aims is None:
        return None
    measured = aims.measured(labels)
    best = aims.best(measured)
    aims.write(directory, measured, random)
    for name, further in aims.label_sets(measured).items():
        with progress.stage(f"Fit the comparator of {name} to {len(further)} labels") as advance:
            comparator = fit_comparator(labels.space, further, config.preset, config.seed, advance)
        comparator.export(directory.objectives / name)
    return best


def _retrain(
    config: RunConfig,
    directory: RunDirectory,
    space: SearchSpace,
    outcome: Outcome,
    progress: Progress,
) -> None:
    """Train the best architecture from scratch, if asked to, and write it as a network."""
    if config.retrain is None:
        return
    from ctnas.run.retrain import retrain_best

    size = load_splits(config, progress).shape[1]
    best = outcome.finalists[0].architecture
    described = retrain_best(config, directory, space, best, size, progress)
    progress.say(
        f"Network: {directory.network}, {described['accuracy']['value']:.2%} of test images"
    )


def _search(
    config: RunConfig,
    directory: RunDirectory,
    comparator: NeuralArchitectureComparator,
    train: LabelSet,
    held_out: LabelSet,
    progress: Progress,
) -> SearchResult:
    with progress.stage("Search") as advance:
        return search(
            train.space,
            train,
            preset=config.preset,
            max_madds=config.max_madds,
            seed=config.seed,
            provider=config.provider,
            config=_search_config(config),
            comparator=comparator,
            held_out=held_out,
            progress=advance,
            checkpoint=directory.search,
        )


def _search_config(config: RunConfig) -> SearchConfig:
    """Return the preset's settings with what the user set in their place."""
    preset, ratio = search_preset(config.preset), config.pseudo_label_ratio
    return replace(
        preset,
        iterations=config.iterations or preset.iterations,
        baseline=config.baseline or preset.baseline,
        pseudo_label_ratio=preset.pseudo_label_ratio if ratio is None else ratio,
    )


def _write_predictions(
    directory: RunDirectory,
    comparator: NeuralArchitectureComparator,
    train: LabelSet,
    held_out: LabelSet,
) -> None:
    """Write every label beside its predicted win probability against all labeled ones."""
    both = train.joined(held_out)
    columns: dict[str, Any] = {
        "architecture": both.space.format(both.architectures),
        "label": both.measured,
        "win_probability": comparator.win_probability(both.architectures),
        "held_out": np.arange(len(both)) >= len(train),
    }
    write_table(directory.predictions, columns)


def _write_ranking(
    directory: RunDirectory,
    labels: LabelSet,
    result: SearchResult,
    top: int,
    aims: Aims | None = None,
) -> None:
    """Write the best architectures of the search, of which limits are kept if there are any."""
    rows = np.arange(len(result.architectures))[:top]
    if aims is not None and aims.limits:
        rows = np.flatnonzero(aims.offers(labels, result.architectures))[:top]
    space, best = labels.space, result.architectures[rows]
    texts = space.format(best)
    measured = dict(zip(space.format(labels.architectures), labels.measured, strict=True))
    costs = space.costs(best)
    unknown = np.full(len(best), np.nan)
    columns: dict[str, Any] = {
        "rank": np.arange(1, len(best) + 1),
        "architecture": texts,
        "win_probability": result.win_probability[rows],
        "label": np.array([measured.get(text, np.nan) for text in texts]),
        "madds": unknown if costs is None else costs.madds,
        "parameters": unknown if costs is None else costs.parameters,
    }
    write_table(directory.ranking, columns)


def _summary(
    config: RunConfig, source: LabelSource, result: SearchResult, outcome: Outcome
) -> dict[str, Any]:
    """Return the contents of summary.json."""
    best = outcome.finalists[0].as_dict()
    return {
        "space": source.space.name,
        "dataset": source.dataset,
        "metric": outcome.labels.metric,
        "minimize": outcome.labels.minimize,
        "preset": config.preset,
        "seed": config.seed,
        "queries": len(outcome.labels),
        "iterations": len(result.history.rows),
        "kendall_tau": outcome.held_out_tau,
        "noise": result.comparator.noise,
        "best": {key: best[key] for key in best if key not in _OF_FINALISTS},
        "finalists": [finalist.as_dict() for finalist in outcome.finalists],
        "provider": result.provider,
        "seconds": {name: round(value, 2) for name, value in outcome.seconds.items()},
        "versions": {
            "ctnas": version("ctnas"),
            "python": platform.python_version(),
            "torch": torch.__version__,
            "onnxruntime": _onnxruntime_version(),
        },
    }


def _beside(aims: Aims | None, random: int, asked: int) -> dict[str, Any]:
    """Return what summary.json says of rounds, objectives and limits, where there are any."""
    rounds = {"random_queries": random, "adaptive_queries": asked} if asked else {}
    return rounds | ({} if aims is None else aims.as_dict(random))


def _onnxruntime_version() -> str:
    from ctnas import _core

    return _core.load_runtime()
