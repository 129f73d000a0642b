"""Several objectives in a report."""

from ctnas.report.objectives import front_table, objective_figures
from ctnas.report.page import render_report
from ctnas.report.record import RunRecord

ROWS: list[dict[str, str | None]] = [
    {"architecture": "a", "accuracy": "0.9", "latency": "5", "watts": "2", "on_front": "true"},
    {"architecture": "b", "accuracy": "0.8", "latency": "6", "watts": "3", "on_front": "false"},
    {"architecture": "c", "accuracy": "0.7", "latency": "2", "watts": "1", "on_front": "true"},
]


def record(*objectives: str) -> RunRecord:
    rows: list[dict[str, str | None]] = [
        {**row, "hypervolume": str(0.1 * number), "random_hypervolume": alone}
        for (number, row), alone in zip(enumerate(ROWS), ("0", "0.1", None), strict=True)
    ]
    return RunRecord(
        name="run",
        summary={"objectives": list(objectives), "random_labels": 2, "space": "nasbench201"},
        pareto=[rows[0], rows[2]],
        objectives=rows,
    )


def test_every_further_objective_is_drawn_against_the_first_and_the_volume_over_time() -> None:
    figures = objective_figures(record("accuracy", "-latency", "-watts"))
    assert [figure.title for figure in figures] == [
        "accuracy (higher is better) and latency (lower is better)",
        "accuracy (higher is better) and watts (lower is better)",
        "Hypervolume",
    ]
    assert all("<svg" in figure.svg for figure in figures)
    assert "random alone" in figures[-1].svg


def test_the_table_is_the_front_in_its_order() -> None:
    headings, rows = front_table(record("accuracy", "-latency"))
    assert headings == ["accuracy (higher is better)", "latency (lower is better)"]
    assert rows == [["a", "0.9", "5"], ["c", "0.7", "2"]]


def test_a_page_shows_the_front_only_where_there_is_one() -> None:
    assert "<h2>Front</h2>" in render_report(record("accuracy", "-latency"))
    assert "<h2>Front</h2>" not in render_report(RunRecord(name="run"))
