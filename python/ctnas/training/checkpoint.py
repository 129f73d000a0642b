"""Unfinished training on disk: weights, optimizer and the number of finished epochs."""

from __future__ import annotations

import pickle
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from ctnas.app.atomic import replacing
from ctnas.errors import ConfigurationError, InputFileError, ModelError, OutputError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lightning_fabric import Fabric
    from torch import Tensor, nn

_KIND = "ctnas.training"
_FORMAT = 1
_PROBE_BYTES = 1 << 16

Identity = dict[str, str | int | float | bool | None]
"""All settings that the result of training depends on, by name."""


@dataclass
class TrainingState:
    """Training after some epochs.

    Attributes:
        identity: what the result depends on.
        network: its weights are saved and restored.
        optimizer: its momentum is saved and restored.
        epoch: number of finished epochs.
        history: a row of numbers for each.
        snapshots: weights after epochs that are to be kept.
        kept: weights that later epochs go by, say those of a teacher.
    """

    identity: Identity
    network: nn.Module
    optimizer: torch.optim.Optimizer
    epoch: int = 0
    history: list[dict[str, float]] = field(default_factory=list)
    snapshots: list[dict[str, Tensor]] = field(default_factory=list)
    kept: dict[str, Tensor] = field(default_factory=dict)

    def save(self, path: str | Path) -> None:
        """Write a checkpoint; the file appears whole or not at all.

        Raises:
            OutputError: if it cannot be written.
        """
        content = {
            "kind": _KIND,
            "format": _FORMAT,
            "identity": dict(self.identity),
            **self._progress(),
        }
        with replacing(path) as temporary:
            try:
                torch.save(content, temporary)
            except RuntimeError as error:
                # So PyTorch reports a full disk, in words that do not say so.
                reason = _refusal(temporary) or error
                raise OutputError(f"cannot write {str(path)!r}: {reason}") from error

    def restore(self, path: str | Path) -> None:
        """Take everything from a checkpoint.

        Raises:
            InputFileError: if there is no such file.
            ModelError: if it is corrupt, or something else.
            ConfigurationError: if it belongs to another space or to other settings; the first
                that differs is named.
        """
        content = _read(path)
        _check_identity(content["identity"], self.identity, path)
        try:
            self._adopt(content)
        except (RuntimeError, ValueError, KeyError, TypeError) as error:
            raise ModelError(f"{str(path)!r} does not hold the weights of its settings") from error

    def share(self, fabric: Fabric) -> None:
        """Give all processes the state of the first, which alone reads checkpoints."""
        if fabric.world_size == 1:
            return
        shared = fabric.broadcast(self._progress() if fabric.is_global_zero else {})
        if not fabric.is_global_zero:
            self._adopt(shared)

    def _progress(self) -> dict[str, Any]:
        return {
            "epoch": self.epoch,
            "history": self.history,
            "snapshots": self.snapshots,
            "kept": self.kept,
            "network": self.network.state_dict(),
            "optimizer": self.optimizer.state_dict(),
        }

    def _adopt(self, content: Mapping[str, Any]) -> None:
        self.network.load_state_dict(content["network"])
        self.optimizer.load_state_dict(content["optimizer"])
        self.epoch, self.history = int(content["epoch"]), list(content["history"])
        self.snapshots, self.kept = list(content["snapshots"]), dict(content.get("kept", {}))


def _refusal(path: Path) -> str | None:
    """Return why the system takes no more of a file; None if it does."""
    try:
        with path.open("ab") as stream:
            stream.write(bytes(_PROBE_BYTES))
    except OSError as error:
        return error.strerror
    return None


def _read(path: str | Path) -> dict[str, Any]:
    if not Path(path).is_file():
        raise InputFileError(f"there is no checkpoint {str(path)!r}")
    try:
        # Nothing in the file is executed: tensors and plain values only.
        content = torch.load(path, map_location="cpu", weights_only=True)
    except (RuntimeError, pickle.UnpicklingError, EOFError, ValueError, OSError, KeyError) as error:
        raise ModelError(f"{str(path)!r} is not a checkpoint, or is corrupt") from error
    if not isinstance(content, dict) or content.get("kind") != _KIND:
        raise ModelError(f"{str(path)!r} is not a checkpoint of training by ctnas")
    if content["format"] != _FORMAT:
        raise ModelError(
            f"{str(path)!r} has format {content['format']}; this version reads {_FORMAT}"
        )
    return content


def _check_identity(saved: Mapping[str, object], wanted: Identity, path: str | Path) -> None:
    for name, value in wanted.items():
        if saved.get(name) != value:
            raise ConfigurationError(
                f"checkpoint {str(path)!r} was made with {name} {saved.get(name)!r}, not {value!r}"
            )
