"""Epochs of stochastic gradient descent: what all trainings share."""

from __future__ import annotations

from abc import ABC, abstractmethod
from time import perf_counter
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import torch

from ctnas.app.torch_state import direct_calls
from ctnas.errors import TrainingError
from ctnas.training.batches import TrainingBatches
from ctnas.training.checkpoint import TrainingState
from ctnas.training.descent import Descent, cosine
from ctnas.training.fabric import memory_explained
from ctnas.training.seeds import Stream, seeded, torch_seed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from lightning_fabric import Fabric

    from ctnas.training.augmentation import Augmentation
    from ctnas.training.checkpoint import Identity
    from ctnas.training.descent import Loss
    from ctnas.training.image_set import Batch, ImageSet, Progress

Drawn = TypeVar("Drawn")
"""What is drawn for each step, beside its images."""

Network = TypeVar("Network", bound=torch.nn.Module)


class EpochLoop(ABC, Generic[Network, Drawn]):
    """Stochastic gradient descent, epoch after epoch, resumed from a checkpoint.

    Args:
        network: fresh weights.
        images: what is learned from.
        augmentation: what is done to each image.
        config: epochs, batch size, learning rate, momentum, weight decay, clipping and placement.
        seed: of order, augmentation and all that is drawn.
        fabric: the devices.

    Attributes:
        epochs: how many there are.
        steps: how many there are in all epochs.
        state: what is finished.
    """

    def __init__(
        self,
        network: Network,
        images: ImageSet,
        augmentation: Augmentation,
        config: Any,
        seed: int,
        fabric: Fabric,
    ) -> None:
        self.network, self.config = network, config
        self.seed, self.fabric = seed, fabric
        self.batches = TrainingBatches(
            images, config.batch_size, augmentation, seed, fabric, config
        )
        self._prepare()
        self.epochs = self._epochs()
        self.steps = self.epochs * len(self.batches)
        self.optimizer = self._optimizer()
        self.rate = self._rate()
        self.descent = Descent(
            fabric, network, self.optimizer, self.rate, self.steps, config.gradient_clip
        )
        self.state = TrainingState(self._identity(len(images)), network, self.optimizer)

    def train(self, checkpoint: Path | None, progress: Progress | None = None) -> None:
        """Train every epoch that is not finished.

        Args:
            checkpoint: written after every epoch; training goes on from it if it exists, to the
                same result as without interruption.
            progress: called after every step with the number of steps done and their total.

        Raises:
            TrainingError: if the loss is not finite, or a GPU's memory is too small; the
                checkpoint of the last finished epoch stays.
            ConfigurationError: if the checkpoint belongs to another space or other settings.
            ModelError: if the checkpoint is corrupt.
            OutputError: if it cannot be written.
        """
        first = self.fabric.is_global_zero
        if checkpoint is not None and checkpoint.exists() and first:
            self.state.restore(checkpoint)
        self.state.share(self.fabric)
        for epoch in range(self.state.epoch, self.epochs):
            start = perf_counter()
            self._begin_epoch(epoch)
            with seeded(torch_seed(self.seed, Stream.DROPOUT, epoch, self.fabric.global_rank)):
                loss = self._epoch(epoch, checkpoint, progress)
            self.state.epoch = epoch + 1
            self._end_epoch(epoch, loss, start)
            if checkpoint is not None and first:
                self.state.save(checkpoint)

    def first_steps(self, epoch: int = 0) -> Callable[[], None]:
        """Return what takes the next step of an epoch, on its first part only, for a dry run."""
        self.network.train()
        batches = zip(self.batches.epoch(epoch), self._draw(epoch), strict=False)
        first = epoch * len(self.batches)

        def step() -> None:
            parts, drawn = next(batches)
            self._step(first, self._losses(parts[:1], drawn), 1)

        return step

    def _epoch(self, epoch: int, checkpoint: Path | None, progress: Progress | None) -> float:
        """Learn from every batch; return the mean loss."""
        self.network.train()
        first, total = epoch * len(self.batches), 0.0
        steps = zip(self.batches.epoch(epoch), self._draw(epoch), strict=False)
        for number, (parts, drawn) in enumerate(steps, start=first):
            try:
                total += self._step(number, self._losses(parts, drawn), len(parts))
            except TrainingError as error:
                raise TrainingError(self._stopped(error, checkpoint)) from error
            if progress is not None:
                progress(number + 1, self.steps)
        return total / len(self.batches)

    def _step(self, number: int, losses: list[Loss], parts: int) -> float:
        with memory_explained(self.config.batch_size, self.config), direct_calls():
            return self.descent.step(number, losses, parts)

    def _stopped(self, error: TrainingError, checkpoint: Path | None) -> str:
        """Return why training stopped, and what is left of it."""
        if checkpoint is None:
            return str(error)
        if not self.state.epoch:
            return f"{error}; no epoch was finished"
        return f"{error}; {str(checkpoint)!r} keeps the {self.state.epoch} finished epochs"

    def _prepare(self) -> None:
        """Make what the following steps of construction need."""

    def _epochs(self) -> int:
        epochs: int = self.config.epochs
        return epochs

    def _optimizer(self) -> torch.optim.Optimizer:
        return torch.optim.SGD(
            self.network.parameters(),
            lr=self.config.learning_rate,
            momentum=self.config.momentum,
            nesterov=getattr(self.config, "nesterov", False),
            weight_decay=self.config.weight_decay,
        )

    def _rate(self) -> Callable[[int], float]:
        """Return the learning rates by step."""
        return cosine(self.config.learning_rate, 0.0, self.steps)

    def _begin_epoch(self, epoch: int) -> None:
        """Do what has to be done before an epoch."""

    def _end_epoch(self, epoch: int, loss: float, start: float) -> None:
        """Keep what has to be kept of a finished epoch, before the checkpoint is written."""

    @abstractmethod
    def _draw(self, epoch: int) -> Iterable[Drawn]:
        """Yield what is drawn for each step of an epoch."""

    @abstractmethod
    def _losses(self, parts: list[Batch], drawn: Drawn) -> list[Loss]:
        """Return what computes the losses of a step, each on one part of its batch."""

    @abstractmethod
    def _identity(self, images: int) -> Identity:
        """Return what the result depends on, the number of images among it."""
