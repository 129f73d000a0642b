"""The report of a run: one HTML file that needs nothing but a browser."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ctnas.app.atomic import replacing
from ctnas.errors import ArchitectureError, SpaceError
from ctnas.report import wording
from ctnas.report.drawing import Drawing, draw_architecture
from ctnas.report.figures import label_figures, pareto_figures, search_figures
from ctnas.report.objectives import front_table, objective_figures
from ctnas.report.record import RunRecord, read_run
from ctnas.report.templates import render
from ctnas.report.trainings import training_note, training_rows
from ctnas.spaces import get_space

if TYPE_CHECKING:
    from ctnas.spaces import SearchSpace

REPORT = "report.html"
_TOP = 20
"""So many rows of the ranking are shown."""
_SECONDS = ("supernet", "labels", "comparator", "search")
_FILES = {
    "config.toml": "every setting; runs this again with --config",
    "labels.db": "the label ledger, an Optuna storage",
    "comparator.onnx": "compares two architectures in any ONNX Runtime",
    "ranker.onnx": "the comparator for millions of architectures",
    "checkpoint": "the state to go on from",
    "history.parquet": "the search, a row an iteration",
    "predictions.parquet": "labels beside win probabilities",
    "ranking.csv": "the best architectures",
    "pareto.csv": "the best architectures for every number of multiply-adds",
    "objectives.csv": "all that was measured, with every objective",
    "objectives": "a comparator of every further objective",
    "trainings": "a directory of every full training",
    "trainings.csv": "what was fully trained, the best by all that is known first",
    "network": "the best architecture, trained from scratch, as files that run",
    "summary.json": "this page as numbers",
}


@dataclass(frozen=True, slots=True)
class Shown:
    """An architecture that is drawn."""

    name: str
    architecture: str
    drawings: list[Drawing]


def write_report(
    run_dir: Path, space: SearchSpace | None = None, storage: str | None = None
) -> Path:
    """Write `report.html` from what is on disk in a run directory, finished or not.

    Args:
        run_dir: the run directory.
        space: its search space, where `get_space` does not know it.
        storage: the database of its labels, where they are not kept in a file.

    Returns:
        The path of the report.

    Raises:
        InputFileError: if there is no such directory.
        OutputError: if the report cannot be written.
    """
    path = Path(run_dir) / REPORT
    page = render_report(read_run(Path(run_dir), storage), space)
    with replacing(path) as temporary:
        temporary.write_text(page, encoding="utf-8")
    return path


def render_report(run: RunRecord, space: SearchSpace | None = None) -> str:
    """Return the report of a run as HTML; the same run gives the same text."""
    labels = run.labels.values if run.labels is not None else np.empty(0)
    shown, undrawn = _architectures(run, space)
    finalists = _finalists(run)
    best = wording.measured(None if run.labels is None else run.labels.best, run.metric)
    return render(
        "template.html.j2",
        run=run,
        headline=wording.headline(run.summary, len(labels), best),
        metric=wording.metric_name(run.metric),
        trainings=training_rows(run),
        trained=training_note(run),
        facts=_facts(run, len(labels)),
        finalists=finalists,
        tested=any(row["test"] != wording.NOTHING for row in finalists),
        tested_top5=any(row["top5"] != wording.NOTHING for row in finalists),
        ranking=_ranking(run),
        ranked=len(run.ranking),
        pareto=[] if run.objectives else _pareto(run),
        pareto_figures=pareto_figures(run),
        front_headings=front_table(run)[0],
        front=front_table(run)[1],
        objective_figures=objective_figures(run),
        costs=_knows_costs(run),
        missing=[*run.missing, *undrawn],
        architectures=shown,
        search_figures=search_figures(run),
        label_figures=label_figures(run, labels),
        times=_times(run),
        versions=sorted((run.summary.get("versions") or {}).items()),
        files=[(name, _FILES[name]) for name in run.files if name in _FILES],
    )


def _facts(run: RunRecord, labels: int) -> list[tuple[str, str]]:
    """Return the figures at the head of the page, with what they are."""
    summary = run.summary
    tau = wording.number(summary.get("kendall_tau"))
    seconds = summary.get("seconds") or {}
    asked = 0 if run.labels is None else int(run.labels.asked.sum())
    kind = f"labels, {asked:,} asked in rounds" if asked else "labels"
    noise = wording.measured(summary.get("noise"), run.metric)
    return [
        (wording.count(summary.get("queries", labels or None)), kind),
        (wording.NOTHING if tau is None else f"{tau:.3f}", "Kendall's tau, held out"),
        # Unknown with a preset that learns from comparisons alone, and in runs of version 0.1.
        *([] if noise == wording.NOTHING else [(noise, "noise of one measurement")]),
        (wording.count(summary.get("iterations")), "search iterations"),
        (wording.duration(seconds.get("total")), "in total"),
    ]


def _finalists(run: RunRecord) -> list[dict[str, str]]:
    rows = []
    for finalist in run.summary.get("finalists") or []:
        accuracy = finalist.get("test_accuracy")
        rows.append(
            {
                **_measures(finalist, run.metric),
                "name": str(finalist.get("name", "")),
                "test": wording.share(accuracy, 2) + wording.deviation(finalist.get("test_error")),
                "top5": wording.share(finalist.get("test_top5"), 2),
            }
        )
    return rows


def _pareto(run: RunRecord) -> list[dict[str, str]]:
    """Return rows of the front, at most as many as are shown, evenly spread."""
    step = -(-len(run.pareto) // _TOP) or 1
    return [
        {
            **_measures(row, run.metric),
            "architecture": row.get("architecture") or "",
            "front": ", ".join(
                name for name in ("predicted", "measured") if _is_true(row.get(f"on_{name}_front"))
            ),
        }
        for row in run.pareto[::step]
    ]


def _is_true(cell: str | None) -> bool:
    return (cell or "").lower() == "true"


def _ranking(run: RunRecord) -> list[dict[str, str]]:
    return [
        {
            **_measures(row, run.metric),
            "rank": row.get("rank") or str(place),
            "architecture": row.get("architecture") or "",
        }
        for place, row in enumerate(run.ranking[:_TOP], start=1)
    ]


def _measures(row: dict[str, Any], metric: str) -> dict[str, str]:
    """Return what is known of an architecture, in words."""
    return {
        "win": wording.share(row.get("win_probability")),
        "label": wording.measured(row.get("label"), metric),
        "madds": wording.size(row.get("madds")),
        "parameters": wording.size(row.get("parameters")),
    }


def _knows_costs(run: RunRecord) -> bool:
    """Return whether multiply-adds or parameters are known of any architecture."""
    rows = [*run.ranking, *(run.summary.get("finalists") or [])]
    return any(
        wording.number(row.get(cost)) is not None
        for row in rows
        for cost in ("madds", "parameters")
    )


def _architectures(run: RunRecord, space: SearchSpace | None) -> tuple[list[Shown], list[str]]:
    """Draw the best architecture and the other finalists; also say what could not be drawn."""
    chosen = _to_draw(run)
    if not chosen:
        return [], []
    try:
        space = space or get_space(run.space or "")
    except SpaceError:
        return [], [f"no drawings: the space {run.space!r} is not at hand"]
    shown, undrawn = [], []
    for text, name in chosen.items():
        try:
            shown.append(Shown(name, text, draw_architecture(space, space.parse([text]))))
        except ArchitectureError as error:
            undrawn.append(f"no drawing of {name}: {error}")
    return shown, undrawn


def _to_draw(run: RunRecord) -> dict[str, str]:
    """Return the texts of the architectures to draw, with their names."""
    best = (run.summary.get("best") or {}).get("architecture")
    if best is None and run.ranking:
        best = run.ranking[0].get("architecture")
    chosen = {} if best is None else {str(best): "best architecture"}
    for finalist in run.summary.get("finalists") or []:
        if finalist.get("architecture"):
            chosen.setdefault(str(finalist["architecture"]), str(finalist.get("name", "")))
    return chosen


def _times(run: RunRecord) -> list[tuple[str, str, float]]:
    """Return stages, how long they took, and their share of the longest in percent."""
    seconds = run.summary.get("seconds") or {}
    known = {
        stage: value
        for stage in (*_SECONDS, *(stage for stage in seconds if stage not in (*_SECONDS, "total")))
        if (value := wording.number(seconds.get(stage))) is not None
    }
    longest = max(known.values(), default=0.0) or 1.0
    return [
        (stage, wording.duration(value), round(100 * value / longest, 1))
        for stage, value in known.items()
    ]
