"""Train one network from scratch and judge it, epoch after epoch."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from math import nan
from time import perf_counter
from typing import TYPE_CHECKING

import torch
from torch.nn import functional

from ctnas.errors import TrainingError
from ctnas.retraining.network import build_network
from ctnas.settings.resuming import deciding_options
from ctnas.training.augmentation import cropped_and_colored, shifted_and_flipped
from ctnas.training.batches import TrainingBatches
from ctnas.training.checkpoint import TrainingState
from ctnas.training.descent import Descent, cosine, exponential
from ctnas.training.fabric import memory_explained
from ctnas.training.seeds import Stream, seeded, torch_seed

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from lightning_fabric import Fabric
    from torch import Tensor

    from ctnas.architecture import ArchitectureBatch
    from ctnas.retraining.config import TrainConfig
    from ctnas.retraining.network import StandaloneNetwork
    from ctnas.training.augmentation import Augmentation
    from ctnas.training.checkpoint import Identity
    from ctnas.training.image_set import Batch, ImageSet, ImageSplits, Progress

_TOP = 5
_SCHEDULES = {"cosine": cosine, "exponential": exponential}


@dataclass(frozen=True, slots=True)
class Score:
    """How a network does on images that it has not learned from.

    Attributes:
        accuracy: fraction of images whose class is found the most likely.
        top5: fraction whose class is among the five most likely; NaN with five classes or fewer.
    """

    accuracy: float
    top5: float


class ScratchTraining:
    """Stochastic gradient descent on one architecture.

    Args:
        architecture: a batch of one.
        splits: the images; validation images, if there are any, judge in place of test images.
        config: settings.
        fabric: the devices.

    Attributes:
        network: the weights.
        state: what is finished.
        steps: number of steps in total.

    Raises:
        ConfigurationError: if the settings fit neither the space nor the images.
    """

    def __init__(
        self,
        architecture: ArchitectureBatch,
        splits: ImageSplits,
        config: TrainConfig,
        fabric: Fabric,
    ) -> None:
        self._config, self._fabric = config, fabric
        self._judges = splits.validation if len(splits.validation) else splits.test
        statistics = splits.channel_statistics()
        with seeded(torch_seed(config.seed, Stream.WEIGHTS)):
            self.network: StandaloneNetwork = build_network(
                config, architecture, splits.shape, len(splits.classes), statistics
            )
        self._batches = TrainingBatches(
            splits.train,
            config.batch_size,
            _augmentation(config, splits.shape, statistics[0]),
            config.seed,
            fabric,
            config,
        )
        self.steps = config.epochs * len(self._batches)
        optimizer = torch.optim.SGD(
            self.network.parameters(),
            lr=config.learning_rate,
            momentum=config.momentum,
            nesterov=config.nesterov,
            weight_decay=config.weight_decay,
        )
        schedule = _SCHEDULES[config.schedule]
        self._rate = schedule(config.learning_rate, config.final_learning_rate, self.steps)
        self._descent = Descent(
            fabric, self.network, optimizer, self._rate, self.steps, config.gradient_clip
        )
        identity = _identity(architecture, splits, config)
        self.state = TrainingState(identity, self.network, optimizer)

    def run(self, checkpoint: Path, progress: Progress | None = None) -> Score:
        """Train every epoch that is not finished.

        Args:
            checkpoint: written after every epoch; training goes on from it if it exists, to the
                same result as without interruption.
            progress: called after every step with the number of steps done and their total.

        Returns:
            The score after the last epoch.

        Raises:
            TrainingError: if the loss is not finite, or a GPU's memory is too small; the
                checkpoint of the last finished epoch stays.
            ConfigurationError: if the checkpoint belongs to another space or other settings.
            ModelError: if the checkpoint is corrupt.
            OutputError: if it cannot be written.
        """
        if checkpoint.exists() and self._fabric.is_global_zero:
            self.state.restore(checkpoint)
        self.state.share(self._fabric)
        for epoch in range(self.state.epoch, self._config.epochs):
            row = self._epoch(epoch, checkpoint, progress)
            self.state.epoch = epoch + 1
            self.state.history.append(row)
            if self._fabric.is_global_zero:
                self.state.save(checkpoint)
        last = self.state.history[-1]
        return Score(last["accuracy"], last["top5"])

    def steps_of_first_epoch(self) -> Callable[[], None]:
        """Return what takes the next step of the first epoch, for a dry run."""
        batches = enumerate(self._batches.epoch(0))
        return lambda: self._take(*next(batches))

    def _take(self, number: int, parts: list[Batch]) -> None:
        self._step(number, parts)

    def _epoch(self, epoch: int, checkpoint: Path, progress: Progress | None) -> dict[str, float]:
        """Learn from every batch; return a row of the history."""
        start, first, total = perf_counter(), epoch * len(self._batches), 0.0
        self.network.path_dropout = self._config.path_dropout * epoch / self._config.epochs
        rank = self._fabric.global_rank
        with seeded(torch_seed(self._config.seed, Stream.DROPOUT, epoch, rank)):
            for number, parts in enumerate(self._batches.epoch(epoch), start=first):
                try:
                    total += self._step(number, parts)
                except TrainingError as error:
                    raise TrainingError(f"{error}; {self._kept(checkpoint)}") from error
                if progress is not None:
                    progress(number + 1, self.steps)
        score = Score(nan, nan)
        finished = epoch + 1
        if finished % self._config.evaluate_every == 0 or finished == self._config.epochs:
            score = self.evaluate()
        return {
            "epoch": float(finished),
            "learning_rate": self._rate(first),
            "loss": total / len(self._batches),
            "accuracy": score.accuracy,
            "top5": score.top5,
            "seconds": perf_counter() - start,
        }

    def _step(self, number: int, parts: list[Batch]) -> float:
        self.network.train()
        with memory_explained(self._config.batch_size, self._config):
            return self._descent.step(
                number, [partial(self._loss, part) for part in parts], len(parts)
            )

    def _loss(self, part: Batch) -> Tensor:
        images, labels = part
        logits, *auxiliary = self._descent.network(images)
        smoothing = self._config.label_smoothing
        loss = functional.cross_entropy(logits, labels, label_smoothing=smoothing)
        for more in auxiliary:
            loss = loss + self._config.auxiliary_weight * functional.cross_entropy(
                more, labels, label_smoothing=smoothing
            )
        return loss

    def evaluate(self) -> Score:
        """Return the score on validation images, or on test images where there are none."""
        return evaluate(self.network, self._judges, self._config.batch_size)

    def _kept(self, checkpoint: Path) -> str:
        if not self.state.epoch:
            return "no epoch was finished"
        return f"{str(checkpoint)!r} keeps {self.state.epoch} finished epochs"


def evaluate(network: StandaloneNetwork, images: ImageSet, batch_size: int) -> Score:
    """Return how a network does on images.

    Args:
        network: it is left in evaluation mode.
        images: none of those that it has learned from.
        batch_size: images at a time.
    """
    network.eval()
    right, near = 0, 0
    with torch.inference_mode():
        for start in range(0, len(images), batch_size):
            rows = range(start, min(start + batch_size, len(images)))
            pixels, labels = (part.to(network.mean.device) for part in images.batch(rows))
            logits = network(pixels)[0].float()
            best = logits.topk(min(_TOP, logits.shape[1]), dim=1).indices
            hits = best == labels[:, None]
            right += int(hits[:, 0].sum())
            near += int(hits.sum())
    top5 = near / len(images) if logits.shape[1] > _TOP else nan
    return Score(right / len(images), top5)


def _augmentation(
    config: TrainConfig, shape: tuple[int, int, int], mean: list[float]
) -> Augmentation:
    if config.stem == "imagenet":
        return cropped_and_colored(shape[1])
    return shifted_and_flipped(shape, config.cutout, mean)


def _identity(
    architecture: ArchitectureBatch, splits: ImageSplits, config: TrainConfig
) -> Identity:
    return {
        "space": architecture.space,
        "architecture": str(architecture.decisions[0].tolist()),
        **deciding_options(config, "weights"),
        "images": len(splits.train),
        "shape": str(splits.shape),
        "classes": len(splits.classes),
    }
