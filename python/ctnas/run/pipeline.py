"""A run from labels to report, one step after another."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ctnas.app.counted import counted
from ctnas.app.json_file import write_json
from ctnas.app.threads import threads
from ctnas.comparator.fitting import fit_comparator
from ctnas.comparator.kept import keep_comparator, kept_comparator
from ctnas.comparator.prior import read_priors
from ctnas.labels import LabelSet
from ctnas.labels.place import check_ledger
from ctnas.report import write_report
from ctnas.run.collection import collection, ledger_place
from ctnas.run.config import MADDS_FRONT
from ctnas.run.context import RunContext
from ctnas.run.inputs import check_start, keep_space, keep_table, read_label_table
from ctnas.run.label_sources import find_targets, keep_totals, label_source
from ctnas.run.results import (
    Outcome,
    best_found,
    choose_finalists,
    summary,
    write_front,
    write_predictions,
    write_ranking,
)
from ctnas.run.rounds import Rounds
from ctnas.run.trained import found_order
from ctnas.searching import SearchConfig, search_preset
from ctnas.searching.algorithm import search
from ctnas.searching.choice import best_and_median
from ctnas.searching.confirmation import to_confirm
from ctnas.searching.pareto import pareto_front, spread
from ctnas.searching.progress_file import search_identity

if TYPE_CHECKING:
    from ctnas.app.progress import Progress
    from ctnas.architecture import ArchitectureBatch
    from ctnas.comparator.nac import NeuralArchitectureComparator
    from ctnas.labels.place import LedgerPlace
    from ctnas.run.collection import RunLabels
    from ctnas.run.config import RunConfig
    from ctnas.run.directory import RunDirectory
    from ctnas.run.label_sources import LabelSource
    from ctnas.run.results import Finalist
    from ctnas.run.trained import Trained
    from ctnas.searching import SearchResult
    from ctnas.searching.pareto import ParetoFront
    from ctnas.searching.targets import Targets
    from ctnas.spaces import SearchSpace


def run(
    config: RunConfig,
    directory: RunDirectory,
    progress: Progress,
    table: LabelSet | None = None,
) -> Outcome:
    """Run every step into a directory.

    Args:
        config: what to do.
        directory: where; what it holds of this run already is not done again.
        progress: shows stages.
        table: what its table of labels holds; read if not given.

    Raises:
        CtnasError: if a step cannot do its work; what was finished stays in the directory.
    """
    if table is None:
        config, table = read_label_table(config, progress.say)
    check_start(config, table)
    with threads(config.threads):
        return _steps(RunContext(config, directory, progress), table)


def _steps(run: RunContext, table: LabelSet | None) -> Outcome:
    """Run the six steps of the README, with settings that can be met."""
    with run.watch.time("total"):
        place, source, targets = _prepare(run, table)
        with collection(run, place, source) as labels:
            _keep_inputs(run, source, labels)
            known = _measure(run, source, labels, targets)
            comparator = _fit(run, known)
            found = _search(run, source, labels, comparator, known)
        trained = _train_fully(run, place, source, known, found)
        finalists = _finalists(run, source, targets, known, found, trained)
    tau = comparator.held_out_tau or 0.0
    outcome = Outcome(run.directory.path, finalists, tau, found.labels, run.watch.seconds)
    contents = summary(run, source, found.result, outcome) | _beside(targets, known, trained)
    write_json(run.directory.summary, contents)
    owned = None if place.owner is None else str(place.location)
    write_report(run.directory.path, source.space, owned)
    _retrain(run, source.space, outcome)
    return outcome


@dataclass(frozen=True, slots=True)
class _Known:
    """What is measured before the search.

    Attributes:
        sampled: the random sample.
        train: what is learned from: most of the sample, and all that rounds asked.
        held_out: the rest of the sample, which judges.
        asked: texts of what rounds asked.
        rounds: they know what else promises much.
    """

    sampled: LabelSet
    train: LabelSet
    held_out: LabelSet
    asked: list[str]
    rounds: Rounds


@dataclass(frozen=True, slots=True)
class _Found:
    """What the search has found.

    Attributes:
        result: the candidates and the comparator that the search ended with.
        front: of win probability and multiply-adds, where that is looked for.
        labels: all labels, those of the measured candidates among them.
    """

    result: SearchResult
    front: ParetoFront | None
    labels: LabelSet


def _prepare(
    run: RunContext, table: LabelSet | None
) -> tuple[LedgerPlace, LabelSource, Targets | None]:
    """Open the directory; train the supernet, or take the table in its place."""
    with run.directory.started(run.config):
        keep_space(run.directory, table)
        place = ledger_place(run.config, run.directory)
        # Before hours are spent on a supernet.
        check_ledger(place)
        source = label_source(run, table)
        return place, source, find_targets(run, source, place)


def _keep_inputs(run: RunContext, source: LabelSource, labels: RunLabels) -> None:
    """Keep what the run was given, and compare it with the labels that are there."""
    keep_totals(run)
    if run.config.labels is not None:
        keep_table(run.directory, run.config.labels)
    source.check(labels.ledger)


def _measure(
    run: RunContext, source: LabelSource, labels: RunLabels, targets: Targets | None
) -> _Known:
    """Measure the random sample, then in rounds what promises most or is known least."""
    title = f"Measure {len(source.drawn)} random architectures"
    labels.collect(source.drawn, title, source.origin)
    sampled = labels.of(source.drawn)
    train, held_out = sampled.split(1 - run.config.held_out, run.config.seed)
    rounds = Rounds(run, source, labels, targets)
    asked = rounds.ask(train, held_out)
    if asked:
        train = train.joined(labels.of(asked))
    return _Known(sampled, train, held_out, asked, rounds)


def _fit(run: RunContext, known: _Known) -> NeuralArchitectureComparator:
    """Fit the comparator, judge it by held-out labels and export it."""
    with run.watch.time("comparator"):
        comparator = _fitted(run, known.train, known.held_out)
        comparator.export(run.directory.path)
        write_predictions(run.directory.predictions, comparator, known.train, known.held_out)
    return comparator


def _fitted(run: RunContext, train: LabelSet, held_out: LabelSet) -> NeuralArchitectureComparator:
    """Return the comparator of these labels, which is fitted once."""
    config, path = run.config, run.directory.comparator
    priors = read_priors(config.prior, train.space)
    identity = search_identity(
        search_preset(config.preset),
        train,
        held_out,
        *(prior for prior in priors if isinstance(prior, LabelSet)),
        preset=config.preset,
        seed=config.seed,
        prior=config.prior,
    )
    kept = kept_comparator(path, identity, config.preset, train)
    if kept is not None:
        kept.priors = priors
        return kept
    with run.progress.stage(f"Fit the comparator to {len(train)} labels") as advance:
        comparator = fit_comparator(
            train.space, train, config.preset, config.seed, advance, prior=priors
        )
    tau = comparator.held_out_tau = comparator.kendall_tau(held_out)
    keep_comparator(path, identity, comparator)
    run.progress.say(f"Kendall's tau on {counted(len(held_out), 'held-out label')}: {tau:.3f}")
    return comparator


def _search(
    run: RunContext,
    source: LabelSource,
    labels: RunLabels,
    comparator: NeuralArchitectureComparator,
    known: _Known,
) -> _Found:
    """Search with the comparator, export what it has become, and measure the best candidates."""
    with run.watch.time("search"):
        result = _searched(run, comparator, known)
        result.comparator.export(run.directory.path)
        result.history.write(run.directory.history)
        run.progress.say(f"{result.seen:,} architectures were compared")
        front = _expected_front(run.config, result)
        best = _candidates(run.config, result, front, known)
    if source.confirms:
        labels.collect(best, f"Measure {counted(len(best), 'candidate')}", "search")
    return _Found(result, front, labels.of([*source.drawn, *known.asked, *best], others=True))


def _searched(
    run: RunContext, comparator: NeuralArchitectureComparator, known: _Known
) -> SearchResult:
    """Run Algorithm 1."""
    config = run.config
    with run.progress.stage("Search") as advance:
        return search(
            known.train.space,
            known.train,
            preset=config.preset,
            max_madds=config.max_madds,
            seed=config.seed,
            provider=config.provider,
            config=_search_config(config),
            comparator=comparator,
            held_out=known.held_out,
            progress=advance,
            checkpoint=run.directory.search,
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


def _expected_front(config: RunConfig, result: SearchResult) -> ParetoFront | None:
    """Return the front of win probability and multiply-adds, where that is looked for."""
    if config.objective != MADDS_FRONT:
        return None
    return pareto_front(result.comparator, result.architectures, config.max_madds, config.provider)


def _candidates(
    config: RunConfig, result: SearchResult, front: ParetoFront | None, known: _Known
) -> list[str]:
    """Return texts of what is to be measured of the search, each once."""
    space, count = known.train.space, config.confirm
    measured = known.train.joined(known.held_out).architectures
    best = space.format(to_confirm(space, result.architectures, measured, count))
    if front is not None:
        best += space.format(spread(front, count))
    best += known.rounds.best(known.train, known.held_out, count)
    return list(dict.fromkeys(best))


def _train_fully(
    run: RunContext, place: LedgerPlace, source: LabelSource, known: _Known, found: _Found
) -> Trained | None:
    """Spend full trainings on what labels promise, if there are any to spend."""
    config = run.config
    if not config.full_trainings:
        return None
    from ctnas.run.full_trainings import TrainingRounds

    rounds = TrainingRounds(run, place, found.labels, known.sampled, found.result)
    trained = rounds.spend()
    for line in trained.lines():
        run.progress.say(line)
    beside = source.space.format(best_and_median(known.sampled))
    return rounds.with_tests(trained, [*trained.texts[: config.finalists], *beside])


def _finalists(
    run: RunContext,
    source: LabelSource,
    targets: Targets | None,
    known: _Known,
    found: _Found,
    trained: Trained | None,
) -> list[Finalist]:
    """Write what was found, and measure the best of it on test images."""
    config, directory, labels = run.config, run.directory, found.labels
    chosen = _measured_front(run, targets, labels, len(source.drawn))
    write_ranking(directory.ranking, labels, found.result, config.top, targets, trained)
    if found.front is not None:
        write_front(directory.pareto, found.front, labels, found.result, config.max_madds)
    if trained is None:
        count = config.finalists
        return choose_finalists(source, known.sampled, labels, found.result, count, chosen)
    trained.write(directory.trained, labels)
    others = best_found(found.result, known.sampled, labels, config.finalists)
    chosen = found_order(trained, others, labels)
    finalists = choose_finalists(
        source, known.sampled, labels, found.result, config.finalists, chosen
    )
    return [each.with_trainings(trained, source.test_images) for each in finalists]


def _measured_front(
    run: RunContext, targets: Targets | None, labels: LabelSet, random: int
) -> ArchitectureBatch | None:
    """Write the measured front, and a comparator of every further objective; return the best.

    Nothing is written, and None returned, where the label alone counts.
    """
    if targets is None:
        return None
    config, directory = run.config, run.directory
    measured = targets.measured(labels)
    best = targets.best(measured)
    targets.write(directory.pareto, directory.measured, measured, random)
    for name, further in targets.label_sets(measured).items():
        title = f"Fit the comparator of {name} to {len(further)} labels"
        with run.progress.stage(title) as advance:
            comparator = fit_comparator(labels.space, further, config.preset, config.seed, advance)
        comparator.export(directory.objectives / name)
    return best


def _beside(targets: Targets | None, known: _Known, trained: Trained | None) -> dict[str, object]:
    """Return what summary.json says of rounds, trainings, objectives and limits."""
    random, asked = len(known.sampled), len(known.asked)
    rounds = {"random_queries": random, "adaptive_queries": asked} if asked else {}
    full = {} if trained is None else {"full_trainings": trained.as_dict()}
    return rounds | full | ({} if targets is None else targets.as_dict(random))


def _retrain(run: RunContext, space: SearchSpace, outcome: Outcome) -> None:
    """Train the best architecture from scratch, if asked to, and write it as a network."""
    if run.config.retrain is None:
        return
    from ctnas.run.found import retrain_best
    from ctnas.run.training_jobs import images_of

    best = outcome.finalists[0].architecture
    described = retrain_best(run, space, best, images_of(run))
    accuracy = described["accuracy"]["value"]
    run.progress.say(f"Network: {run.directory.network}, {accuracy:.2%} of test images")
