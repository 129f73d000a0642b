"""Measure single architectures with the weights that they inherit from a supernet."""

from __future__ import annotations

from collections import deque
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from math import isfinite
from statistics import fmean
from threading import Event
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from ctnas.app.threads import one_thread
from ctnas.errors import ArchitectureError, ConfigurationError, TrainingError
from ctnas.supernet.normalization import BatchStatistics
from ctnas.training.evaluation import TOP, among_best
from ctnas.training.image_set import in_memory

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from torch import Tensor

    from ctnas.architecture import ArchitectureBatch
    from ctnas.supernet.network import AnyPath, Beginning, Supernet
    from ctnas.training.image_set import ImageSet, ImageSplits

Split: TypeAlias = Literal["validation", "test"]

_PASS_BYTES = 2**22
"""Most bytes that the stem puts out in one pass."""
_SHARED_BYTES = 2**28
"""Most bytes of results on the first cell's inputs that are kept for all architectures."""
_HELD_BYTES = 2**31
"""Most bytes of decoded images that are kept: 10,000 of ImageNet fit."""
_GPU_PASS_BYTES = 2**28
"""Most bytes that the stem puts out in one pass on a GPU."""


@dataclass(frozen=True, slots=True)
class Measurement:
    """What an architecture achieves on a split.

    Attributes:
        accuracy: fraction of images whose class is found the most likely.
        top5: fraction whose class is among the five most likely; None with five classes or fewer.
        log_likelihood: mean natural logarithm of the probability given to an image's class.
    """

    accuracy: float
    log_likelihood: float
    top5: float | None = None


class Evaluator:
    """Measures architectures with inherited weights, several at a time on the CPU.

    Batch-norm statistics are those of the architecture itself, measured on training images in the
    very pass that classifies. Equal arguments give equal measurements on the CPU, whatever the
    number of workers and of PyTorch's threads.

    Args:
        supernets: the trained weights, on the device that is to be used; of several, say those
            after each of the last epochs, a measurement is the mean (appendix B).
        splits: the images that it was trained on.
        calibration_images: number of training images that statistics are measured on.
        seed: of their choice.
        workers: architectures that are measured at a time; without it PyTorch's number of CPU
            threads, and one on other devices.

    Raises:
        ConfigurationError: if a number is too small.
    """

    def __init__(
        self,
        supernets: Supernet | Sequence[Supernet],
        splits: ImageSplits,
        *,
        calibration_images: int = 256,
        seed: int = 0,
        workers: int | None = None,
    ) -> None:
        if calibration_images < 2 or (workers is not None and workers < 1):
            raise ConfigurationError(
                "at least 2 calibration images and 1 worker are needed, "
                f"not {calibration_images} and {workers}"
            )
        given = [supernets] if isinstance(supernets, nn.Module) else list(supernets)
        self._supernets = [supernet.eval() for supernet in given]
        self._splits = splits
        self._calibration = draw_calibration_images(splits.train, calibration_images, seed)
        on_cpu = self._supernets[0].mean.device.type == "cpu"
        self._workers = workers or (torch.get_num_threads() if on_cpu else 1)
        self._tasks: dict[Split, list[_Task]] = {}

    def measure(
        self, batch: ArchitectureBatch, split: Split = "validation"
    ) -> Iterator[Measurement]:
        """Yield the measurement of each of N architectures of the supernet's space, in order.

        Each comes as soon as it is known; an iterator that is left early stops the work.

        Args:
            batch: the architectures.
            split: "validation", or "test" for a last report.

        Raises:
            ArchitectureError: if they belong to another space.
            ConfigurationError: if there is no such split.
            TrainingError: if the supernet's weights are not finite.
            DatasetError: if an image cannot be read.
        """
        tasks = self._tasks_of(split)
        stopped = Event()
        pending: deque[Future[Measurement]] = deque()
        with _single_threaded_pool(self._workers) as pool:
            try:
                for path in self._supernets[0].paths(batch):
                    pending.append(pool.submit(_mean_measurement, tasks, path, stopped))
                    if len(pending) > self._workers:
                        yield pending.popleft().result()
                while pending:
                    yield pending.popleft().result()
            finally:
                stopped.set()

    def _tasks_of(self, split: Split) -> list[_Task]:
        if split not in ("validation", "test"):
            raise ConfigurationError(f"split must be 'validation' or 'test', not {split!r}")
        if split not in self._tasks:
            images = getattr(self._splits, split)
            held = in_memory(images) if images.size_in_memory <= _HELD_BYTES else images
            self._tasks[split] = [
                _Task(supernet, self._calibration, held, _SHARED_BYTES // len(self._supernets))
                for supernet in self._supernets
            ]
        return self._tasks[split]


def _mean_measurement(tasks: list[_Task], path: AnyPath, stopped: Event) -> Measurement:
    """Return the mean of what one path achieves with each of several weights."""
    measured = [task.measure(path, stopped) for task in tasks]
    near = [each.top5 for each in measured if each.top5 is not None]
    return Measurement(
        fmean(each.accuracy for each in measured),
        fmean(each.log_likelihood for each in measured),
        fmean(near) if near else None,
    )


class _Task:
    """What all measurements on one split share."""

    def __init__(
        self, supernet: Supernet, calibration: Tensor, images: ImageSet, shared_bytes: int
    ) -> None:
        self._supernet = supernet
        self._calibration = calibration
        self._images = images
        layout = supernet.layout
        pixels = layout.image_size**2
        on_cpu = supernet.mean.device.type == "cpu"
        most = _PASS_BYTES if on_cpu else _GPU_PASS_BYTES
        rows = max(1, most // (4 * layout.stem_channels * pixels))
        starts = range(0, len(images), rows)
        self._passes = [range(start, min(start + rows, len(images))) for start in starts]
        self._shared: Beginning | None = None
        shared = 4 * supernet.shared_size * (len(calibration) + len(images))
        if len(starts) == 1 and shared <= shared_bytes:
            with torch.inference_mode(), one_thread():
                statistics = BatchStatistics(len(calibration))
                self._shared = supernet.begin(self._pixels(0), statistics)

    def measure(self, path: AnyPath, stopped: Event) -> Measurement:
        """Return what one path achieves; raise CancelledError once `stopped` is set."""
        try:
            return self._measured(path, stopped)
        except torch.OutOfMemoryError as error:
            raise TrainingError(
                f"the GPU's memory does not hold the {len(self._calibration)} images that "
                "batch-norm statistics are measured on; lower calibration-images"
            ) from error

    def _measured(self, path: AnyPath, stopped: Event) -> Measurement:
        statistics = BatchStatistics(len(self._calibration))
        right, near, likelihood = 0, 0, 0.0
        with torch.inference_mode():
            for index, rows in enumerate(self._passes):
                if stopped.is_set():
                    raise CancelledError
                beginning = self._shared or self._supernet.begin(self._pixels(index), statistics)
                logits = self._supernet.finish(beginning, path, statistics)[-len(rows) :].double()
                labels = self._images.labels[rows.start : rows.stop].to(logits.device)
                right += int((logits.argmax(dim=1) == labels).sum())
                near += among_best(logits, labels)
                likelihood -= float(functional.cross_entropy(logits, labels, reduction="sum"))
        if not isfinite(likelihood):
            raise TrainingError(f"the log-likelihood of an architecture is {likelihood}")
        count = len(self._images)
        top5 = near / count if len(logits[0]) > TOP else None
        return Measurement(right / count, likelihood / count, top5)

    def _pixels(self, index: int) -> Tensor:
        """Return the images of a pass; those to calibrate on lead the first."""
        pixels = self._images.batch(self._passes[index])[0]
        if index == 0:
            pixels = torch.cat([self._calibration, pixels])
        return pixels.to(self._supernet.mean.device)


def draw_calibration_images(images: ImageSet, count: int, seed: int) -> Tensor:
    """Draw the training images that batch-norm statistics are measured on, uint8 [B, C, H, W]."""
    chosen = np.random.default_rng(seed).permutation(len(images))[:count]
    return images.batch(np.sort(chosen).tolist())[0]


def extract_subnet(
    supernet: Supernet, architecture: ArchitectureBatch, calibration: Tensor
) -> nn.Module:
    """Return an architecture with the weights that it inherits, as a network of its own.

    Args:
        supernet: the trained weights; they stay as they are.
        architecture: a batch of one.
        calibration: training images that its batch-norm statistics are measured on, uint8
            [B, C, H, W].

    Returns:
        The network in evaluation mode, on the supernet's device.

    Raises:
        ArchitectureError: if it is not one architecture of the supernet's space.
    """
    if len(architecture) != 1:
        raise ArchitectureError(f"one architecture is extracted, not {len(architecture)}")
    (path,) = supernet.paths(architecture)
    statistics = BatchStatistics(len(calibration))
    with torch.inference_mode():
        supernet.eval()(calibration.to(supernet.mean.device), path, statistics)
    return supernet.inherit(path, statistics)


@contextmanager
def _single_threaded_pool(workers: int) -> Iterator[ThreadPoolExecutor]:
    """Open a pool whose workers compute on one thread each.

    Several small forward passes side by side outrun one that is split over the threads.
    """
    pool = ThreadPoolExecutor(workers, initializer=torch.set_num_threads, initargs=(1,))
    try:
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)
        # The workers' setting would become that of all threads to come.
        torch.set_num_threads(torch.get_num_threads())
