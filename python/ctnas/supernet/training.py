"""Train a supernet, one uniformly drawn path a step (SPOS)."""

from __future__ import annotations

from contextlib import contextmanager
from math import isfinite
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from lightning_fabric import Fabric
from torch.nn import functional
from torch.utils.data import DataLoader
from torchvision.transforms import v2

from ctnas.errors import ConfigurationError, TrainingError
from ctnas.supernet.config import SupernetConfig
from ctnas.supernet.darts import DartsSupernet, paths
from ctnas.supernet.image_set import channel_statistics

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from torch import Tensor

    from ctnas.spaces.darts import DartsSpace
    from ctnas.supernet.darts import Path
    from ctnas.supernet.image_set import Batch, ImageSet, ImageSplits, Progress

_COLOR_CHANNELS = 3
_PATHS = 1
_SIZE_OF_A_THREAD = 2**20


def make_fabric(config: SupernetConfig) -> Fabric:
    """Return what places training on a device.

    Raises:
        ConfigurationError: if the device is not there, or cannot compute in that precision.
    """
    device: str = config.device
    if device == "auto":
        device = "cuda" if torch.cuda.is_available() else "cpu"
    if device == "cuda" and not torch.cuda.is_available():
        raise ConfigurationError("device 'cuda' is not usable here; allowed are auto and cpu")
    if device == "cpu" and config.precision == "16-mixed":
        raise ConfigurationError(
            "precision '16-mixed' needs a GPU; allowed on the CPU are 32-true and bf16-mixed"
        )
    return Fabric(accelerator=device, devices=1, precision=config.precision)


def train_supernet(
    space: DartsSpace,
    splits: ImageSplits,
    config: SupernetConfig | None = None,
    *,
    seed: int = 0,
    fabric: Fabric | None = None,
    progress: Progress | None = None,
) -> DartsSupernet:
    """Train the weights of all architectures on the training images.

    Every step draws one path uniformly and one batch of images. Color images are shifted by up to
    an eighth of their size and flipped.

    Args:
        space: the architectures.
        splits: the images; only the training part is looked at.
        config: settings; the defaults if not given.
        seed: of weights, paths, order and augmentation. Equal seeds give equal weights on the CPU.
        fabric: device and precision; as the settings say if not given. One device is used.
        progress: called after every step with the number of steps done and their total.

    Raises:
        TrainingError: if the loss is not finite.
        ConfigurationError: if the device or precision is not usable.
    """
    config = config or SupernetConfig()
    fabric = fabric or make_fabric(config)
    layout = config.layout(splits)
    step_size = config.batch_size * layout.stem_channels * layout.image_size**2
    with torch.random.fork_rng(devices=[]), _threads(step_size):
        torch.manual_seed(seed)
        supernet = DartsSupernet(layout, *channel_statistics(splits.train))
        _Trainer(supernet, splits.train, config, seed, fabric).run(space, progress)
    return supernet


class _Trainer:
    """Stochastic gradient descent along drawn paths."""

    def __init__(
        self,
        supernet: DartsSupernet,
        images: ImageSet,
        config: SupernetConfig,
        seed: int,
        fabric: Fabric,
    ) -> None:
        self.config = config
        self.seed = seed
        self.fabric = fabric
        self.batches = fabric.setup_dataloaders(_batches(images, config.batch_size, seed))
        self.steps = config.epochs * len(self.batches)
        optimizer = torch.optim.SGD(
            supernet.parameters(),
            lr=config.learning_rate,
            momentum=config.momentum,
            weight_decay=config.weight_decay,
        )
        self.supernet, self.optimizer = fabric.setup(supernet.train(), optimizer)
        self.schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, self.steps)

    def run(self, space: DartsSpace, progress: Progress | None) -> None:
        """Take every step."""
        drawn = _draw_paths(space, len(self.batches), self.seed)
        for step in range(self.steps):
            if step % len(self.batches) == 0:
                batches = iter(self.batches)
            images, labels = next(batches)
            loss = self._step(images, labels, next(drawn))
            if not isfinite(loss):
                raise TrainingError(
                    f"the supernet's loss is {loss} after step {step + 1} of {self.steps}; "
                    f"a learning rate below {self.config.learning_rate:g} may help"
                )
            if progress is not None:
                progress(step + 1, self.steps)

    def _step(self, images: Tensor, labels: Tensor, path: Path) -> float:
        """Update the weights of one path; return its loss before."""
        self.optimizer.zero_grad(set_to_none=True)
        loss = functional.cross_entropy(self.supernet(images, path), labels)
        self.fabric.backward(loss)
        self.fabric.clip_gradients(
            self.supernet,
            self.optimizer,
            max_norm=self.config.gradient_clip,
            error_if_nonfinite=False,
        )
        self.optimizer.step()
        self.schedule.step()
        return float(loss.detach())


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


def _draw_paths(space: DartsSpace, at_once: int, seed: int) -> Iterator[Path]:
    """Draw paths uniformly, for ever."""
    # A stream of its own: architectures that are labeled by the same seed are not these.
    generator = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(_PATHS,)))
    while True:
        yield from paths(space, space.sample(at_once, generator))


def _batches(images: ImageSet, size: int, seed: int) -> DataLoader[Batch]:
    """Return shuffled batches of equal size."""
    return DataLoader(
        images,
        batch_size=min(size, len(images)),
        shuffle=True,
        drop_last=True,
        collate_fn=_augmentation(images),
        generator=torch.Generator().manual_seed(seed),
    )


def _augmentation(images: ImageSet) -> Callable[[Any], Batch]:
    """Return what is done to a batch before it is learned from.

    A data loader declares that it collates a list; an image set hands it a whole batch.
    """
    channels, size, _ = images.shape
    if channels != _COLOR_CHANNELS:
        return _unchanged
    augment = v2.Compose([v2.RandomCrop(size, padding=size // 8), v2.RandomHorizontalFlip()])

    def augmented(batch: Any) -> Batch:
        pixels, labels = batch
        return torch.stack([augment(image) for image in pixels]), labels

    return augmented


def _unchanged(batch: Any) -> Batch:
    pixels, labels = batch
    return pixels, labels
