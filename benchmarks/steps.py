"""What is measured for `BENCHMARKS.md`: a program, its options, and how long it takes."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from claims import beside_paper, best_is, rises
from tables import printed_table, reproduced_table

if TYPE_CHECKING:
    from collections.abc import Callable

HERE = Path(__file__).parent
RUNS = 10
"""Runs with other seeds that a figure of accuracy is the mean of."""


@dataclass(frozen=True)
class Step:
    """One table.

    Attributes:
        name: of the table's marker and of the folder with what was measured.
        command: the program and what it always needs; `{data}`, `{out}` and `{runs}` are filled in.
        options: what is measured.
        minutes: that it takes with 10 runs, or as many as it does, on one core.
        alone: whether it times, so that nothing else may run beside it.
        quick: options in their place, by which everything is tried and nothing measured.
        claim: a sentence that follows from what was measured.
        plot: a drawing that it leaves.
        given: files that `{data}` must hold.
    """

    name: str
    command: tuple[str, ...]
    options: tuple[str, ...]
    minutes: float
    alone: bool = False
    quick: tuple[str, ...] = ()
    claim: Callable[[Path], str] | None = None
    plot: str | None = None
    given: tuple[str, ...] = field(default=())

    def words(self, data: Path, out: Path, runs: int, *, quick: bool) -> list[str]:
        """Return the command with everything filled in."""
        words = [*self.command, *(self.quick if quick else self.options)]
        places = {"data": str(data), "out": str(out), "runs": str(runs)}
        filled = [word.format(**places) for word in words]
        program = HERE / filled[0]
        python = program.suffix == ".py"
        return [sys.executable, str(program), *filled[1:]] if python else filled

    def shown(self, runs: int) -> str:
        """Return the command as it stands in the page."""
        places = {"data": "path/to/data", "out": "out", "runs": str(runs)}
        words = [word.format(**places) for word in (*self.command, *self.options)]
        command = " ".join(words)
        return f"python benchmarks/{command}" if words[0].endswith(".py") else command

    def table(self, out: Path, printed: str) -> str:
        """Return the table of what was measured, with what follows from it."""
        written = sorted(out.glob("*.csv")) if self.command[0] == "ctnas-reproduce" else []
        if not written:
            return printed_table(printed)
        differs = re.search(r"Differs from the paper: (.*?\.)\n(?:Wrote|$)", printed, re.DOTALL)
        said = [" ".join(differs[0].split("\nWrote")[0].split())] if differs else []
        said += [self.claim(written[0])] if self.claim else []
        return "\n\n".join([reproduced_table(written[0]), *(each for each in said if each)])


def reproduce(
    name: str,
    target: str,
    *options: str,
    minutes: float,
    quick: tuple[str, ...] = (),
    claim: Callable[[Path], str] | None = None,
    alone: bool = False,
    plot: str | None = None,
) -> Step:
    """Return a step of `ctnas-reproduce`."""
    command = ("ctnas-reproduce", target, "--data", "{data}", "--runs", "{runs}", "--out", "{out}")
    given = ("nasbench201_cifar10.csv",) if target == "nasbench201" else ("nasbench101.npz",)
    return Step(name, command, options, minutes, alone, quick or options, claim, plot, given)


def program(
    name: str,
    *command: str,
    minutes: float,
    alone: bool = False,
    quick: tuple[str, ...] = (),
    given: tuple[str, ...] = (),
) -> Step:
    """Return a step of one of the programs in this folder."""
    return Step(name, command, (), minutes, alone, quick, None, None, given)


_NUMBERS = ("nasbench_mr_video.csv", "accel_nasbench.csv")
_CELLS = "nasbench201_cifar10.csv"
_FEW = ("--queries", "20", "--iterations", "2")
STEPS = (
    reproduce(
        *("table1", "table1", "--strategies", "random", "regression", "renas", "ctnas-paper"),
        *("ctnas", "adaptive"),
        minutes=80,
        quick=("--queries", "20", "--iterations", "2", "--strategies", "random", "ctnas-paper"),
        claim=lambda path: beside_paper(path, "ctnas-paper", "accuracy"),
    ),
    reproduce(
        *("table1-supernets", "table1", "--supernet", "spos", "fairnas"),
        minutes=60,
        quick=("--supernet", "spos", "--queries", "10", "--epochs", "1", "--train-images", "64"),
        claim=lambda path: beside_paper(path, "spos", "tau_100"),
    ),
    reproduce("table3", "table3", minutes=3, alone=True),
    reproduce(
        "table4",
        "table4",
        minutes=95,
        quick=_FEW,
        claim=lambda path: best_is(path, "curriculum", "a curriculum makes the better baseline"),
    ),
    reproduce(
        "table5",
        "table5",
        minutes=125,
        quick=_FEW,
        claim=lambda path: best_is(path, "r = 0.5", "half of the labels should be pseudo-labels"),
    ),
    reproduce(
        "figure5",
        "figure5",
        minutes=300,
        quick=("--queries", "20", "30", "--iterations", "2", "--strategies", "ctnas-paper"),
        claim=lambda path: rises(path, "ctnas-paper"),
        plot="figure5.svg",
    ),
    reproduce(
        *("tableA", "tableA", "--queries", "100", "172", "424", "4236"),
        *("--strategies", "default", "paper", "regression", "renas"),
        minutes=60,
        quick=("--queries", "20", "--strategies", "paper"),
        claim=lambda path: beside_paper(path, "paper, 424", "tau_100"),
    ),
    reproduce(
        *("nasbench201", "nasbench201", "--strategies", "default"),
        minutes=30,
        quick=("--queries", "20"),
    ),
    reproduce(
        *("adaptive201", "nasbench201", "--strategies", "adaptive", "--queries", "45", "70"),
        minutes=12,
        quick=("--queries", "12"),
    ),
    reproduce(
        *("adaptive101", "table1", "--strategies", "adaptive", "--queries", "150", "423"),
        minutes=45,
        quick=("--queries", "12"),
    ),
    program(
        *("fit-accuracy", "fit_accuracy.py", "{data}", "--out", "{out}/draws.jsonl"),
        *("--draws", "{runs}"),
        minutes=25,
        quick=("--only", "nasbench201:78"),
        given=("nasbench101.npz", "nasbench201_cifar10.csv", "accel_nasbench.csv"),
    ),
    program(
        *("numbers", "spaces.py", "--data", "{data}", "--draws", "{runs}"),
        *("--out", "{out}/spaces.jsonl", "--tables", *_NUMBERS),
        minutes=30,
        given=_NUMBERS,
    ),
    program(
        *("noise", "spaces.py", "--data", "{data}", "--what", "noise", "--labels", "100"),
        *("--draws", "{runs}", "--out", "{out}/noise.jsonl", "--tables", *_NUMBERS, _CELLS),
        minutes=4,
        given=(*_NUMBERS, _CELLS),
    ),
    program(
        *("priors", "spaces.py", "--data", "{data}", "--what", "prior"),
        *("--labels", "10", "20", "50", "100", "--draws", "{runs}", "--out", "{out}/prior.jsonl"),
        *("--tables", "accel_nasbench.csv", _CELLS),
        minutes=60,
        given=("accel_nasbench.csv", _CELLS),
    ),
    program(
        *("search", "search.py", "--data", "{data}", "--runs", "{out}/runs.jsonl"),
        minutes=60,
        quick=("--seeds", "2", "--worlds", "nasbench_mr_video"),
        given=(*_NUMBERS, _CELLS),
    ),
    program(
        *("latency", "latency.py", "--data", "{data}", "--draws", "{runs}"),
        *("--out", "{out}/latency.jsonl"),
        minutes=25,
        quick=("--devices", "zcu102"),
        given=("accel_nasbench.csv",),
    ),
    program(
        *("once-for-all", "once_for_all.py", "{data}/ofa_mobilenetv3_imagenet.csv"),
        *("--draws", "{runs}"),
        minutes=15,
        quick=("--labels", "40"),
        given=("ofa_mobilenetv3_imagenet.csv",),
    ),
    program(
        *("front", "front.py", "{data}/accel_nasbench.csv", "20"),
        minutes=60,
        given=("accel_nasbench.csv",),
    ),
    program("interactive", "interactive.py", minutes=5, alone=True),
    program("fit", "fit.py", "{data}", minutes=5, alone=True, quick=("--only", "chain:100")),
    program("spaces", "spaces_speed.py", minutes=4, alone=True, quick=("--count", "2000")),
    program("ranking", "ranking.py", minutes=8, alone=True, quick=("--millions", "1")),
    program("ledger", "ledger_load.py", minutes=5, alone=True, quick=("--labels", "100")),
    program(
        "main-job", "main_job.py", "--seeds", "5", minutes=20, alone=True, quick=("--seeds", "1")
    ),
    program(
        *("mobilenetv3-small", "searched.py", "cifar10_mobilenetv3_small.toml", "{data}", "{out}"),
        minutes=30,
        alone=True,
    ),
    program(
        *("darts-small", "searched.py", "cifar10_darts_small.toml", "{data}", "{out}"),
        minutes=35,
        alone=True,
    ),
    program(
        *("faults", "../tests/faults/fault_loop.py", "--rounds", "200"),
        minutes=60,
        quick=("--rounds", "1"),
    ),
)
