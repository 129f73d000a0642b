"""What labels say before anything learns from them: whether they differ, and which way is up."""

from __future__ import annotations

import re
import warnings
from typing import TYPE_CHECKING

import numpy as np

from ctnas.errors import LabelError, LabelWarning

if TYPE_CHECKING:
    from ctnas.architecture import Float64Array

MOST_EQUAL = 0.9
"""Share of equal labels above which there is a warning."""

_LOWER_IS_BETTER = frozenset(
    {
        *("loss", "losses", "error", "errors", "err", "regret", "mse", "rmse", "mae", "wer", "cer"),
        *("perplexity", "ppl", "bpc", "bpb", "nll", "fid", "latency", "latencies", "delay", "time"),
        *("runtime", "duration", "seconds", "second", "secs", "sec", "milliseconds", "ms", "us"),
        *("cost", "costs", "energy", "joules", "power", "memory", "flops", "macs", "madds"),
        *("params", "parameters"),
    }
)
_TURNED = frozenset({"neg", "negative", "minus", "inverse", "inv"})
_NEGATED_GAINS = ({"negative", "log", "likelihood"}, {"neg", "log", "likelihood"})


def check_information(values: Float64Array, metric: str) -> None:
    """Refuse labels that are all equal, and warn of those that nearly are.

    Raises:
        LabelError: if all are equal.

    Warns:
        LabelWarning: if more than nine in ten are equal.
    """
    distinct, counts = np.unique(values, return_counts=True)
    if len(distinct) == 1:
        raise LabelError(
            f"all {len(values)} labels of {metric} are {distinct[0]:g}: they say nothing about "
            "which architecture is better"
        )
    most = int(counts.argmax())
    if counts[most] > MOST_EQUAL * len(values):
        warnings.warn(
            f"{counts[most]} of {len(values)} labels of {metric} are {distinct[most]:g}: little "
            "can be learned from the few that differ",
            LabelWarning,
            stacklevel=3,
        )


def is_lower_better(metric: str) -> bool:
    """Return whether the name of a metric says that lower is better."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", metric)
    words = re.findall(r"[a-z]+", spaced.lower())
    known = set(words)
    if any(gain <= known for gain in _NEGATED_GAINS):
        return True
    if known & _TURNED:
        return False
    # Images per second are a throughput; seconds per image are not.
    counted = words[: words.index("per")] if "per" in words else words
    return not _LOWER_IS_BETTER.isdisjoint(counted)


def warn_of_direction(metric: str, *, minimize: bool) -> None:
    """Warn of a metric that is maximized although its name says that lower is better."""
    if not minimize and is_lower_better(metric):
        warnings.warn(
            f"{metric!r} is taken as higher is better: give --minimize, in Python minimize=True, "
            "if lower is better",
            LabelWarning,
            stacklevel=4,
        )
