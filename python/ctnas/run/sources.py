"""Where labels come from: a supernet that is trained here, or a table that the user has."""

from __future__ import annotations

from abc import ABC, abstractmethod
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ctnas.labels import LabelSet
from ctnas.search.limits import MaddsLimit
from ctnas.spaces import GraphSpace, get_space
from ctnas.supernet import Evaluator, load_images, save_supernet, train_supernets
from ctnas.supernet.layouts import space_of_layout

if TYPE_CHECKING:
    from ctnas.architecture import ArchitectureBatch, Float64Array
    from ctnas.labels import Ledger
    from ctnas.run.config import RunConfig
    from ctnas.run.directory import RunDirectory
    from ctnas.run.progress import Progress, Stopwatch
    from ctnas.spaces import SearchSpace
    from ctnas.supernet import ImageSplits

SUPERNET_FILE = "supernet.safetensors"


class LabelSource(ABC):
    """Gives labels, and measures the last few architectures on images nothing else has seen.

    Attributes:
        space: the search space.
        metric: what the labels measure.
        dataset: name of the images, or of the table.
    """

    space: SearchSpace
    metric: str
    dataset: str

    @abstractmethod
    def fill(self, ledger: Ledger) -> None:
        """Write every label to the ledger the moment it is known."""

    @abstractmethod
    def confirm(self, ledger: Ledger, batch: ArchitectureBatch) -> None:
        """Label candidates of the search too, where that is possible."""

    @abstractmethod
    def test_accuracy(self, batch: ArchitectureBatch) -> Float64Array:
        """Return the accuracy on test images, a fraction, [N]; NaN where there are none."""


class TableSource(LabelSource):
    """Labels that the user has measured.

    Args:
        config: names the table, its metric and the space.
    """

    def __init__(self, config: RunConfig, table: Path) -> None:
        declared = config.space.endswith(".toml")
        self.space = GraphSpace.from_toml(config.space) if declared else get_space(config.space)
        self._labels = LabelSet.read(table, self.space, config.metric)
        self.metric = self._labels.metric
        self.dataset = table.name
        if len(self._labels) > config.queries:
            drawn = np.random.default_rng(config.seed).permutation(len(self._labels))
            self._labels = self._labels[np.sort(drawn[: config.queries])]

    def fill(self, ledger: Ledger) -> None:
        """Copy the labels."""
        texts = self.space.format(self._labels.architectures)
        for text, value in zip(texts, self._labels.values, strict=True):
            ledger.append(text, float(value), source="table")

    def confirm(self, ledger: Ledger, batch: ArchitectureBatch) -> None:
        """Do nothing: what the table does not hold cannot be measured."""

    def test_accuracy(self, batch: ArchitectureBatch) -> Float64Array:
        """Return NaN: there are no images."""
        return np.full(len(batch), np.nan)


class SupernetSource(LabelSource):
    """Labels by inherited weights: a supernet is trained when this is made.

    Args:
        config: images, supernet, number of queries.
        directory: keeps the supernet.
        progress: told about stages.
        watch: told how long they take.
    """

    def __init__(
        self, config: RunConfig, directory: RunDirectory, progress: Progress, watch: Stopwatch
    ) -> None:
        self._config, self._progress, self._watch = config, progress, watch
        self.metric = config.metric or "log_likelihood"
        self.dataset = config.dataset
        with watch.time("supernet"):
            splits = load_splits(config, progress)
            layout = config.supernet.layout(splits, config.space)
            self.space = space = space_of_layout(config.space, layout)
            # A limit that nothing can meet is an error before anything is trained.
            self._drawn = _draw(space, config)
            with progress.stage("Train the supernet") as advance:
                supernets = train_supernets(
                    space, splits, config.supernet, seed=config.seed, progress=advance
                )
            directory.checkpoint.mkdir()
            save_supernet(supernets[-1], directory.checkpoint / SUPERNET_FILE)
        self._evaluator = Evaluator(
            supernets,
            splits,
            calibration_images=config.supernet.calibration_images,
            seed=config.seed,
        )

    def fill(self, ledger: Ledger) -> None:
        """Measure random architectures on validation images."""
        with self._watch.time("labels"):
            title = f"Measure {len(self._drawn)} random architectures"
            self._label(ledger, self._drawn, title, "random")

    def confirm(self, ledger: Ledger, batch: ArchitectureBatch) -> None:
        """Measure candidates as the random sample was measured."""
        with self._watch.time("labels"):
            self._label(ledger, batch, f"Measure {len(batch)} candidates", "search")

    def _label(self, ledger: Ledger, batch: ArchitectureBatch, title: str, source: str) -> None:
        texts = self.space.format(batch)
        with self._progress.stage(title) as advance:
            for done, measured in enumerate(self._evaluator.measure(batch), start=1):
                ledger.append(
                    texts[done - 1],
                    getattr(measured, self.metric),
                    accuracy=measured.accuracy,
                    log_likelihood=measured.log_likelihood,
                    source=source,
                )
                advance(done, len(texts))

    def test_accuracy(self, batch: ArchitectureBatch) -> Float64Array:
        """Measure on test images."""
        title = f"Measure {len(batch)} finalists on test images"
        accuracy = []
        with self._progress.stage(title) as advance:
            for measured in self._evaluator.measure(batch, "test"):
                accuracy.append(measured.accuracy)
                advance(len(accuracy), len(batch))
        return np.array(accuracy)


def load_splits(config: RunConfig, progress: Progress) -> ImageSplits:
    """Return the images that a run measures architectures on, and say how many there are.

    Raises:
        CtnasError: if they cannot be used.
    """
    splits = load_images(
        config.dataset,
        folder=config.data,
        image_size=config.supernet.image_size,
        seed=config.seed,
        validation_share=config.supernet.validation_share,
        limit=config.supernet.train_images,
        skip_corrupt=config.skip_corrupt,
    )
    if splits.skipped:
        progress.say(
            f"{splits.name}: {len(splits.skipped):,} corrupt images are left out, "
            f"the first: {splits.skipped[0]}"
        )
    counts = (len(splits.train), len(splits.validation), len(splits.test))
    progress.say(
        f"{splits.name}: {counts[0]:,} training, {counts[1]:,} validation, "
        f"{counts[2]:,} test images of {len(splits.classes)} classes"
    )
    return splits


def label_source(
    config: RunConfig, directory: RunDirectory, progress: Progress, watch: Stopwatch
) -> LabelSource:
    """Return where the labels of a run come from."""
    if config.labels is not None:
        return TableSource(config, config.labels)
    return SupernetSource(config, directory, progress, watch)


def _draw(space: SearchSpace, config: RunConfig) -> ArchitectureBatch:
    """Draw the architectures to label: uniform, within the limit."""
    generator = np.random.default_rng(config.seed)
    if config.max_madds is None:
        return space.sample(config.queries, generator)
    return MaddsLimit(space, config.max_madds).sample(config.queries, generator)
