"""The full trainings of a run: their settings, their directories, and one after another."""

from __future__ import annotations

import hashlib
import json
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING

from filelock import FileLock

from ctnas.app.progress import SilentProgress
from ctnas.app.threads import one_thread
from ctnas.errors import InputFileError, OutputError
from ctnas.labels.label import Label
from ctnas.retraining import job
from ctnas.retraining.config import TrainConfig, TrainingOptions
from ctnas.retraining.directory import TrainingDirectory
from ctnas.run.inputs import load_splits
from ctnas.settings.resuming import deciding_options

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ctnas.app.progress import Advance
    from ctnas.labels.label import Attribute
    from ctnas.run.config import RunConfig
    from ctnas.run.context import RunContext
    from ctnas.spaces import SearchSpace
    from ctnas.training.image_set import ImageSplits

METRIC = "accuracy"
"""What a full training gives: the accuracy on validation images."""


@dataclass(frozen=True, slots=True)
class Images:
    """What the settings of a training follow from, beside those of its run.

    Attributes:
        size: height and width of an image, pixels.
        validation_share: share of the training images that architectures are compared on.
    """

    size: int
    validation_share: float

    @classmethod
    def of(cls, splits: ImageSplits, share: float | None) -> Images:
        """Return what is to be known of the images of a run.

        Args:
            splits: the images.
            share: that the run was given; None takes that of the images.
        """
        judges = len(splits.validation)
        return cls(splits.shape[1], share or judges / (judges + len(splits.train)))


def images_of(run: RunContext) -> Images:
    """Return what is to be known of the images of a run."""
    # Whatever there is to say of them was said when labels were measured.
    splits = load_splits(run.config, SilentProgress())
    return Images.of(splits, run.config.supernet.validation_share)


def train_config(
    config: RunConfig,
    image_size: int,
    *,
    epochs: int,
    validation_share: float = 0.0,
    repetition: int = 0,
) -> TrainConfig:
    """Return how an architecture of a run is trained from scratch.

    Args:
        config: of the run.
        image_size: height and width of an image, pixels.
        epochs: how many.
        validation_share: share of the training images that it is judged by, in place of test
            images.
        repetition: tells trainings of one architecture apart.
    """
    supernet, given = config.supernet, config.training
    options = {each.name: getattr(given, each.name) for each in fields(TrainingOptions)}
    if given.device == "auto":
        options["device"] = supernet.device
    # Half of a small image, as of one of 32 pixels.
    options["cutout"] = min(given.cutout, image_size // 2)
    return TrainConfig(
        **options | {"epochs": epochs},
        space=config.space,
        dataset=config.dataset,
        data=config.data,
        skip_corrupt=config.skip_corrupt,
        image_size=supernet.image_size,
        train_images=supernet.train_images,
        validation_share=validation_share,
        seed=config.seed,
        repetition=repetition,
        threads=config.threads,
        quiet=config.quiet,
    )


def full_config(config: RunConfig, images: Images, repetition: int = 0) -> TrainConfig:
    """Return the settings of a full training: judged by the images that labels are measured on."""
    return train_config(
        config,
        images.size,
        epochs=config.training.epochs,
        validation_share=images.validation_share,
        repetition=repetition,
    )


def short_name(architecture: str) -> str:
    """Return a name for the directory of an architecture, from its text."""
    return hashlib.sha256(architecture.encode()).hexdigest()[:8]


def same_training(directory: TrainingDirectory, config: TrainConfig) -> bool:
    """Return whether a training has ended whose weights these settings would give."""
    if not (directory.weights.is_file() and directory.summary.is_file()):
        return False
    stored = deciding_options(directory.read()[0], "weights")
    return stored == deciding_options(config, "weights")


class FullTrainings:
    """Trains architectures of a run from scratch, each in a directory that is gone on with.

    A training takes one thread of the CPU: the result does not depend on who trains.

    Args:
        run: says which images, seed and settings; its directory keeps the trainings.
        space: of the architectures.
        images: of the run.
    """

    def __init__(self, run: RunContext, space: SearchSpace, images: Images) -> None:
        self._run, self.space, self._images = run, space, images

    def directory(self, architecture: str, repetition: int = 0) -> TrainingDirectory:
        """Return the directory of a training, which may not be there."""
        name = f"{short_name(architecture)}-{repetition}"
        return TrainingDirectory(self._run.directory.trainings / name)

    def label(self, architecture: str, repetition: int, advance: Advance | None = None) -> Label:
        """Train an architecture, or go on with it, and return its accuracy.

        Args:
            architecture: its text.
            repetition: tells its trainings apart.
            advance: shows steps.

        Raises:
            CtnasError: if it cannot be trained; finished epochs stay.
        """
        directory = self.directory(architecture, repetition)
        with self._held(directory.path):
            if not directory.summary.is_file():
                self._train(directory, architecture, repetition, advance)
            return _label_of(directory, repetition)

    def _train(
        self,
        directory: TrainingDirectory,
        architecture: str,
        repetition: int,
        advance: Advance | None,
    ) -> None:
        config = full_config(self._run.config, self._images, repetition)
        config = replace(config, threads=None, out=directory.path)
        begun = directory.path if directory.config.is_file() else None
        batch = self.space.parse([architecture])
        with one_thread():
            job.train(batch, config, _Steps(advance), begun)
        # The weights are there; what they came from is as large again.
        directory.checkpoint.unlink(missing_ok=True)

    @contextmanager
    def _held(self, path: Path) -> Iterator[None]:
        """Wait until nobody else trains here: a worker that was taken for dead may still do so."""
        try:
            path.parent.mkdir(exist_ok=True)
            lock = FileLock(path.with_name(f".{path.name}.lock"))
            lock.acquire()
        except OSError as error:
            raise OutputError(f"cannot write {str(path)!r}: {error.strerror}") from None
        try:
            yield
        finally:
            lock.release()


class _Steps:
    """Shows the steps of a training, and nothing that it says."""

    def __init__(self, advance: Advance | None) -> None:
        self._advance = advance or (lambda *_: None)

    def say(self, _: str) -> None:
        """Show nothing."""

    @contextmanager
    def stage(self, _: str) -> Iterator[Advance]:
        """Show steps."""
        yield self._advance


def _label_of(directory: TrainingDirectory, repetition: int) -> Label:
    """Return the label that a training has ended with."""
    try:
        found = json.loads(directory.summary.read_text(encoding="utf-8"))
        accuracy, top5 = float(found["accuracy"]), found["top5"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputFileError(f"{directory.summary} is damaged ({error!r}): remove it") from None
    attributes: dict[str, Attribute] = {"repetition": repetition}
    if top5 is not None:
        attributes["top5"] = float(top5)
    return Label(accuracy, attributes)
