"""Runs that ask in rounds, on a table: small enough to be run in this process."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import chain
from pathlib import Path

import numpy as np
import pyarrow.parquet
import pytest

from ctnas.app.progress import Advance
from ctnas.labels import Ledger
from ctnas.run.config import RunConfig, preset_config
from ctnas.run.directory import RunDirectory
from ctnas.run.pipeline import run
from ctnas.spaces import get_space

ROWS = 90
SPACE = get_space("nasbench101")


class Told:
    """Remembers what a run tells, and ends it in the middle of a stage.

    Args:
        breaks: the stage, by how its title begins.
    """

    def __init__(self, breaks: str | None = None) -> None:
        self.lines: list[str] = []
        self._breaks = breaks

    def say(self, message: str) -> None:
        self.lines.append(message)

    @contextmanager
    def stage(self, title: str) -> Iterator[Advance]:
        self.lines.append(title)

        def advance(done: int, total: int) -> None:
            if self._breaks is not None and title.startswith(self._breaks) and 0 < done < total:
                raise KeyboardInterrupt

        yield advance


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("rounds")


@pytest.fixture(scope="module")
def config(folder: Path) -> RunConfig:
    """Settings with a table of cells that are the better the more convolutions they have."""
    batch = SPACE.sample(ROWS, seed=0)
    convolutions = np.char.count(SPACE.format(batch), "conv3x3")
    rows = zip(SPACE.format(batch), convolutions, np.linspace(0, 0.5, ROWS), strict=True)
    lines = [f'"{text}",{number + small}' for text, number, small in rows]
    table = folder / "labels.csv"
    table.write_text("\n".join(["architecture,accuracy", *lines]) + "\n")
    return preset_config(
        "smoke",
        labels=table,
        space="nasbench101",
        queries=32,
        initial=20,
        batch=5,
        iterations=2,
        threads=1,
        provider="cpu",
        finalists=1,
    )


def run_in(path: Path, config: RunConfig, progress: Told | None = None) -> list[str]:
    """Run into a directory, or go on there; return what was told."""
    told = progress or Told()
    run(config, RunDirectory(path), told)
    return told.lines


@pytest.fixture(scope="module")
def whole(folder: Path, config: RunConfig) -> Path:
    (folder / "whole").mkdir()
    run_in(folder / "whole", config)
    return folder / "whole"


def labels(path: Path) -> dict[str, tuple[str, float]]:
    with Ledger.open(path / "labels.db") as ledger:
        assert ledger.trial_count() == len(ledger)
        notes = zip(ledger.sources(), ledger.values.tolist(), strict=True)
        return dict(zip(ledger.architectures, notes, strict=True))


def rounds(path: Path) -> list[list[str]]:
    asked: list[list[str]] = json.loads((path / "checkpoint" / "rounds.json").read_text())["rounds"]
    return asked


def flat(texts: list[list[str]]) -> list[str]:
    return list(chain.from_iterable(texts))


def test_random_labels_come_first_and_the_rest_is_asked_in_rounds(whole: Path) -> None:
    found = labels(whole)
    assert [source for source, _ in found.values()] == ["table"] * 20 + ["adaptive"] * 12
    assert [len(texts) for texts in rounds(whole)] == [5, 5, 2]
    assert list(found)[20:] == flat(rounds(whole))


def test_what_is_asked_is_better_than_what_is_drawn(whole: Path) -> None:
    values = np.array([value for _, value in labels(whole).values()])
    assert values[20:].mean() > values[:20].mean() + values[:20].std()


def test_only_random_labels_are_held_out(whole: Path) -> None:
    table = pyarrow.parquet.read_table(whole / "predictions.parquet")
    found = labels(whole)
    held_out = table.filter(table["held_out"])["architecture"].to_pylist()
    assert len(table) == 32
    assert [found[text][0] for text in held_out] == ["table"] * 4


def test_summary_counts_both_kinds_and_the_sample_is_the_random_one(whole: Path) -> None:
    summary = json.loads((whole / "summary.json").read_text())
    counts = [summary[name] for name in ("queries", "random_queries", "adaptive_queries")]
    assert counts == [32, 20, 12]
    drawn = sorted((value for source, value in labels(whole).values() if source == "table"))
    beside = {row["name"]: row["label"] for row in summary["finalists"]}
    assert beside["best sampled"] == drawn[-1]
    assert beside["median sampled"] == drawn[9]
    assert "12 asked in rounds" in (whole / "report.html").read_text()


def test_run_that_ends_in_the_middle_of_a_round_goes_on_to_the_same_bytes(
    tmp_path: Path, whole: Path, config: RunConfig
) -> None:
    with pytest.raises(KeyboardInterrupt):
        run_in(tmp_path, config, Told("Round 2 of 3: measure"))
    assert rounds(tmp_path) == rounds(whole)[:2]
    assert 25 < len(labels(tmp_path)) < 30
    told = run_in(tmp_path, config)
    assert [line for line in told if "choose" in line] == ["Round 3 of 3: choose what to measure"]
    assert rounds(tmp_path) == rounds(whole)
    assert labels(tmp_path) == labels(whole)
    assert (tmp_path / "ranking.csv").read_bytes() == (whole / "ranking.csv").read_bytes()


@pytest.mark.slow
def test_more_queries_are_more_rounds_and_the_first_ones_stay(
    tmp_path: Path, whole: Path, config: RunConfig
) -> None:
    run_in(tmp_path, config)
    before = labels(tmp_path)
    told = run_in(tmp_path, replace(config, queries=38))
    assert "Round 4 of 5: choose what to measure" in told
    assert [len(texts) for texts in rounds(tmp_path)] == [5, 5, 2, 5, 1]
    assert rounds(tmp_path)[:3] == rounds(whole)
    assert list(labels(tmp_path).items())[:32] == list(before.items())


@pytest.mark.slow
def test_nothing_over_the_limit_is_asked_and_what_is_left_unasked_is_said(
    tmp_path: Path, config: RunConfig
) -> None:
    every = SPACE.sample(ROWS, seed=0)
    madds = dict(zip(SPACE.format(every), SPACE.costs(every).madds, strict=True))
    limit = float(np.quantile(list(madds.values()), 0.4))
    limited = replace(config, max_madds=limit, queries=80, batch=30)
    told = run_in(tmp_path, limited)
    asked = flat(rounds(tmp_path))
    drawn = list(labels(tmp_path))[:20]
    assert set(asked) == {text for text in madds if madds[text] <= limit} - set(drawn)
    left = f"Nothing is left to ask: {60 - len(asked)} queries are not made"
    assert left in told
    assert rounds(tmp_path)[-1] == []
    ranking = (tmp_path / "ranking.csv").read_bytes()
    told = run_in(tmp_path, limited)
    assert left in told
    assert not any("choose" in line for line in told)
    assert (tmp_path / "ranking.csv").read_bytes() == ranking


def test_without_initial_nothing_is_asked_in_rounds(tmp_path: Path, config: RunConfig) -> None:
    told = run_in(tmp_path, replace(config, initial=None, batch=None))
    assert not any("Round" in line for line in told)
    assert {source for source, _ in labels(tmp_path).values()} == {"table"}
    assert not (tmp_path / "checkpoint" / "rounds.json").exists()
    assert "adaptive_queries" not in json.loads((tmp_path / "summary.json").read_text())
    assert "asked in rounds" not in (tmp_path / "report.html").read_text()
