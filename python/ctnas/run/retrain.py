"""The best architecture of a run, trained from scratch and written as a network."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ctnas.errors import InputFileError, ModelError
from ctnas.networks.export import writable_network, write_network
from ctnas.networks.loading import read_description
from ctnas.retraining import job
from ctnas.retraining.config import TrainConfig
from ctnas.retraining.directory import TrainingDirectory
from ctnas.run.found import trained

if TYPE_CHECKING:
    from pathlib import Path

    from ctnas.app.progress import Progress
    from ctnas.run.config import RunConfig
    from ctnas.run.directory import RunDirectory
    from ctnas.spaces import SearchSpace

_LARGEST_CUTOUT = 16


def retrain_best(
    config: RunConfig,
    directory: RunDirectory,
    space: SearchSpace,
    architecture: str,
    image_size: int,
    progress: Progress,
) -> dict[str, Any]:
    """Train an architecture from scratch, and write it as a network.

    A training that was interrupted goes on from its last epoch; one that has ended is not repeated.

    Args:
        config: images, seed and number of epochs.
        directory: of the run; the training and the network stand in it.
        space: of the architecture.
        architecture: its text.
        image_size: height and width of an image, pixels.
        progress: told about both.

    Returns:
        The contents of `network.json`.

    Raises:
        CtnasError: if something cannot be done; finished epochs stay.
    """
    settings = train_config(config, image_size)
    digest = hashlib.sha256(architecture.encode()).hexdigest()[:8]
    training = TrainingDirectory(directory.path / f"retrained-{digest}")
    if not training.weights.is_file():
        batch = space.parse([architecture])
        begun = training.path if training.config.is_file() else None
        job.train(batch, replace(settings, out=training.path), progress, begun)
    out = directory.network
    described = _written(out)
    if described is not None and described["weights"].endswith(str(training.path)):
        return described
    with writable_network(out) as folder:
        command = f"ctnas-search --retrain {config.retrain}"
        return write_network(trained(training, "1"), folder, command=command, say=progress.say)


def train_config(config: RunConfig, image_size: int) -> TrainConfig:
    """Return how the best architecture of a run is trained from scratch.

    Args:
        config: of the run.
        image_size: height and width of an image, pixels.
    """
    supernet = config.supernet
    assert config.retrain is not None
    return TrainConfig(
        space=config.space,
        dataset=config.dataset,
        data=config.data,
        skip_corrupt=config.skip_corrupt,
        image_size=supernet.image_size,
        train_images=supernet.train_images,
        epochs=config.retrain,
        # Half of a small image, as of one of 32 pixels.
        cutout=min(_LARGEST_CUTOUT, image_size // 2),
        device=supernet.device,
        devices=supernet.devices,
        nodes=supernet.nodes,
        precision=supernet.precision,
        seed=config.seed,
        threads=config.threads,
        quiet=config.quiet,
    )


def _written(out: Path) -> dict[str, Any] | None:
    """Return what a network that stands there already says of itself."""
    try:
        return read_description(out)
    except (InputFileError, ModelError):
        return None
