"""What a few steps tell about the whole: time, memory."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING

import numpy as np
import torch

from ctnas.training.image_set import ImagesInMemory, ImageSplits

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ctnas.training.image_set import Batch

SECONDS_OF_A_DAY = 86_400.0

_KNOWN = {
    "cifar10": (50_000, (3, 32, 32), 10),
    "fashion-mnist": (60_000, (1, 28, 28), 10),
    "imagenet": (1_281_167, (3, 224, 224), 1000),
}


@dataclass(frozen=True, slots=True)
class DryRun:
    """What a dry run has found out.

    Attributes:
        device: kind of device: cpu or cuda.
        seconds: of a step, the fastest of those that were taken.
        steps: how many the whole takes.
        devices: how many share them.
        peak_bytes: most memory in use: of the GPU, or of this process.
    """

    device: str
    seconds: float
    steps: int
    devices: int
    peak_bytes: int

    @property
    def days(self) -> float:
        """Days of a device that the whole takes."""
        return self.seconds * self.steps * self.devices / SECONDS_OF_A_DAY

    def lines(self, paper: str) -> list[str]:
        """Return what to show.

        Args:
            paper: what the paper says of the cost.
        """
        kind = "GPU" if self.device == "cuda" else "CPU"
        memory = f"peak memory of the {kind} {self.peak_bytes / 2**30:.2f} GiB"
        place = f"{self.devices} device(s) like this one"
        return [
            f"{self.seconds:.3g} s a step, {self.steps:,} steps; {memory}",
            f"Estimated: {self.days:.3g} {kind} days on {place}. {paper}",
        ]


@dataclass(frozen=True, slots=True)
class Trial:
    """A kind of step that a training takes.

    Attributes:
        name: of the kind; empty where there is only one.
        steps: how many of them the whole takes.
        begin: returns what takes the next step of the kind, on one part of a batch.
    """

    name: str
    steps: int
    begin: Callable[[], Callable[[], None]]


def measure_trials(
    trials: Sequence[Trial], device: torch.device, devices: int, accumulate: int
) -> tuple[DryRun, dict[str, float]]:
    """Take two steps of each kind.

    Args:
        trials: the kinds.
        device: where it computes.
        devices: how many share a step.
        accumulate: parts of a batch that a device takes one after another; one is taken.

    Returns:
        What was found of all together, a mean step of theirs, and the seconds of a step by kind.
    """
    found = {
        trial.name: measure_steps(trial.begin(), trial.steps, device, devices) for trial in trials
    }
    steps = sum(trial.steps for trial in trials)
    seconds = {name: accumulate * each.seconds for name, each in found.items()}
    mean = sum(seconds[trial.name] * trial.steps for trial in trials) / steps
    return DryRun(device.type, mean, steps, devices, _peak_bytes(device)), seconds


def measure_steps(
    step: Callable[[], None], steps: int, device: torch.device, devices: int
) -> DryRun:
    """Take two steps.

    Args:
        step: takes one.
        steps: how many the whole takes.
        device: where it computes.
        devices: how many share a step.
    """
    seconds = []
    for _ in range(2):
        start = perf_counter()
        step()
        if device.type == "cuda":
            torch.cuda.synchronize(device)
        seconds.append(perf_counter() - start)
    return DryRun(device.type, min(seconds), steps, devices, _peak_bytes(device))


def known_images(dataset: str) -> tuple[int, tuple[int, int, int], int] | None:
    """Return number of training images, shape and number of classes of a data set by its name.

    It need not be there; None stands for one that has to be looked at.
    """
    return _KNOWN.get(dataset)


def random_splits(
    count: int,
    train: int,
    shape: tuple[int, int, int],
    classes: int,
    name: str = "random",
) -> ImageSplits:
    """Return random images in place of a data set.

    Args:
        count: how many there really are.
        train: how many of them the data set would have to train on.
        shape: channels, height and width.
        classes: number of classes.
        name: of the data set.
    """
    generator = np.random.default_rng(0)
    pixels = torch.from_numpy(generator.integers(0, 256, (count, *shape), dtype=np.uint8))
    few = ImagesInMemory(pixels, torch.arange(count) % classes)
    names = tuple(str(label) for label in range(classes))
    return ImageSplits(name, names, RepeatedImages(few, train), few, few)


class RepeatedImages(ImagesInMemory):
    """A few images over and over.

    Args:
        few: the images.
        count: how many there seem to be.
    """

    def __init__(self, few: ImagesInMemory, count: int) -> None:
        super().__init__(few.images, few.labels.repeat(-(-count // len(few)))[:count])

    def batch(self, indices: Sequence[int]) -> Batch:
        """Return images uint8 [B, C, H, W] and labels int64 [B]."""
        chosen = torch.as_tensor(indices, dtype=torch.int64)
        return self.images[chosen % len(self.images)], self.labels[chosen]


def _peak_bytes(device: torch.device) -> int:
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device)
    import resource

    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
