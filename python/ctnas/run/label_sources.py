"""Where labels, and further metrics, come from: a supernet that is trained here, or a table."""

from __future__ import annotations

from abc import ABC, abstractmethod
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import torch

from ctnas.app.counted import counted
from ctnas.app.json_file import read_note, write_json
from ctnas.architecture import ArchitectureBatch
from ctnas.errors import ConfigurationError, LabelError
from ctnas.labels import LabelSet
from ctnas.labels.label import labels_by_text
from ctnas.run.config import MADDS_FRONT
from ctnas.run.inputs import load_splits
from ctnas.run.latencies import latencies
from ctnas.searching.limits import MaddsLimit
from ctnas.searching.pareto import check_costs
from ctnas.searching.targets import Targets, further_metrics, known_costs
from ctnas.settings.objectives import LATENCY, Objective
from ctnas.supernet import save_supernet, train_supernets
from ctnas.supernet.dry_run import try_supernet
from ctnas.supernet.labels import SupernetLabels
from ctnas.supernet.layouts import space_of_layout
from ctnas.training.image_note import keep_images
from ctnas.workers.table import label_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ctnas.app.progress import Progress
    from ctnas.architecture import Float64Array
    from ctnas.labels import Ledger
    from ctnas.labels.label import Label
    from ctnas.labels.place import LedgerPlace
    from ctnas.run.config import RunConfig
    from ctnas.run.context import RunContext
    from ctnas.searching.targets import Values
    from ctnas.spaces import SearchSpace
    from ctnas.supernet.network import Supernet


class LabelSource(ABC):
    """Gives labels, and measures the last few architectures on images nothing else has seen.

    Attributes:
        space: the search space.
        metric: what the labels measure.
        dataset: name of the images, or of the table.
        drawn: texts of the architectures that are labeled before the search, in order.
        origin: where their labels come from, in a word.
        confirms: whether candidates of the search can be labeled too.
        known: all that can be labeled; None if that is the whole space.
        supernet: the trained weights, if there are any.
    """

    supernet: Supernet | None = None
    origin: ClassVar[str]
    confirms: ClassVar[bool]
    known: ArchitectureBatch | None = None
    drawn: list[str]
    space: SearchSpace
    metric: str
    dataset: str
    test_images = 0
    """Number of images that finalists are measured on, and nothing else is."""

    @abstractmethod
    def measure(self, texts: Sequence[str]) -> Iterator[Label]:
        """Yield the label of each architecture, as soon as it is known."""

    @abstractmethod
    def check(self, ledger: Ledger) -> None:
        """Raise LabelError if what the ledger holds is not what would be measured."""

    @abstractmethod
    def test_accuracy(self, batch: ArchitectureBatch) -> Float64Array:
        """Return top-1 and top-5 accuracy on test images, fractions, [N, 2]; NaN without any."""


class TableSource(LabelSource):
    """Labels that the user has measured.

    Args:
        config: says how they are drawn and divided.
        table: the file.
        labels: what it holds.
        totals: numbers of random queries that the run was given one after another.
    """

    origin = "table"
    confirms = False

    def __init__(self, config: RunConfig, table: Path, labels: LabelSet, totals: list[int]) -> None:
        self.space, self.metric = labels.space, labels.metric
        self.dataset = table.name
        self._table = table
        order = np.random.default_rng(config.seed).permutation(len(labels))
        parts = zip([0, *totals], totals, strict=False)
        rows = np.concatenate([np.sort(order[start:stop]) for start, stop in parts])
        self._check_learnable(config, labels[rows])
        self.known = labels.architectures
        self._labels = labels_by_text(labels)
        texts = list(self._labels)
        self.drawn = [texts[row] for row in rows]

    def _check_learnable(self, config: RunConfig, sampled: LabelSet) -> None:
        """Raise LabelError now if nothing could be learned from what is drawn."""
        try:
            sampled.split(1 - config.held_out, config.seed)[0].require()
        except LabelError as error:
            raise LabelError(f"{self._table}: of the labels to learn from: {error}") from None

    def measure(self, texts: Sequence[str]) -> Iterator[Label]:
        """Look labels up; raise LabelError where there is none."""
        return (label_of(text, self._labels, self._table) for text in texts)

    def check(self, ledger: Ledger) -> None:
        """Raise LabelError if the table has changed since labels were copied."""
        known = dict(zip(ledger.architectures, ledger.values, strict=True))
        for text, label in self._labels.items():
            if known.get(text, label.value) != label.value:
                raise LabelError(
                    f"{self._table} has changed since this run began: the label of {text!r} is "
                    f"{label.value}, and was {known[text]}"
                )

    def test_accuracy(self, batch: ArchitectureBatch) -> Float64Array:
        """Return NaN: there are no images."""
        return np.full((len(batch), 2), np.nan)


class SupernetSource(LabelSource):
    """Labels by inherited weights: a supernet is trained when this is made.

    Args:
        run: says which images, supernet and number of queries; keeps the supernet.
        totals: numbers of random queries that the run was given one after another.
    """

    origin = "random"
    confirms = True

    def __init__(self, run: RunContext, totals: list[int]) -> None:
        config, directory = run.config, run.directory
        self._progress = run.progress
        self.dataset = config.dataset
        with run.watch.time("supernet"):
            splits = load_splits(config, run.progress)
            self.test_images = len(splits.test)
            place = str(config.data or config.dataset)
            keep_images(directory.image_note, splits, place, run.progress.say)
            layout = config.supernet.layout(splits, config.space)
            self.space = space = space_of_layout(config.space, layout)
            if config.objective == MADDS_FRONT:
                check_costs(space)
            # A limit that nothing can meet is an error before anything is trained.
            self.drawn = space.format(_draw(space, config, totals))
            with run.progress.stage("Train the supernet") as advance:
                supernets = train_supernets(
                    space,
                    splits,
                    config.supernet,
                    seed=config.seed,
                    progress=advance,
                    checkpoint=directory.supernet_training,
                )
            if not directory.supernet.exists():
                save_supernet(supernets[-1], directory.supernet)
        self.supernet = supernets[-1]
        self._weights = SupernetLabels(
            space, supernets, splits, config.supernet, config.metric, config.seed
        )
        self.metric = self._weights.metric

    def check(self, ledger: Ledger) -> None:
        """Do nothing: the weights on disk give the labels that they gave before."""

    def measure(self, texts: Sequence[str]) -> Iterator[Label]:
        """Measure architectures on validation images."""
        return self._weights.labels(texts)

    def test_accuracy(self, batch: ArchitectureBatch) -> Float64Array:
        """Measure on test images."""
        title = f"Measure {counted(len(batch), 'finalist')} on test images"
        accuracy = []
        with self._progress.stage(title) as advance:
            for measured in self._weights.measurements(batch, "test"):
                top5 = np.nan if measured.top5 is None else measured.top5
                accuracy.append((measured.accuracy, top5))
                advance(len(accuracy), len(batch))
        return np.array(accuracy)


def label_source(run: RunContext, labels: LabelSet | None) -> LabelSource:
    """Return where the labels of a run come from.

    Args:
        run: the run; it keeps what is trained.
        labels: what its table holds, if it has one.
    """
    config = run.config
    totals = _totals(run.directory.totals, config.random_queries)
    if config.labels is not None and labels is not None:
        return TableSource(config, config.labels, labels, totals)
    return SupernetSource(run, totals)


def share_training(config: RunConfig, progress: Progress) -> None:
    """Share the training of the supernet; the first process alone reads and writes files.

    Args:
        config: the settings, those of the first process.
        progress: shows images.

    Raises:
        CtnasError: if something cannot be done.
    """
    if config.labels is not None:
        return
    if config.threads is not None:
        torch.set_num_threads(config.threads)
    splits = load_splits(config, progress)
    space = space_of_layout(config.space, config.supernet.layout(splits, config.space))
    train_supernets(space, splits, config.supernet, seed=config.seed)


def dry_run(config: RunConfig, progress: Progress) -> None:
    """Say what a run with a supernet would take, after two steps and a label on random images.

    Raises:
        ConfigurationError: if the run has its labels already.
        CtnasError: if something cannot be done.
    """
    if config.labels is not None:
        raise ConfigurationError("--dry-run is for runs that train a supernet, not for --labels")
    if config.threads is not None:
        torch.set_num_threads(config.threads)
    try_supernet(
        config.supernet,
        config.space,
        config.dataset,
        config.seed,
        load=lambda: load_splits(config, progress),
        labels=config.total_queries + config.confirm,
        say=progress.say,
    )


def keep_totals(run: RunContext) -> None:
    """Note how many random queries a run was given, before the first of them is made."""
    path = run.directory.totals
    write_json(path, {"totals": _totals(path, run.config.random_queries)})


def find_targets(run: RunContext, source: LabelSource, place: LedgerPlace) -> Targets | None:
    """Return objectives and limits of a run; None where the label alone counts.

    Metrics are columns of the table of labels, what the space knows, or measured (latency).

    Args:
        run: names them.
        source: of the labels.
        place: where the labels are kept.

    Raises:
        ConfigurationError: if a metric exists nowhere, or nothing can keep a limit.
    """
    config = run.config
    if not config.has_targets:
        return None
    first, *others = config.objectives
    objectives = (Objective(source.metric, first.minimized), *others)
    values = {}
    for name in further_metrics(source.metric, objectives, config.limits):
        found = _values_of(name, run, source, place)
        if found is not None:
            values[name] = found
            _check_limits(name, found, config, source)
    return Targets(source.space, objectives, config.limits, values)


def _values_of(
    name: str, run: RunContext, source: LabelSource, place: LedgerPlace
) -> Values | None:
    """Return the values of a metric; None if the space knows it."""
    known = known_costs(source.space)
    if name in known:
        return None
    if run.config.labels is not None:
        column = _column(run.config, source, name)
        return lambda _, texts: np.array([column.get(text, np.nan) for text in texts])
    if name == LATENCY and source.supernet is not None:
        return latencies(run, place, source.space, source.supernet.layout)
    raise ConfigurationError(
        f"there is no metric {name!r}: beside {source.metric} there are "
        f"{', '.join([*known, LATENCY])}"
    )


def _check_limits(name: str, values: Values, config: RunConfig, source: LabelSource) -> None:
    """Refuse a limit that nothing in a table keeps."""
    if source.known is not None:
        column = values(source.known, source.space.format(source.known))
        for limit in config.limits:
            if limit.name == name:
                limit.check(column, source.dataset)


def _column(config: RunConfig, source: LabelSource, name: str) -> dict[str, float]:
    """Return a further column of the table of a run, by architecture."""
    assert config.labels is not None
    try:
        labels = LabelSet.read(
            config.labels,
            source.space,
            name,
            repeated=config.repeated,
            on_invalid=lambda _: None,
            minimize=True,
        )
    except LabelError as error:
        raise ConfigurationError(f"metric {name!r}: {error}") from None
    texts = source.space.format(labels.architectures)
    return dict(zip(texts, labels.measured.tolist(), strict=True))


def _totals(path: Path, queries: int) -> list[int]:
    """Return the numbers of random queries that a run was given, the present one last.

    What is drawn depends on all of them: architectures that were drawn before stay drawn.
    """
    totals: list[int] = read_note(path, "totals")[0] if path.exists() else []
    if not totals or queries > totals[-1]:
        totals.append(queries)
    return totals


def _draw(space: SearchSpace, config: RunConfig, totals: list[int]) -> ArchitectureBatch:
    """Draw the architectures to label: uniform, within the limit."""
    drawn = _sample(space, config.max_madds, totals[0], np.random.default_rng(config.seed))
    for number, total in enumerate(totals[1:], start=1):
        generator = np.random.default_rng([config.seed, number])
        both = ArchitectureBatch.concatenate(
            [drawn, _sample(space, config.max_madds, total, generator)]
        )
        _, first = np.unique(both.decisions, axis=0, return_index=True)
        drawn = both[np.sort(first)[:total]]
    return drawn


def _sample(
    space: SearchSpace, max_madds: float | None, count: int, generator: np.random.Generator
) -> ArchitectureBatch:
    if max_madds is None:
        return space.sample(count, generator)
    return MaddsLimit(space, max_madds).sample(count, generator)
