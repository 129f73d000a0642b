"""What the other processes of a run do: they train the supernet together with the first one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from ctnas.run.splits import load_splits
from ctnas.supernet import train_supernets
from ctnas.supernet.layouts import space_of_layout

if TYPE_CHECKING:
    from ctnas.app.progress import Progress
    from ctnas.run.config import RunConfig


def assist(config: RunConfig, progress: Progress) -> None:
    """Share the training of the supernet; the first process alone reads and writes files.

    Args:
        config: the settings, those of the first process.
        progress: shows images.

    Raises:
        CtnasError: if something cannot be done.
    """
    if config.labels is not None:
        return
    if config.threads is not None:
        torch.set_num_threads(config.threads)
    splits = load_splits(config, progress)
    space = space_of_layout(config.space, config.supernet.layout(splits, config.space))
    train_supernets(space, splits, config.supernet, seed=config.seed)
