"""What a supernet and labels by it would take: two steps and one label on random images."""

from __future__ import annotations

from dataclasses import replace
from time import perf_counter
from typing import TYPE_CHECKING

from ctnas.spaces.descriptor import describe_space
from ctnas.supernet.build import build_supernet
from ctnas.supernet.evaluation import Evaluator
from ctnas.supernet.layouts import space_of_layout
from ctnas.supernet.training import make_training
from ctnas.training.dry_run import SECONDS_OF_A_DAY, known_images, measure_trials, random_splits
from ctnas.training.fabric import make_fabric

if TYPE_CHECKING:
    from collections.abc import Callable

    from ctnas.supernet.config import SupernetConfig
    from ctnas.training.image_set import ImageSplits

_RANDOM_IMAGES = 512
_JUDGED_IMAGES = 128
_VALIDATION_SHARE = 1 / 3
_MOST_VALIDATION = 5000
_IMAGENET_VALIDATION = 10_000


def try_supernet(
    settings: SupernetConfig,
    space_name: str,
    dataset: str,
    seed: int,
    *,
    load: Callable[[], ImageSplits],
    labels: int,
    say: Callable[[str], None],
) -> None:
    """Build everything, take two steps and measure one architecture on random images.

    Args:
        settings: of the supernet.
        space_name: its search space.
        dataset: name of the images, or where they are.
        seed: of weights and architectures.
        load: reads the images where nothing is known of them by name.
        labels: how many architectures are to be measured.
        say: gets a line for each thing that was found.

    Raises:
        CtnasError: if something cannot be done.
    """
    splits, validation = _splits(settings, dataset, load)
    layout = settings.layout(splits, space_name)
    space = space_of_layout(space_name, layout)
    fabric = make_fabric(settings, all_weights_used=False)
    supernet = build_supernet(space.name, layout, *splits.channel_statistics())
    weights = sum(weight.numel() for weight in supernet.parameters())
    say(
        f"Supernet of {space.name}: {weights:,} weights, {len(splits.train):,} training and "
        f"{validation:,} validation images of {splits.shape[1]} pixels"
    )
    training = make_training(space, supernet, splits, settings, seed, fabric)
    devices = settings.devices * settings.nodes
    found, kinds = measure_trials(training.trials(), fabric.device, devices, settings.accumulate)
    if len(kinds) > 1:
        each = ", ".join(f"{name} {seconds:.3g}" for name, seconds in kinds.items())
        say(f"Seconds a step by stage: {each}")
    described = describe_space(space.name).supernet
    for line in found.lines(described.paper_cost if described else ""):
        say(line)
    calibration = settings.calibration_images
    evaluator = Evaluator(supernet, splits, calibration_images=calibration, seed=seed)
    start = perf_counter()
    list(evaluator.measure(space.sample(1, seed)))
    seconds = (perf_counter() - start) / (len(splits.validation) + calibration)
    seconds *= (validation + calibration) * settings.label_epochs
    days = seconds * labels / SECONDS_OF_A_DAY
    say(f"{seconds:.3g} s a label, {labels:,} labels: {days:.3g} days one after another")


def _splits(
    settings: SupernetConfig, dataset: str, load: Callable[[], ImageSplits]
) -> tuple[ImageSplits, int]:
    """Return random images of the data set's shape, and how many it has to validate on."""
    known = known_images(dataset)
    if known is None:
        splits = load()
        train, validation = len(splits.train), len(splits.validation)
        shape, classes = splits.shape, len(splits.classes)
    else:
        count, shape, classes = known
        used = min(settings.train_images or count, count)
        most = _IMAGENET_VALIDATION if dataset == "imagenet" else _MOST_VALIDATION
        share = settings.validation_share or min(_VALIDATION_SHARE, most / used)
        validation = round(share * used)
        train = used - validation
    size = settings.image_size or shape[1]
    few = max(_RANDOM_IMAGES, settings.batch_size, settings.calibration_images)
    shape = (shape[0], size, size)
    random = random_splits(few, train, shape, classes, dataset)
    judged = random.validation.subset(range(_JUDGED_IMAGES))
    return replace(random, validation=judged), validation
