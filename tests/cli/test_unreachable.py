"""Names that no file can have: one line before work begins, whatever the command and the option."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import ctnas
from ctnas.cli.export import main as export
from ctnas.cli.label import main as label
from ctnas.cli.rank import main as rank
from ctnas.cli.report import main as report
from ctnas.cli.search import main as search
from ctnas.cli.train import main as train
from ctnas.errors import InputFileError

LONG = "a" * 256
SMOKE = ["--preset", "smoke", "--quiet"]


@pytest.mark.parametrize(
    ("command", "options"),
    [
        (search, [*SMOKE, "--out", LONG]),
        (search, [*SMOKE, "--storage", f"{LONG}.db", "--out", "run"]),
        (search, [*SMOKE, "--dataset", LONG, "--out", "run"]),
        (search, [*SMOKE, "--space", "nasbench201", "--labels", f"{LONG}.csv", "--out", "run"]),
        (search, ["--resume", LONG]),
        (search, ["--config", f"{LONG}.toml"]),
        (rank, [LONG, "--all"]),
        (report, [LONG]),
        (export, ["--check", LONG]),
        (train, ["--resume", LONG]),
        (label, ["--storage", f"{LONG}.db"]),
    ],
)
def test_a_name_that_is_too_long_is_one_line(
    run: Callable[..., Any],
    command: Callable[..., None],
    options: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    outcome = run(command, *options)
    assert outcome.code == 2
    assert outcome.err.count("\n") == 1
    assert LONG in outcome.err
    assert "File name too long" in outcome.err


@pytest.mark.parametrize("path", [LONG, "a\0b", Path(LONG)])
def test_python_says_the_same(path: str | Path) -> None:
    with pytest.raises(InputFileError, match=r"cannot reach .*(too long|null byte)"):
        ctnas.Comparator.load(path)
    with pytest.raises(InputFileError, match=r"cannot reach .*(too long|null byte)"):
        ctnas.LabelSet.read(path, ctnas.get_space("nasbench201"))
