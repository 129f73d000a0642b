"""Train a supernet along drawn paths: one a step (SPOS), or one for each operation (FairNAS)."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from torch.nn import functional

from ctnas.app.threads import at_most_threads
from ctnas.architecture import ArchitectureBatch
from ctnas.checked import checked_path
from ctnas.errors import ModelError
from ctnas.settings.resuming import deciding_options
from ctnas.spaces.descriptor import find_descriptor, resolved
from ctnas.supernet.build import build_supernet
from ctnas.supernet.config import SupernetConfig
from ctnas.supernet.network import Supernet
from ctnas.supernet.path_sampling import draw_steps
from ctnas.training.augmentation import cropped_and_tinted, shifted_and_flipped
from ctnas.training.dry_run import Trial
from ctnas.training.fabric import make_fabric
from ctnas.training.loop import EpochLoop
from ctnas.training.seeds import Stream, numpy_stream, seeded

if TYPE_CHECKING:
    from collections.abc import Iterable
    from contextlib import AbstractContextManager

    from lightning_fabric import Fabric
    from torch import Tensor

    from ctnas.errors import TrainingError
    from ctnas.spaces import SearchSpace
    from ctnas.supernet.network import AnyPath
    from ctnas.training.augmentation import Augmentation
    from ctnas.training.checkpoint import Identity
    from ctnas.training.descent import Loss
    from ctnas.training.image_set import Batch, ImageSplits, Progress

_SIZE_OF_A_THREAD = 2**20
# What progressive shrinking has settings of its own for.
_UNUSED = frozenset({"epochs", "learning_rate", "sampling", "cells", "channels"})


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
    with seeded(seed), _threads(step_size):
        supernet = build_supernet(space.name, layout, *splits.channel_statistics())
        training = make_training(space, supernet, splits, config, seed, fabric)
        return training.run(
            progress, None if checkpoint is None else Path(checked_path("checkpoint", checkpoint))
        )


def restore_supernets(
    space: SearchSpace,
    splits: ImageSplits,
    config: SupernetConfig,
    *,
    seed: int,
    checkpoint: str | Path,
) -> list[Supernet]:
    """Return what `train_supernets` returned, from the checkpoint that it left; trains nothing.

    Args:
        space: the architectures.
        splits: the images.
        config: settings.
        seed: as for the training.
        checkpoint: the file, of all epochs.

    Raises:
        InputFileError: if there is no such file.
        ConfigurationError: if it belongs to another space, other settings or images.
        ModelError: if it is corrupt, or training is not finished.
    """
    fabric = make_fabric(config, all_weights_used=False)
    layout = config.layout(splits, space.name)
    with seeded(seed):
        supernet = build_supernet(space.name, layout, *splits.channel_statistics())
        training = make_training(space, supernet, splits, config, seed, fabric)
    return training.restored(Path(checked_path("checkpoint", checkpoint)))


def make_training(
    space: SearchSpace,
    supernet: Supernet,
    splits: ImageSplits,
    config: SupernetConfig,
    seed: int,
    fabric: Fabric,
) -> SupernetTraining:
    """Return the training that suits a space: along drawn paths unless it names its own.

    Args:
        space: the architectures.
        supernet: fresh weights.
        splits: the images.
        config: settings.
        seed: of paths, order and augmentation.
        fabric: the devices.
    """
    described = find_descriptor(space.name)
    own = described.supernet.training if described and described.supernet else None
    if own is not None:
        training: SupernetTraining = resolved(own)(space, supernet, splits, config, seed, fabric)
        return training
    return SupernetTraining(space, supernet, splits, config, seed, fabric)


class SupernetTraining(EpochLoop[Supernet, ArchitectureBatch]):
    """Stochastic gradient descent along drawn paths.

    Attributes:
        own_settings: whether the space has settings in place of epochs, learning rate and paths.
    """

    own_settings: ClassVar = False
    config: SupernetConfig

    def __init__(
        self,
        space: SearchSpace,
        supernet: Supernet,
        splits: ImageSplits,
        config: SupernetConfig,
        seed: int,
        fabric: Fabric,
    ) -> None:
        self.space = space
        augmentation = _augmentation(config, splits)
        super().__init__(supernet, splits.train, augmentation, config, seed, fabric)

    def run(self, progress: Progress | None, checkpoint: Path | None) -> list[Supernet]:
        """Train every epoch that is not finished; return a supernet for each of the last."""
        self.train(checkpoint, progress)
        return self._snapshots()

    def restored(self, checkpoint: Path) -> list[Supernet]:
        """Return the weights of a checkpoint of all epochs.

        Raises:
            ModelError: if there are epochs left to train.
        """
        self.state.restore(checkpoint)
        if self.state.epoch < self.epochs:
            raise ModelError(
                f"{str(checkpoint)!r} holds {self.state.epoch} of {self.epochs} epochs: the "
                "supernet is not finished"
            )
        return self._snapshots()

    def trials(self) -> list[Trial]:
        """Return what takes a step of each kind of step, for a dry run."""
        return [Trial("", self.steps, self.first_steps)]

    def _end_epoch(self, epoch: int, loss: float, start: float) -> None:
        """Keep the weights of the last epochs, which labels are measured with."""
        del loss, start
        if epoch + self.config.label_epochs >= self.epochs:
            weights = self.network.state_dict()
            self.state.snapshots.append({n: w.clone() for n, w in weights.items()})

    def _draw(self, epoch: int) -> Iterable[ArchitectureBatch]:
        """Yield the architectures of each step of an epoch."""
        generator = numpy_stream(self.seed, Stream.PATHS, epoch)
        return draw_steps(self.space, self.config.sampling, len(self.batches), generator)

    def _losses(self, parts: list[Batch], drawn: ArchitectureBatch) -> list[Loss]:
        return [
            partial(self._loss, part, path) for path in self.network.paths(drawn) for part in parts
        ]

    def _loss(self, part: Batch, path: AnyPath) -> Tensor:
        images, labels = part
        return functional.cross_entropy(self.descent.network(images, path), labels)

    def _stopped(self, error: TrainingError, checkpoint: Path | None) -> str:
        return f"the training of the supernet stopped: {super()._stopped(error, checkpoint)}"

    def _snapshots(self) -> list[Supernet]:
        """Return a supernet for each of the last epochs."""
        supernets = []
        for weights in self.state.snapshots[:-1]:
            supernet = deepcopy(self.network)
            supernet.load_state_dict(weights)
            supernets.append(supernet)
        return [*supernets, self.network]

    def _identity(self, images: int) -> Identity:
        layout: Any = self.network.layout
        own = f"{self.space.name}."
        kept = {
            name: str(value) if name.startswith(own) else value
            for name, value in deciding_options(self.config, "weights").items()
            if name.startswith(own) or "." not in name
        }
        if self.own_settings:
            kept = {name: value for name, value in kept.items() if name not in _UNUSED}
        if kept["augmentation"] == "auto":
            # What it stands for follows from the images.
            del kept["augmentation"]
        sizes = {
            name: str(value) if isinstance(value, tuple) else value
            for name, value in asdict(layout).items()
        }
        return {
            "space": self.space.name,
            "seed": self.seed,
            **kept,
            **sizes,
            "images": images,
        }


def _augmentation(config: SupernetConfig, splits: ImageSplits) -> Augmentation:
    kind = config.augmentation
    if kind == "auto":
        kind = "crop" if splits.name == "imagenet" else "shift"
    if kind == "crop":
        return cropped_and_tinted(splits.shape[1])
    return shifted_and_flipped(splits.shape)


def _threads(step_size: int) -> AbstractContextManager[None]:
    """Compute on as many CPU threads as a step can feed, of those that PyTorch may use.

    Operations on small images last microseconds. Threads would spend them waiting for each other,
    and much longer where other processes want the cores.

    Args:
        step_size: numbers that the stem puts out in a step.
    """
    return at_most_threads(max(1, step_size // _SIZE_OF_A_THREAD))
