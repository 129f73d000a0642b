"""The comparator of a run: fitted once to the same labels, read from disk after that."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ctnas.app.state_file import read_state, write_state
from ctnas.app.torch_state import own_state
from ctnas.comparator.calibration import Calibration
from ctnas.comparator.fitting import fit_comparator
from ctnas.comparator.nac import NeuralArchitectureComparator
from ctnas.comparator.presets import comparator_preset
from ctnas.labels import LabelSet
from ctnas.run.priors import read_priors
from ctnas.search.config import search_preset
from ctnas.search.progress_file import search_identity

if TYPE_CHECKING:
    from ctnas.app.progress import Progress
    from ctnas.run.config import RunConfig
    from ctnas.run.directory import RunDirectory

_KIND = "comparator"


def fitted_comparator(
    config: RunConfig,
    directory: RunDirectory,
    train: LabelSet,
    held_out: LabelSet,
    progress: Progress,
) -> NeuralArchitectureComparator:
    """Return a comparator fitted to labels, with Kendall's tau on the held-out ones.

    Args:
        config: preset and seed.
        directory: keeps it, for a run that goes on.
        train: what it learns from.
        held_out: what it is judged by.
        progress: shows steps.

    Raises:
        ModelError: if the directory has a file in its place that is corrupt.
    """
    priors = read_priors(config.prior, train.space)
    columns = [prior for prior in priors if isinstance(prior, LabelSet)]
    identity = search_identity(
        search_preset(config.preset),
        train,
        held_out,
        *columns,
        preset=config.preset,
        seed=config.seed,
        prior=config.prior,
    )
    if directory.comparator.exists():
        kept = read_state(directory.comparator, _KIND)
        if kept["identity"] == identity:
            comparator = _restored(kept, config, train)
            comparator.priors = priors
            return comparator
    with progress.stage(f"Fit the comparator to {len(train)} labels") as advance:
        comparator = fit_comparator(
            train.space, train, config.preset, config.seed, advance, prior=priors
        )
    tau = comparator.held_out_tau = comparator.kendall_tau(held_out)
    calibration = comparator.calibration
    state = {
        "identity": identity,
        "weights": comparator.encoder.state_dict(),
        "tau": tau,
        "noise": comparator.noise,
        "values": None if calibration is None else calibration.to_text(),
    }
    write_state(directory.comparator, _KIND, state)
    progress.say(f"Kendall's tau on {len(held_out)} held-out labels: {tau:.3f}")
    return comparator


def _restored(
    kept: dict[str, Any], config: RunConfig, train: LabelSet
) -> NeuralArchitectureComparator:
    encoder = comparator_preset(config.preset).encoder
    with own_state():
        comparator = NeuralArchitectureComparator(train.space, encoder)
    comparator.encoder.load_state_dict(kept["weights"])
    comparator.encoder.eval()
    comparator.label_count, comparator.metric = len(train), train.metric
    comparator.held_out_tau, comparator.noise = kept["tau"], kept.get("noise")
    if kept.get("values"):
        comparator.calibration = Calibration.from_text(kept["values"])
    return comparator
