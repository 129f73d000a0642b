"""The networks of a run: with inherited weights, or trained from scratch."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ctnas.app.progress import SilentProgress
from ctnas.errors import ArchitectureError, ConfigurationError, InputFileError, ModelError
from ctnas.networks.export import writable_network, write_network
from ctnas.networks.found import FoundNetwork, inherited_network, measured_alone
from ctnas.networks.loading import read_description, trained_network
from ctnas.retraining import job
from ctnas.retraining.architecture import read_architecture
from ctnas.retraining.directory import TrainingDirectory
from ctnas.retraining.network import count_madds, count_parameters
from ctnas.run.config import RunConfig
from ctnas.run.directory import RunDirectory
from ctnas.run.inputs import load_splits
from ctnas.run.training_jobs import FullTrainings, same_training, short_name, train_config
from ctnas.settings.toml import read_toml
from ctnas.supernet.checkpoint import load_supernet
from ctnas.supernet.evaluation import draw_calibration_images
from ctnas.supernet.layouts import space_of_layout

if TYPE_CHECKING:
    from ctnas.app.progress import Progress
    from ctnas.run.context import RunContext
    from ctnas.run.training_jobs import Images
    from ctnas.spaces import SearchSpace

_FOUND = "found "
"""How the names of the best architectures begin in summary.json."""


def found_network(
    directory: str | Path, which: str = "1", progress: Progress | None = None
) -> FoundNetwork:
    """Return a network with its weights, of a run or of a training.

    Args:
        directory: of `ctnas-search` (weights are inherited from its supernet), or of `ctnas-train`.
        which: the rank of a found architecture, as the run printed it, or the text of any
            architecture of its space.
        progress: shows images.

    Raises:
        CtnasError: if there are no weights, or no such architecture.
    """
    directory, progress = Path(directory), progress or SilentProgress()
    training = TrainingDirectory(directory)
    if training.weights.is_file():
        return trained(training, which)
    if training.checkpoint.is_file():
        raise InputFileError(
            f"{str(directory)!r} is a training that has not ended: "
            f"go on with ctnas-train --resume {directory}"
        )
    run = RunDirectory.existing(directory)
    return inherited(run, read_toml(run.config, RunConfig), which, progress)


def inherited(run: RunDirectory, config: RunConfig, which: str, progress: Progress) -> FoundNetwork:
    """Return an architecture with the weights that it inherits from the supernet of a run.

    Its batch-norm statistics are measured on the images that its label was measured with.
    """
    if config.labels is not None:
        raise ConfigurationError(
            f"{str(run.path)!r} holds no weights: its labels come from {config.labels}; train the "
            "architecture with ctnas-train and export that"
        )
    if not run.supernet.is_file():
        raise InputFileError(
            f"{str(run.path)!r} holds no weights yet: go on with ctnas-search --resume {run.path}"
        )
    supernet = load_supernet(run.supernet, space=config.space)
    space = space_of_layout(config.space, supernet.layout)
    text = _chosen(run, which)
    try:
        architecture = space.parse([text])
    except ArchitectureError as error:
        reason = str(error).removeprefix("row 1: ")
        raise ArchitectureError(
            f"{text!r} is no architecture of space {space.name!r}, which {str(run.path)!r} "
            f"searched: {reason}"
        ) from None
    splits = load_splits(config, progress)
    count = config.supernet.calibration_images
    return inherited_network(
        supernet,
        architecture,
        splits,
        draw_calibration_images(splits.train, count, config.seed),
        weights=f"inherited from the supernet of {run.path}",
        about=_about(run, config),
    )


def _chosen(run: RunDirectory, which: str) -> str:
    """Return the text of the architecture of a rank, or the text itself."""
    if not which.strip().lstrip("+-").isdigit():
        return which
    try:
        summary = json.loads(run.summary.read_text(encoding="utf-8"))
        texts = [
            each["architecture"] for each in summary["finalists"] if each["name"].startswith(_FOUND)
        ]
    except OSError:
        raise InputFileError(
            f"{str(run.path)!r} has found nothing yet (no summary.json): go on with ctnas-search "
            f"--resume {run.path}, or name an architecture by its text"
        ) from None
    except (ValueError, KeyError, TypeError) as error:
        raise InputFileError(f"{run.summary} is damaged ({error!r})") from None
    rank = int(which)
    if not 1 <= rank <= len(texts):
        raise ConfigurationError(
            f"{str(run.path)!r} has found architectures of rank 1 to {len(texts)}, not {rank}; any "
            "other is named by its text, as in ranking.csv"
        )
    return str(texts[rank - 1])


def _about(run: RunDirectory, config: RunConfig) -> dict[str, Any]:
    about: dict[str, Any] = {
        "dataset": config.dataset,
        "supernet_epochs": config.supernet.epochs,
        "calibration_images": config.supernet.calibration_images,
        "seed": config.seed,
    }
    if config.supernet.label_epochs > 1:
        about["label_epochs"] = (
            f"{config.supernet.label_epochs} (a label is the mean over the weights after these "
            "epochs; these are the weights after the last)"
        )
    if run.summary.is_file():
        about["labels_spent"] = json.loads(run.summary.read_text(encoding="utf-8")).get("queries")
    return about


def trained(training: TrainingDirectory, which: str) -> FoundNetwork:
    """Return the network of a training from scratch.

    Raises:
        ConfigurationError: if another architecture is asked for than the trained one.
        ModelError: if its weights are corrupt.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    config, text = training.read()
    architecture = read_architecture(text, config.space)
    if which.strip() not in ("1", text):
        raise ConfigurationError(f"{str(training.path)!r} has trained {text!r}, not {which!r}")
    splits = job.load_splits(config)
    channels = splits.shape[0]
    network = trained_network(
        config,
        architecture,
        splits.shape,
        len(splits.classes),
        ([0.0] * channels, [1.0] * channels),
    )
    try:
        stored = load_file(training.weights)
        kept = {name: value for name, value in stored.items() if not name.startswith("auxiliary.")}
        network.body.load_state_dict(kept)
    except (SafetensorError, RuntimeError) as error:
        raise ModelError(
            f"{str(training.weights)!r} does not hold the weights of the training: {error}"
        ) from error
    network.eval()
    sizes = {name: getattr(config, name) for name in ("cells", "channels", "stem")}
    return FoundNetwork(
        space=architecture.space,
        architecture=text,
        network=network,
        measured=measured_alone(network),
        splits=splits,
        weights=f"trained from scratch in {training.path}",
        rebuilt_by={"settings": sizes},
        madds=count_madds(network.body, splits.shape),
        parameters=count_parameters(network.body)[0],
        about={"dataset": config.dataset, "epochs": config.epochs, "seed": config.seed},
    )


def retrain_best(
    run: RunContext, space: SearchSpace, architecture: str, images: Images
) -> dict[str, Any]:
    """Train an architecture from scratch, and write it as a network.

    An interrupted training is resumed from its last epoch; one that has ended is not repeated,
    nor is a full training of the search that was as long.

    Args:
        run: says which images, seed and number of epochs; training and network stand in its
            directory.
        space: of the architecture.
        architecture: its text.
        images: of the run.

    Returns:
        The contents of `network.json`.

    Raises:
        CtnasError: if something cannot be done; finished epochs stay.
    """
    training = _ended_training(run, space, architecture, images)
    out = run.directory.network
    described = _written(out)
    if described is not None and described["weights"].endswith(str(training.path)):
        return described
    with writable_network(out) as folder:
        command = f"ctnas-search --retrain {run.config.retrain}"
        network = trained(training, "1")
        return write_network(network, folder, command=command, say=run.progress.say)


def _ended_training(
    run: RunContext, space: SearchSpace, architecture: str, images: Images
) -> TrainingDirectory:
    """Return the training of an architecture, which is made where there is none."""
    assert run.config.retrain is not None
    full = FullTrainings(run, space, images).directory(architecture)
    wanted = train_config(
        run.config,
        images.size,
        epochs=run.config.retrain,
        validation_share=images.validation_share if run.config.full_trainings else 0.0,
    )
    if same_training(full, wanted):
        run.progress.say(f"Trained already, with the same settings: {full.path}")
        return full
    training = TrainingDirectory(run.directory.path / f"retrained-{short_name(architecture)}")
    if not training.weights.is_file():
        settings = replace(wanted, validation_share=0.0, out=training.path)
        begun = training.path if training.config.is_file() else None
        job.train(space.parse([architecture]), settings, run.progress, begun)
    return training


def _written(out: Path) -> dict[str, Any] | None:
    """Return what a network that stands there already says of itself."""
    try:
        return read_description(out)
    except (InputFileError, ModelError):
        return None
