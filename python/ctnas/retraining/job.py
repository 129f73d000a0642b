"""A whole training as the command runs it: images, network, epochs, results."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import torch

from ctnas.retraining.directory import TrainingDirectory
from ctnas.retraining.network import count_madds, count_parameters
from ctnas.retraining.training import ScratchTraining
from ctnas.training.dry_run import known_images, measure_steps, random_splits
from ctnas.training.fabric import make_fabric
from ctnas.training.image_note import keep_images
from ctnas.training.images import load_images
from ctnas.training.processes import is_first_process

if TYPE_CHECKING:
    from lightning_fabric import Fabric

    from ctnas.app.progress import Progress
    from ctnas.architecture import ArchitectureBatch
    from ctnas.retraining.config import TrainConfig
    from ctnas.training.evaluation import Score
    from ctnas.training.image_set import ImageSplits

PAPER_COST = "The paper gives 0.3 GPU days for the search (Table B) and none for this training."
_RANDOM_IMAGES = 512


def train(
    architecture: ArchitectureBatch,
    config: TrainConfig,
    progress: Progress,
    resume: Path | None = None,
) -> Score:
    """Train an architecture from scratch into a directory.

    Args:
        architecture: a batch of one.
        config: settings.
        progress: shows stages.
        resume: directory of a training to go on with; a new one is made if not given.

    Raises:
        CtnasError: if something cannot be done; finished epochs stay in the directory.
    """
    directory = None
    if resume is not None:
        directory = TrainingDirectory.resume(resume)
    elif is_first_process():
        directory = TrainingDirectory.create(config, architecture)
    fabric = _fabric(config)
    path = fabric.broadcast("" if directory is None else str(directory.path))
    directory = TrainingDirectory(Path(path))
    progress.say(f"Directory: {directory.path}")
    splits = _load(config, progress)
    place = str(config.data or config.dataset)
    if fabric.is_global_zero:
        keep_images(directory.image_note, splits, place, progress.say)
    training = ScratchTraining(architecture, splits, config, fabric)
    sizes = _describe_network(training, splits, progress)
    with progress.stage("Train") as advance:
        score = training.run(directory.checkpoint, advance)
    if fabric.is_global_zero:
        directory.write_weights(training.network, architecture)
        found = {"dataset": config.dataset, "accuracy": score.accuracy, "top5": score.top5, **sizes}
        directory.write_results(config, architecture, training.state.history, found)
    return score


def dry_run(architecture: ArchitectureBatch, config: TrainConfig, progress: Progress) -> None:
    """Build everything, take two steps on random images, and say what the whole would take.

    Args:
        architecture: a batch of one.
        config: settings.
        progress: shows what was found.

    Raises:
        CtnasError: if something cannot be done.
    """
    fabric = _fabric(config)
    splits = _random(config, progress)
    training = ScratchTraining(architecture, splits, config, fabric)
    _describe_network(training, splits, progress)
    devices = config.devices * config.nodes
    found = measure_steps(training.first_steps(), training.steps, fabric.device, devices)
    for line in found.lines(PAPER_COST):
        progress.say(line)


def _fabric(config: TrainConfig) -> Fabric:
    if config.threads is not None:
        torch.set_num_threads(config.threads)
    return make_fabric(config)


def load_splits(config: TrainConfig) -> ImageSplits:
    """Return the images that a network learns and is judged by.

    Raises:
        CtnasError: if they cannot be used.
    """
    return load_images(
        config.dataset,
        folder=config.data,
        image_size=config.image_size,
        seed=config.seed,
        validation_share=config.validation_share,
        limit=config.train_images,
        skip_corrupt=config.skip_corrupt,
    )


def _load(config: TrainConfig, progress: Progress) -> ImageSplits:
    splits = load_splits(config)
    judges = splits.validation if len(splits.validation) else splits.test
    kind = "held-back training" if len(splits.validation) else "test"
    progress.say(
        f"{splits.name}: {len(splits.train):,} training images, judged by {len(judges):,} {kind} "
        f"images, {len(splits.classes)} classes"
    )
    for sentence in splits.left_out():
        progress.say(sentence)
    return splits


def _random(config: TrainConfig, progress: Progress) -> ImageSplits:
    """Return random images of the data set's shape."""
    known = known_images(config.dataset)
    if known is None:
        splits = _load(config, progress)
        count, shape, classes = len(splits.train), splits.shape, len(splits.classes)
    else:
        count, shape, classes = known
        used = min(config.train_images or count, count)
        count = used - round(config.validation_share * used)
    size = config.image_size or shape[1]
    few = max(_RANDOM_IMAGES, config.batch_size)
    return random_splits(few, count, (shape[0], size, size), classes)


def _describe_network(
    training: ScratchTraining, splits: ImageSplits, progress: Progress
) -> dict[str, int]:
    used, every = count_parameters(training.network)
    madds = count_madds(training.network, splits.shape)
    with_head = f" ({every:,} with the auxiliary head)" if every > used else ""
    progress.say(f"{used:,} parameters{with_head}, {madds / 1e6:,.1f} M multiply-adds an image")
    return {"parameters": used, "madds": madds}
