"""Kill a search at random moments, let it go on, and look whether anything was lost.

    python tests/faults/fault_loop.py --rounds 200 [--workers 2] [--trainings] [--seed 0]

A round is a SIGKILL in a stage that is drawn, at a moment within it that is drawn; the moments and
their order follow from the seed. After each the run directory is checked: every file under its
final name is whole, and no label is lost, changed or counted twice. A run that comes to its end
must have the labels and the `ranking.csv` of one that nobody disturbed. Prints a line of a table.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import sqlite3
import sys
import tempfile
import tomllib
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from time import monotonic, sleep
from typing import TypeAlias

import onnx
import pyarrow.csv
import pyarrow.parquet
import torch
from safetensors import safe_open

from ctnas.labels import Ledger
from ctnas.labels.study import FORMAT

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent))
    from tiny_search import FULL, OPTIONS, STAGES, TRAININGS, Search, prepare
else:
    from .tiny_search import FULL, OPTIONS, STAGES, TRAININGS, Search, prepare

Labels: TypeAlias = dict[tuple[str, str], float]
"""Labels by study and architecture."""

_LAST = 0.1
"""Share of the lives of a run that nobody ends."""

_READERS = {
    ".toml": lambda path: tomllib.loads(path.read_text()),
    ".json": lambda path: json.loads(path.read_text()),
    ".csv": pyarrow.csv.read_csv,
    ".parquet": pyarrow.parquet.read_table,
    ".onnx": lambda path: onnx.checker.check_model(onnx.load(path)),
    ".pt": lambda path: torch.load(path, weights_only=True),
    ".html": lambda path: path.read_text().rindex("</html>"),
    ".safetensors": lambda path: safe_open(path, framework="pt").keys(),
}


@dataclass
class Tally:
    """What happened so far."""

    kills: Counter[str] = field(default_factory=Counter)
    runs: int = 0


class FaultLoop:
    """Disturbs searches of one configuration.

    Args:
        folder: for run directories.
        seed: of stages and moments.
        workers: local workers of each search; none if 0.
        trainings: whether each spends full trainings.
    """

    def __init__(
        self, folder: Path, seed: int, workers: int = 0, *, trainings: bool = False
    ) -> None:
        self._folder, self._random = folder, random.Random(seed)
        options = [*OPTIONS, *(TRAININGS if trainings else ())]
        self._options = [*options, *(["--workers", str(workers)] if workers else [])]
        self.stages = {
            stage: title for stage, title in STAGES.items() if trainings or stage not in FULL
        }
        self.tally = Tally()
        # Nobody disturbs it, and it measures by itself.
        search = Search([*options, "--out", str(folder / "whole")], folder / "whole.txt")
        self._seconds = _durations(search, self.stages)
        if search.finish():
            raise RuntimeError(search.said())
        self.labels = labels(folder / "whole")
        self._ranking = (folder / "whole" / "ranking.csv").read_bytes()

    def run(self, rounds: int) -> None:
        """Disturb runs until there were that many rounds, and the last run is at its end."""
        while self.tally.kills.total() < rounds:
            self._one_run(rounds)

    def _one_run(self, rounds: int) -> None:
        run = self._folder / f"run{self.tally.runs}"
        arguments = [*self._options, "--out", str(run)]
        known: Labels = {}
        reached = 0
        while True:
            search = Search(arguments, self._folder / "output.txt")
            stage = self._drawn(reached)
            is_last = self.tally.kills.total() >= rounds or self._random.random() < _LAST
            # One kill among the last steps is enough for a run.
            is_last = is_last or reached == len(self.stages) - 1
            if not is_last and self._killed(search, stage):
                self.tally.kills[stage] += 1
                reached = list(self.stages).index(stage)
            code = search.finish()
            if code not in (0, -9):
                raise AssertionError(f"exit code {code}: {search.said()}")
            known = self._checked(run, known)
            if code == 0:
                break
            # A run that was killed before it wrote its settings begins anew.
            if (run / "config.toml").exists():
                arguments = ["--resume", str(run)]
        assert known == self.labels
        assert (run / "ranking.csv").read_bytes() == self._ranking
        self.tally.runs += 1
        print(f"{self.tally.runs} runs, {self.tally.kills}", file=sys.stderr, flush=True)
        shutil.rmtree(run)

    def _drawn(self, reached: int) -> str:
        """Draw a stage that is not over; the rarer it was, the likelier."""
        stages = list(self.stages)[reached:]
        weights = [1 / (1 + self.tally.kills[stage]) for stage in stages]
        return self._random.choices(stages, weights)[0]

    def _killed(self, search: Search, stage: str) -> bool:
        """Kill a search in a stage; return False if it came to its end before."""
        if not search.wait_for(self.stages[stage]):
            return False
        sleep(self._random.random() * self._seconds[stage])
        search.kill()
        return search.code() == -9

    def _checked(self, run: Path, before: Labels) -> Labels:
        """Check what a killed or finished search has left; return its labels."""
        folders = ("*", "checkpoint/*", "trainings/*/*")
        for path in chain.from_iterable(run.glob(folder) for folder in folders):
            if path.name[0] != "." and path.suffix in _READERS:
                _READERS[path.suffix](path)
        found = labels(run)
        assert before.items() <= found.items() <= self.labels.items()
        return found


def labels(run: Path) -> Labels:
    """Return the labels of a run, by study; fails if the database is damaged or has one twice."""
    file = run / "labels.db"
    if not file.exists():
        return {}
    with closing(sqlite3.connect(file)) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        written = (
            "SELECT study_name FROM studies JOIN study_user_attributes USING (study_id) "
            "WHERE key = ?"
        )
        # One that was killed while it was made is no ledger yet.
        studies = [name for (name,) in database.execute(written, (FORMAT,))]
    found: Labels = {}
    for study in studies:
        with Ledger.open(file, study=study) as ledger:
            assert ledger.trial_count() == len(ledger)
            known = zip(ledger.architectures, ledger.values.tolist(), strict=True)
            found |= {(study, text): value for text, value in known}
    return found


def _durations(search: Search, stages: dict[str, str]) -> dict[str, float]:
    """Return how long each stage of a search takes, with what follows it up to the next."""
    began = {}
    for stage, title in stages.items():
        if not search.wait_for(title):
            raise RuntimeError(f"no {title!r} in {search.said()}")
        began[stage] = monotonic()
    search.finish()
    moments = [*began.values(), monotonic()]
    return {
        stage: after - before
        for stage, before, after in zip(began, moments[:-1], moments[1:], strict=True)
    }


def main() -> None:
    """Print one line of a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--workers", type=int, default=0)
    parser.add_argument("--trainings", action="store_true")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    prepare()
    start = monotonic()
    with tempfile.TemporaryDirectory() as folder:
        loop = FaultLoop(Path(folder), options.seed, options.workers, trainings=options.trainings)
        loop.run(options.rounds)
    tally = loop.tally
    print(
        "| workers | kills | of them in " + ", ".join(loop.stages) + " | runs | lost | twice | s |"
    )
    print(
        f"| {options.workers} | {tally.kills.total()} | "
        f"{', '.join(str(tally.kills[stage]) for stage in loop.stages)} | {tally.runs} | 0 | 0 | "
        f"{monotonic() - start:.0f} |"
    )


if __name__ == "__main__":
    main()
