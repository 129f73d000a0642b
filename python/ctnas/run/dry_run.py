"""What a run with a supernet would take: two steps and one label on random images."""

from __future__ import annotations

from dataclasses import replace
from time import perf_counter
from typing import TYPE_CHECKING

import torch

from ctnas.errors import ConfigurationError
from ctnas.run.supernet_labels import load_splits
from ctnas.spaces.descriptor import describe_space
from ctnas.supernet import Evaluator, build_supernet
from ctnas.supernet.layouts import space_of_layout
from ctnas.supernet.training import make_training
from ctnas.training.dry_run import SECONDS_OF_A_DAY, known_images, measure_trials, random_splits
from ctnas.training.fabric import make_fabric

if TYPE_CHECKING:
    from ctnas.app.progress import Progress
    from ctnas.run.config import RunConfig
    from ctnas.supernet import ImageSplits

_RANDOM_IMAGES = 512
_JUDGED_IMAGES = 128
_VALIDATION_SHARE = 1 / 3
_MOST_VALIDATION = 5000
_IMAGENET_VALIDATION = 10_000


def dry_run(config: RunConfig, progress: Progress) -> None:
    """Build everything, take two steps and measure one architecture on random images.

    Args:
        config: what the run would do; it measures architectures with a supernet.
        progress: shows what was found.

    Raises:
        ConfigurationError: if the run has its labels already.
        CtnasError: if something cannot be done.
    """
    if config.labels is not None:
        raise ConfigurationError("--dry-run is for runs that train a supernet, not for --labels")
    if config.threads is not None:
        torch.set_num_threads(config.threads)
    settings = config.supernet
    splits, validation = _splits(config, progress)
    layout = settings.layout(splits, config.space)
    space = space_of_layout(config.space, layout)
    fabric = make_fabric(settings, all_weights_used=False)
    supernet = build_supernet(space.name, layout, *splits.channel_statistics())
    weights = sum(weight.numel() for weight in supernet.parameters())
    progress.say(
        f"Supernet of {space.name}: {weights:,} weights, {len(splits.train):,} training and "
        f"{validation:,} validation images of {splits.shape[1]} pixels"
    )
    training = make_training(space, supernet, splits, settings, config.seed, fabric)
    devices = settings.devices * settings.nodes
    found, kinds = measure_trials(training.trials(), fabric.device, devices, settings.accumulate)
    if len(kinds) > 1:
        each = ", ".join(f"{name} {seconds:.3g}" for name, seconds in kinds.items())
        progress.say(f"Seconds a step by stage: {each}")
    described = describe_space(space.name).supernet
    for line in found.lines(described.paper_cost if described else ""):
        progress.say(line)
    calibration = settings.calibration_images
    evaluator = Evaluator(supernet, splits, calibration_images=calibration, seed=config.seed)
    start = perf_counter()
    list(evaluator.measure(space.sample(1, config.seed)))
    seconds = (perf_counter() - start) / (len(splits.validation) + calibration)
    seconds *= (validation + calibration) * settings.label_epochs
    labels = config.total_queries + config.confirm
    days = seconds * labels / SECONDS_OF_A_DAY
    progress.say(f"{seconds:.3g} s a label, {labels:,} labels: {days:.3g} days one after another")


def _splits(config: RunConfig, progress: Progress) -> tuple[ImageSplits, int]:
    """Return random images of the data set's shape, and how many it has to validate on."""
    settings = config.supernet
    known = known_images(config.dataset)
    if known is None:
        splits = load_splits(config, progress)
        train, validation = len(splits.train), len(splits.validation)
        shape, classes = splits.shape, len(splits.classes)
    else:
        count, shape, classes = known
        used = min(settings.train_images or count, count)
        most = _IMAGENET_VALIDATION if config.dataset == "imagenet" else _MOST_VALIDATION
        share = settings.validation_share or min(_VALIDATION_SHARE, most / used)
        validation = round(share * used)
        train = used - validation
    size = settings.image_size or shape[1]
    few = max(_RANDOM_IMAGES, settings.batch_size, settings.calibration_images)
    shape = (shape[0], size, size)
    random = random_splits(few, train, shape, classes, config.dataset)
    judged = random.validation.subset(range(_JUDGED_IMAGES))
    return replace(random, validation=judged), validation
