"""A fitted comparator on disk, for a run that is resumed: it is fitted once to the same labels."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ctnas.app.state_file import read_state, write_state
from ctnas.app.torch_state import own_state
from ctnas.comparator.calibration import Calibration
from ctnas.comparator.nac import NeuralArchitectureComparator
from ctnas.comparator.presets import comparator_preset

if TYPE_CHECKING:
    from pathlib import Path

    from ctnas.labels import LabelSet

_KIND = "comparator"


def keep_comparator(path: Path, identity: str, comparator: NeuralArchitectureComparator) -> None:
    """Write a comparator.

    Args:
        path: the file.
        identity: digest of all that it depends on.
        comparator: a fitted one.

    Raises:
        OutputError: if it cannot be written.
    """
    calibration = comparator.calibration
    state = {
        "identity": identity,
        "weights": comparator.encoder.state_dict(),
        "tau": comparator.held_out_tau,
        "noise": comparator.noise,
        "values": None if calibration is None else calibration.to_text(),
    }
    write_state(path, _KIND, state)


def kept_comparator(
    path: Path, identity: str, preset: str, train: LabelSet
) -> NeuralArchitectureComparator | None:
    """Return the comparator that was kept, if it is of this identity.

    Args:
        path: the file.
        identity: digest of all that it depends on.
        preset: that it was fitted with.
        train: the labels that it was fitted to.

    Raises:
        ModelError: if the file is corrupt.
    """
    if not path.exists():
        return None
    kept = read_state(path, _KIND)
    if kept["identity"] != identity:
        return None
    with own_state():
        comparator = NeuralArchitectureComparator(train.space, comparator_preset(preset).encoder)
    comparator.encoder.load_state_dict(kept["weights"])
    comparator.encoder.eval()
    comparator.label_count, comparator.metric = len(train), train.metric
    comparator.held_out_tau, comparator.noise = kept["tau"], kept.get("noise")
    if kept.get("values"):
        comparator.calibration = Calibration.from_text(kept["values"])
    return comparator
