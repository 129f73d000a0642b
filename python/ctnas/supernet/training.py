"""Train a supernet along drawn paths: one a step (SPOS), or one for each operation (FairNAS)."""

from __future__ import annotations

from contextlib import contextmanager
from copy import deepcopy
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch.nn import functional

from ctnas.errors import TrainingError
from ctnas.supernet.build import build_supernet
from ctnas.supernet.config import SupernetConfig
from ctnas.supernet.image_set import channel_statistics
from ctnas.supernet.path_sampling import draw_steps
from ctnas.training.augmentation import shifted_and_flipped
from ctnas.training.batches import TrainingBatches
from ctnas.training.checkpoint import TrainingState
from ctnas.training.descent import Descent, cosine
from ctnas.training.fabric import make_fabric, memory_explained
from ctnas.training.seeds import Stream, numpy_stream

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from lightning_fabric import Fabric
    from torch import Tensor

    from ctnas.architecture import ArchitectureBatch
    from ctnas.spaces import SearchSpace
    from ctnas.supernet.image_set import Batch, ImageSplits, Progress
    from ctnas.supernet.network import AnyPath, Supernet
    from ctnas.training.checkpoint import Identity
    from ctnas.training.descent import Loss

_SIZE_OF_A_THREAD = 2**20
# What a checkpoint may be continued with another value of.
_FREE = frozenset({"device", "devices", "nodes", "workers", "calibration_images"})


def train_supernet(
    space: SearchSpace,
    splits: ImageSplits,
    config: SupernetConfig | None = None,
    *,
    seed: int = 0,
    fabric: Fabric | None = None,
    progress: Progress | None = None,
    checkpoint: str | Path | None = None,
) -> Supernet:
    """Train the weights of all architectures on the training images.

    Every step draws paths and one batch of images. Color images are shifted by up to an eighth of
    their size and flipped.

    Args:
        space: the architectures.
        splits: the images; only the training part is looked at.
        config: settings; the defaults if not given.
        seed: of weights, paths, order and augmentation. Equal seeds give equal weights on the CPU.
        fabric: device and precision; as the settings say if not given.
        progress: called after every step with the number of steps done and their total.
        checkpoint: a file that is written after every epoch. If it exists, training goes on from
            it, to the same result as without interruption.

    Returns:
        The final weights; `train_supernets` returns those of several epochs.

    Raises:
        TrainingError: if the loss is not finite, or a GPU's memory is too small; the checkpoint
            of the last finished epoch stays.
        ConfigurationError: if the device or precision is not usable, or the checkpoint belongs to
            another space or other settings.
        ModelError: if the checkpoint is corrupt.
        OutputError: if it cannot be written.
    """
    return train_supernets(
        space,
        splits,
        config,
        seed=seed,
        fabric=fabric,
        progress=progress,
        checkpoint=checkpoint,
    )[-1]


def train_supernets(
    space: SearchSpace,
    splits: ImageSplits,
    config: SupernetConfig | None = None,
    *,
    seed: int = 0,
    fabric: Fabric | None = None,
    progress: Progress | None = None,
    checkpoint: str | Path | None = None,
) -> list[Supernet]:
    """Train as `train_supernet` does; return the weights after each of the last epochs.

    Returns:
        `label_epochs` supernets, the final weights last.
    """
    config = config or SupernetConfig()
    fabric = fabric or make_fabric(config, all_weights_used=False)
    layout = config.layout(splits, space.name)
    step_size = config.batch_size * layout.stem_channels * layout.image_size**2
    with torch.random.fork_rng(devices=[]), _threads(step_size):
        torch.manual_seed(seed)
        supernet = build_supernet(space.name, layout, *channel_statistics(splits.train))
        training = SupernetTraining(space, supernet, splits, config, seed, fabric)
        return training.run(progress, None if checkpoint is None else Path(checkpoint))


class SupernetTraining:
    """Stochastic gradient descent along drawn paths."""

    def __init__(
        self,
        space: SearchSpace,
        supernet: Supernet,
        splits: ImageSplits,
        config: SupernetConfig,
        seed: int,
        fabric: Fabric,
    ) -> None:
        self.space, self.supernet = space, supernet.train()
        self.config, self.seed, self.fabric = config, seed, fabric
        self.batches = TrainingBatches(
            splits.train,
            config.batch_size,
            shifted_and_flipped(splits.shape),
            seed,
            fabric,
            config,
        )
        self.steps = config.epochs * len(self.batches)
        optimizer = torch.optim.SGD(
            supernet.parameters(),
            lr=config.learning_rate,
            momentum=config.momentum,
            weight_decay=config.weight_decay,
        )
        rate = cosine(config.learning_rate, 0.0, self.steps)
        self.descent = Descent(fabric, supernet, optimizer, rate, self.steps, config.gradient_clip)
        self.state = TrainingState(self._identity(splits), supernet, optimizer)

    def run(self, progress: Progress | None, checkpoint: Path | None) -> list[Supernet]:
        """Train every epoch that is not finished."""
        if checkpoint is not None and checkpoint.exists() and self.fabric.is_global_zero:
            self.state.restore(checkpoint)
        self.state.share(self.fabric)
        for epoch in range(self.state.epoch, self.config.epochs):
            self._epoch(epoch, progress, checkpoint)
            self.state.epoch = epoch + 1
            if epoch + self.config.label_epochs >= self.config.epochs:
                weights = self.supernet.state_dict()
                self.state.snapshots.append({n: w.clone() for n, w in weights.items()})
            if checkpoint is not None and self.fabric.is_global_zero:
                self.state.save(checkpoint)
        return self._snapshots()

    def steps_of_first_epoch(self) -> Callable[[], None]:
        """Return what takes the next step of the first epoch, for a dry run."""
        generator = numpy_stream(self.seed, Stream.PATHS, 0)
        drawn = draw_steps(self.space, self.config.sampling, len(self.batches), generator)
        batches = enumerate(zip(self.batches.epoch(0), drawn, strict=True))

        def step() -> None:
            number, (parts, batch) = next(batches)
            self._step(number, self._losses(parts, batch), len(parts), None)

        return step

    def _losses(self, parts: list[Batch], batch: ArchitectureBatch) -> list[Loss]:
        return [
            partial(self._loss, part, path) for path in self.supernet.paths(batch) for part in parts
        ]

    def _epoch(self, epoch: int, progress: Progress | None, checkpoint: Path | None) -> None:
        generator = numpy_stream(self.seed, Stream.PATHS, epoch)
        drawn = draw_steps(self.space, self.config.sampling, len(self.batches), generator)
        first = epoch * len(self.batches)
        for number, (parts, batch) in enumerate(
            zip(self.batches.epoch(epoch), drawn, strict=True), start=first
        ):
            self._step(number, self._losses(parts, batch), len(parts), checkpoint)
            if progress is not None:
                progress(number + 1, self.steps)

    def _step(self, number: int, losses: list[Loss], parts: int, checkpoint: Path | None) -> None:
        try:
            with memory_explained(self.config.batch_size, self.config):
                self.descent.step(number, losses, parts)
        except TrainingError as error:
            kept = ""
            if checkpoint is not None and self.state.epoch:
                kept = f"; {str(checkpoint)!r} keeps the {self.state.epoch} finished epochs"
            raise TrainingError(f"the training of the supernet stopped: {error}{kept}") from error

    def _loss(self, part: Batch, path: AnyPath) -> Tensor:
        images, labels = part
        return functional.cross_entropy(self.descent.network(images, path), labels)

    def _snapshots(self) -> list[Supernet]:
        """Return a supernet for each of the last epochs."""
        supernets = []
        for weights in self.state.snapshots[:-1]:
            supernet = deepcopy(self.supernet)
            supernet.load_state_dict(weights)
            supernets.append(supernet)
        return [*supernets, self.supernet]

    def _identity(self, splits: ImageSplits) -> Identity:
        settings: dict[str, Any] = asdict(self.config)
        layout: Any = self.supernet.layout
        kept = {name: value for name, value in settings.items() if name not in _FREE}
        return {
            "space": self.space.name,
            "seed": self.seed,
            **kept,
            **asdict(layout),
            "images": len(splits.train),
        }


@contextmanager
def _threads(step_size: int) -> Iterator[None]:
    """Compute on as many CPU threads as a step can feed, of those that PyTorch may use.

    Operations on small images last microseconds. Threads would spend them waiting for each other,
    and much longer where other processes want the cores.

    Args:
        step_size: numbers that the stem puts out in a step.
    """
    before = torch.get_num_threads()
    torch.set_num_threads(max(1, min(before, step_size // _SIZE_OF_A_THREAD)))
    try:
        yield
    finally:
        torch.set_num_threads(before)
