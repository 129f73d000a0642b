"""A written network as a PyTorch module again, to go on training it or to look inside."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from torch import Tensor, nn

from ctnas.checked import checked_path
from ctnas.errors import ConfigurationError, InputFileError, ModelError
from ctnas.networks.description import FORMAT
from ctnas.networks.files import DESCRIPTION, WEIGHTS
from ctnas.retraining.config import TrainConfig
from ctnas.retraining.network import build_network
from ctnas.spaces import get_space
from ctnas.supernet.build import build_supernet
from ctnas.supernet.layouts import make_layout

if TYPE_CHECKING:
    from ctnas.architecture import ArchitectureBatch
    from ctnas.retraining.network import RetrainedNetwork


class TrainedNetwork(nn.Module):
    """A network that was trained from scratch, without what only training needs.

    Args:
        body: puts out a list of logits, the network's own first.
    """

    def __init__(self, body: RetrainedNetwork) -> None:
        super().__init__()
        self.body = body

    def forward(self, images: Tensor) -> Tensor:
        """Return logits [B, classes] of images uint8 [B, C, H, W]."""
        logits: Tensor = self.body(images)[0]
        return logits


def load_network(directory: str | Path) -> nn.Module:
    """Return the network that `export_network` wrote, in evaluation mode.

    Args:
        directory: where `network.json` and `network.safetensors` stand.

    Returns:
        A module of images uint8 [B, C, H, W] to logits float32 [B, classes].

    Raises:
        InputFileError: if a file is missing.
        ModelError: if one is corrupt, or was not written by this version.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    directory = Path(checked_path("directory", directory))
    network = _built(read_description(directory), directory)
    try:
        network.load_state_dict(load_file(directory / WEIGHTS))
    except OSError as error:
        raise InputFileError(f"cannot read {error.filename or directory / WEIGHTS}") from None
    except (SafetensorError, RuntimeError) as error:
        raise ModelError(
            f"{str(directory / WEIGHTS)!r} does not hold the weights of the network: {error}"
        ) from error
    return network.eval()


def read_description(directory: Path) -> dict[str, Any]:
    """Return what a `network.json` says.

    Raises:
        InputFileError: if there is none.
        ModelError: if it is corrupt, or of another format.
    """
    path = directory / DESCRIPTION
    try:
        content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        found = content["format"]
    except OSError as error:
        raise InputFileError(f"cannot read {str(path)!r}: {error.strerror}") from None
    except (ValueError, KeyError, TypeError) as error:
        raise ModelError(f"{str(path)!r} describes no network ({error!r})") from None
    if found != FORMAT:
        raise ModelError(f"{str(path)!r} has format {found!r}; this version reads {FORMAT!r}")
    return content


def _built(described: dict[str, Any], directory: Path) -> nn.Module:
    """Return the network with fresh weights."""
    try:
        taken, by = described["input"], described["network"]
        statistics = taken["mean"], taken["deviation"]
        architecture = get_space(described["space"]).parse([described["architecture"]])
        if "layout" in by:
            layout = make_layout(described["space"], **by["layout"])
            supernet = build_supernet(described["space"], layout, *statistics)
            return supernet.single_path(supernet.paths(architecture)[0])
        shape = taken["channels"], taken["height"], taken["width"]
        classes = len(described["output"]["classes"])
        return trained_network(
            TrainConfig(**by["settings"]), architecture, shape, classes, statistics
        )
    except (KeyError, TypeError, ConfigurationError) as error:
        raise ModelError(
            f"{str(directory / DESCRIPTION)!r} describes no network of this version ({error!r})"
        ) from None


def trained_network(
    config: TrainConfig,
    architecture: ArchitectureBatch,
    shape: tuple[int, int, int],
    classes: int,
    statistics: tuple[list[float], list[float]],
) -> TrainedNetwork:
    """Return a network as it is trained from scratch, with fresh weights, for evaluation.

    Args:
        config: its sizes.
        architecture: a batch of one.
        shape: channels, height and width of an image.
        classes: number of classes.
        statistics: mean and standard deviation of each image channel, in units of the pixels.
    """
    alone = replace(config, auxiliary_weight=0.0)
    return TrainedNetwork(build_network(alone, architecture, shape, classes, statistics))
