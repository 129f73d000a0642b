from collections.abc import Callable
from pathlib import Path

import pytest

from ctnas.errors import ConfigurationError, InputFileError
from ctnas.report import write_comparison


def test_runs_stand_side_by_side(make_run: Callable[..., Path], tmp_path: Path) -> None:
    runs = [make_run("one"), make_run("two", kendall_tau=0.75, seed=3)]
    (runs[1] / "config.toml").write_text('space = "nasbench201"\nseed = 3\n[supernet]\nepochs = 7')
    page = write_comparison(runs, tmp_path / "page.html").read_text(encoding="utf-8")
    for text in (
        "2 runs side by side",
        "one",
        "two",
        "0.612",
        "0.750",
        "93.12%",
        "supernet.epochs",
    ):
        assert text in page
    assert "Best validation accuracy so far" in page


def test_unfinished_run_can_be_compared(make_run: Callable[..., Path], tmp_path: Path) -> None:
    (tmp_path / "begun").mkdir()
    page = write_comparison([make_run(), tmp_path / "begun"], tmp_path / "page.html").read_text()
    assert "not finished" in page
    assert "labels.db is not there (yet)" in page


def test_names_of_runs_stay_text(make_run: Callable[..., Path], tmp_path: Path) -> None:
    runs = [make_run("<script>alert(1)<"), make_run("two")]
    page = write_comparison(runs, tmp_path / "page.html").read_text()
    assert "<script" not in page


def test_one_run_is_not_compared(make_run: Callable[..., Path], tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="at least 2 runs can be compared, not 1"):
        write_comparison([make_run()], tmp_path / "page.html")
    with pytest.raises(InputFileError, match="nowhere"):
        write_comparison([make_run("other"), tmp_path / "nowhere"], tmp_path / "page.html")
