"""Training batches, each a function of the seed, the epoch and its number alone."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

import torch
from torch.utils.data import DataLoader, Dataset, Sampler

from ctnas.app.threads import processors
from ctnas.errors import ConfigurationError
from ctnas.training.seeds import Stream, seeded, torch_seed, torch_stream

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lightning_fabric import Fabric

    from ctnas.training.augmentation import Augmentation
    from ctnas.training.image_set import Batch, ImageSet
    from ctnas.training.placement import Placement

_Plan = tuple[int, list[int]]
"""A seed of augmentation, and the indices of images."""


class TrainingBatches:
    """Shuffled, augmented batches of equal size; images that do not fill one are left out.

    The devices of a placement share every batch, and each takes its share in parts.

    Args:
        images: what is learned from.
        size: images of a batch over all devices; at most all there are.
        augmentation: what is done to each image.
        seed: of order and augmentation.
        fabric: moves parts to its device.
        placement: how many parts there are.

    Raises:
        ConfigurationError: if a batch cannot be divided into equal parts.
    """

    def __init__(
        self,
        images: ImageSet,
        size: int,
        augmentation: Augmentation,
        seed: int,
        fabric: Fabric,
        placement: Placement,
    ) -> None:
        whole = min(size, len(images))
        if whole % placement.parts:
            raise ConfigurationError(
                f"batch-size {whole} must be a multiple of {placement.parts}: {placement.nodes} "
                f"node(s) x {placement.devices} device(s) x accumulate {placement.accumulate}"
            )
        self.accumulate = placement.accumulate
        self._plans = _Plans(len(images), whole, placement, fabric.global_rank, seed)
        # More processes than processors would only wait for one another, and PyTorch warns of them.
        workers = min(placement.workers, processors())
        loader: DataLoader[Batch] = DataLoader(
            _AugmentedImages(images, augmentation),
            batch_sampler=self._plans,
            collate_fn=_unchanged,
            num_workers=workers,
            persistent_workers=workers > 0,
            generator=torch.Generator(),
        )
        self._loader: Any = fabric.setup_dataloaders(loader, use_distributed_sampler=False)

    def __len__(self) -> int:
        """Return the number of batches of an epoch."""
        return self._plans.batches

    def epoch(self, epoch: int) -> Iterator[list[Batch]]:
        """Yield this device's parts of every batch of an epoch, counted from 0."""
        self._plans.epoch = epoch
        parts = iter(self._loader)
        for _ in range(len(self)):
            yield list(islice(parts, self.accumulate))


class _Plans(Sampler[Any]):
    """What the parts of this device hold, batch after batch."""

    def __init__(self, images: int, size: int, placement: Placement, rank: int, seed: int) -> None:
        self.epoch = 0
        self.batches = images // size
        self._images, self._size, self._seed = images, size, seed
        self._parts, self._rank = placement.parts, rank
        self._world = placement.devices * placement.nodes

    def __iter__(self) -> Iterator[_Plan]:
        epoch, share = self.epoch, self._size // self._parts
        generator = torch_stream(self._seed, Stream.ORDER, epoch)
        order = torch.randperm(self._images, generator=generator).tolist()
        for number in self._mine():
            seed = torch_seed(self._seed, Stream.AUGMENTATION, epoch, number)
            yield seed, order[number * share : (number + 1) * share]

    def __len__(self) -> int:
        return len(self._mine())

    def _mine(self) -> list[int]:
        """Return the numbers of this device's parts among the parts of all batches."""
        return [
            batch * self._parts + part
            for batch in range(self.batches)
            for part in range(self._rank, self._parts, self._world)
        ]


class _AugmentedImages(Dataset[Any]):
    """Images as they are learned from."""

    def __init__(self, images: ImageSet, augmentation: Augmentation) -> None:
        self._images, self._augmentation = images, augmentation

    def __getitems__(self, plan: _Plan) -> Batch:
        """Return a part; a PyTorch data loader asks for it by this name."""
        seed, indices = plan
        with seeded(seed):
            return self._images.augmented(indices, self._augmentation)


def _unchanged(batch: Any) -> Any:
    return batch
