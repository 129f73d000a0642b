"""A search on a table whose columns are the decisions, from the labels to the ranking."""

import json
from itertools import product

import pytest

from ctnas.cli.rank import main as rank
from ctnas.cli.report import main as report
from ctnas.cli.search import main as search
from ctnas.comparator.runtime import Comparator


@pytest.fixture
def table(tmp_path):
    lines = ["depth,width1,width2,op,note,accuracy"]
    for depth, first, second, op in product((1, 2, 3), (8, 16, 24), (8, 16, 24), ("a", "b")):
        accuracy = depth + first / 16 + second / 32 + (op == "b")
        lines.append(f"{depth},{first},{second},{op},same,{accuracy}")
    path = tmp_path / "measured.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.mark.slow
def test_a_table_of_columns_is_searched_and_its_comparator_ranks_without_a_space(
    run, table, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    arguments = ("--labels", table, "--metric", "accuracy", "--preset", "smoke", "--quiet")
    decisions = ("--decisions", "width*", "depth", "op")
    outcome = run(search, *arguments, *decisions, "--out", tmp_path / "run")
    assert outcome.code == 0, outcome.err
    said = outcome.out + outcome.err
    assert f"Space: 4 columns of {table}, 3 of numbers and 1 of names: depth (1, 2, 3)" in said
    assert json.loads((tmp_path / "run" / "summary.json").read_text())["space"] == "measured"
    space = Comparator.load(tmp_path / "run", provider="cpu").space
    assert [decision.name for decision in space.decisions] == ["depth", "width1", "width2", "op"]
    ranked = run(rank, tmp_path / "run", "--all", "--top", 1)
    assert ranked.code == 0, ranked.err
    assert "depth=" in ranked.out
    assert run(report, tmp_path / "run").code == 0
    again = run(search, *arguments, "--space", tmp_path / "run" / "space.toml", "--out", "second")
    assert again.code == 0, again.err


def test_decisions_without_a_table_are_refused(run):
    outcome = run(search, "--decisions", "width*")
    assert outcome.code == 2
    assert "--decisions belongs to --labels" in outcome.err
