"""Several runs side by side: one HTML page that needs nothing but a browser."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ctnas.app.atomic import replacing
from ctnas.errors import ConfigurationError
from ctnas.report import wording
from ctnas.report.label_plots import plot_side_by_side
from ctnas.report.record import RunRecord, read_run
from ctnas.report.templates import render

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ctnas.architecture import Float64Array


def write_comparison(run_dirs: Sequence[Path], path: Path, storage: str | None = None) -> Path:
    """Write a page that lays runs side by side, from what is on disk, finished or not.

    Args:
        run_dirs: at least two run directories.
        path: the page.
        storage: the database of their labels, where they are not kept in files.

    Returns:
        The path of the page.

    Raises:
        ConfigurationError: if there are less than two runs.
        InputFileError: if a directory is missing.
        OutputError: if the page cannot be written.
    """
    if len(run_dirs) < 2:
        raise ConfigurationError(f"at least 2 runs can be compared, not {len(run_dirs)}")
    page = render_comparison([read_run(Path(run), storage) for run in run_dirs])
    with replacing(path) as temporary:
        temporary.write_text(page, encoding="utf-8")
    return Path(path)


def render_comparison(runs: Sequence[RunRecord]) -> str:
    """Return the page as HTML; the same runs give the same text."""
    names = _names(runs)
    return render(
        "comparison.html.j2",
        names=names,
        rows=[(what, cells, len(set(cells)) > 1) for what, cells in _rows(runs)],
        settings=_settings(runs),
        figures=_figures(runs, names),
        missing=[(name, run.missing) for name, run in zip(names, runs, strict=True) if run.missing],
    )


def _names(runs: Sequence[RunRecord]) -> list[str]:
    """Return a name for each run, numbered where directories are called alike."""
    names = [run.name for run in runs]
    return [
        name if names.count(name) == 1 else f"{name} ({position})"
        for position, name in enumerate(names, start=1)
    ]


def _rows(runs: Sequence[RunRecord]) -> list[tuple[str, list[str]]]:
    """Return what is compared, and its value for each run."""
    return [
        ("State", ["finished" if run.summary else "not finished" for run in runs]),
        ("Search space", [run.space or wording.NOTHING for run in runs]),
        ("Data", [_text(run, "dataset") for run in runs]),
        ("Labels measure", [wording.metric_name(run.metric) for run in runs]),
        ("Preset", [_text(run, "preset") for run in runs]),
        ("Seed", [_text(run, "seed") for run in runs]),
        ("Labels", [wording.count(len(_labels(run))) for run in runs]),
        ("Iterations", [wording.count(run.summary.get("iterations")) for run in runs]),
        ("Kendall's tau, held out", [_tau(run) for run in runs]),
        ("Best label", [_best_label(run) for run in runs]),
        ("Test accuracy of the best", [_finalist(run, "found", "test_accuracy") for run in runs]),
        (
            "… of the best sampled",
            [_finalist(run, "best sampled", "test_accuracy") for run in runs],
        ),
        ("MAdds of the best", [wording.size(_best(run).get("madds")) for run in runs]),
        ("Parameters of the best", [wording.size(_best(run).get("parameters")) for run in runs]),
        (
            "Time",
            [wording.duration((run.summary.get("seconds") or {}).get("total")) for run in runs],
        ),
    ]


def _settings(runs: Sequence[RunRecord]) -> list[tuple[str, list[str]]]:
    """Return the settings that differ, with their values."""
    flat = [_flat(run.settings) for run in runs]
    names = sorted({name for settings in flat for name in settings})
    rows = [(name, [settings.get(name, wording.NOTHING) for settings in flat]) for name in names]
    return [(name, cells) for name, cells in rows if len(set(cells)) > 1]


def _flat(settings: dict[str, Any], prefix: str = "") -> dict[str, str]:
    flat: dict[str, str] = {}
    for name, value in settings.items():
        if isinstance(value, dict):
            flat |= _flat(value, f"{prefix}{name}.")
        else:
            flat[prefix + name] = str(value)
    return flat


def _figures(runs: Sequence[RunRecord], names: Sequence[str]) -> list[tuple[str, str]]:
    """Return a heading and a plot for every metric that at least two runs have labels of."""
    figures = []
    for metric, minimize in dict.fromkeys((run.metric, _minimizes(run)) for run in runs):
        curves = {
            name: _labels(run)
            for name, run in zip(names, runs, strict=True)
            if (run.metric, _minimizes(run)) == (metric, minimize) and len(_labels(run))
        }
        if len(curves) > 1:
            words = wording.metric_name(metric)
            figures.append(
                (f"Best {words} so far", plot_side_by_side(curves, words, minimize=minimize))
            )
    return figures


def _labels(run: RunRecord) -> Float64Array:
    return np.empty(0) if run.labels is None else run.labels.values


def _minimizes(run: RunRecord) -> bool:
    return run.labels is not None and run.labels.minimize


def _text(run: RunRecord, name: str) -> str:
    value = run.summary.get(name, run.settings.get(name))
    return wording.NOTHING if value is None else str(value)


def _tau(run: RunRecord) -> str:
    tau = wording.number(run.summary.get("kendall_tau"))
    return wording.NOTHING if tau is None else f"{tau:.3f}"


def _best(run: RunRecord) -> dict[str, Any]:
    best = run.summary.get("best")
    return best if isinstance(best, dict) else {}


def _best_label(run: RunRecord) -> str:
    return wording.measured(None if run.labels is None else run.labels.best, run.metric)


def _finalist(run: RunRecord, name: str, what: str) -> str:
    for finalist in run.summary.get("finalists") or []:
        if str(finalist.get("name", "")).startswith(name):
            return wording.share(finalist.get(what), 2)
    return wording.NOTHING
