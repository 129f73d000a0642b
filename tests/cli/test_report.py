from collections.abc import Callable
from pathlib import Path

import pytest

from ctnas.cli.report import main
from ctnas.labels import Ledger
from ctnas.spaces import SearchSpace

Run = Callable[..., object]


@pytest.fixture
def begun(tmp_path: Path, space: SearchSpace) -> Path:
    """Return a run that was killed while it measured."""
    run = tmp_path / "run"
    run.mkdir()
    (run / "config.toml").write_text('space = "nasbench201"\nqueries = 100\n')
    with Ledger.create(run / "labels.db", space, "accuracy") as ledger:
        for number, text in enumerate(space.format(space.sample(12, seed=0))):
            ledger.append(text, number / 20, source="random")
    return run


def test_report_of_an_unfinished_run_shows_what_is_known(run: Run, begun: Path) -> None:
    outcome = run(main, begun)
    assert (outcome.code, outcome.out) == (0, f"{begun / 'report.html'}\n")
    page = (begun / "report.html").read_text()
    for text in ("This run is not finished: 12 architectures", "Best so far", "Queries over time"):
        assert text in page


def test_compared_runs_are_one_page(
    run: Run, begun: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    outcome = run(main, "--compare", begun, begun)
    assert (outcome.code, outcome.out) == (0, "comparison.html\n")
    assert run(main, begun, "--compare", begun, "--out", "both.html").out == "both.html\n"
    assert "run (1)" in (tmp_path / "both.html").read_text()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "a run directory is needed, or --compare with several"),
        (["nowhere"], "there is no run directory 'nowhere'"),
        (["--compare", "nowhere"], "at least 2 runs can be compared, not 1"),
        (["nowhere", "--out", "x.html"], "--out belongs to --compare"),
    ],
)
def test_bad_arguments_get_one_line(run: Run, arguments: list[str], message: str) -> None:
    outcome = run(main, *arguments)
    assert outcome.code == 2
    assert message in outcome.err
    assert outcome.err.count("\n") == 1
