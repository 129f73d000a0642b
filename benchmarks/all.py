"""Measure everything that stands in `BENCHMARKS.md`, and write it there.

    python benchmarks/all.py --data path/to/data --out path/to/results [--list] [--only NAME ...]

What was measured with this version of the sources is not measured again: the same command goes on
where it was stopped. Two processes measure at a time, and one alone what is timed. A result of
other sources stays in the page only with the words that say so. `--check` measures nothing and ends
with 1 if the page claims that a table is of these sources, and it is not.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import tables
from sources import CHECKOUT, version
from steps import RUNS, STEPS, Step

import ctnas

PAGE = CHECKOUT / "BENCHMARKS.md"
FIGURES = CHECKOUT / "docs" / "figures"
RESULT = "result.json"
NOW = re.compile(r"Measured with sources `(\w{12})`")
OTHER = "**Of another version**, sources"


@dataclass(frozen=True)
class Measuring:
    """How all steps are measured.

    Attributes:
        data: folder of public tables.
        out: folder of results; one folder a version and a step.
        runs: with other seeds.
        quick: whether everything is only tried.
    """

    data: Path
    out: Path
    runs: int
    quick: bool

    def folder(self, step: Step) -> Path:
        """Return where a step's results of this version are."""
        kind = f"{version()}-quick" if self.quick else version()
        return self.out / kind / step.name

    def done(self, step: Step) -> bool:
        """Return whether all runs of a step were measured with this version."""
        result = read_result(self.folder(step))
        return result is not None and result["runs"] >= self.runs

    def measure(self, step: Step) -> str | None:
        """Run a step; return why it failed, or None."""
        folder = self.folder(step)
        folder.mkdir(parents=True, exist_ok=True)
        missing = [name for name in step.given if not (self.data / name).exists()]
        if missing:
            return f"{self.data} holds no {', '.join(missing)}"
        start = perf_counter()
        with (folder / "log.txt").open("a") as log:
            done = subprocess.run(
                step.words(self.data, folder, self.runs, quick=self.quick),
                env=os.environ | {"OMP_NUM_THREADS": "1"},
                cwd=folder,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                check=False,
            )
        (folder / "printed.txt").write_text(done.stdout)
        if done.returncode:
            return f"ended with {done.returncode}; see {folder / 'log.txt'}"
        result = {
            "sources": version(),
            "version": ctnas.__version__,
            "machine": machine(),
            "runs": self.runs,
            "seconds": perf_counter() - start,
            "table": step.table(folder, done.stdout),
        }
        temporary = folder / f"{RESULT}.part"
        temporary.write_text(json.dumps(result, indent=1))
        temporary.replace(folder / RESULT)
        return None


def read_result(folder: Path) -> dict | None:
    """Return what a step has measured, or None."""
    path = folder / RESULT
    return json.loads(path.read_text()) if path.exists() else None


def machine() -> str:
    """Return the processor and the number of cores."""
    try:
        text = Path("/proc/cpuinfo").read_text()
        name = re.search(r"model name\s*: (.*)", text)
    except OSError:
        name = None
    return f"{name[1] if name else platform.processor()}, {os.cpu_count()} cores"


def carry_out(measuring: Measuring, steps: list[Step]) -> list[tuple[Step, str]]:
    """Measure steps, two at a time and timed ones alone; return those that failed."""
    failed = []

    def attempt(step: Step) -> None:
        print(f"{step.name}: about {step.minutes * measuring.runs / RUNS:.0f} minutes", flush=True)
        reason = measuring.measure(step)
        print(f"{step.name}: {reason or 'done'}", flush=True)
        if reason:
            failed.append((step, reason))

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(attempt, [step for step in steps if not step.alone]))
    for step in steps:
        if step.alone:
            attempt(step)
    return failed


def block(step: Step, result: dict) -> str:
    """Return a table with the words that say how it came to be."""
    stamp = (
        f"Measured with sources `{result['sources']}` (version {result['version']}), "
        f"{result['machine']}."
    )
    if result["sources"] != version():
        stamp = f"{OTHER} `{result['sources']}`: to be measured anew."
    parts = [f"```\n{step.shown(result['runs'])}\n```", result["table"]]
    if step.plot:
        parts.append(f"![{step.name}](docs/figures/{step.plot})")
    return "\n\n".join([*parts, stamp])


def write_page(measuring: Measuring, page: Path) -> None:
    """Put what was measured between the markers of a page, and mark what is of other sources."""
    made = {}
    for step in STEPS:
        folder = measuring.folder(step)
        result = read_result(folder)
        if result is None:
            continue
        made[step.name] = block(step, result)
        if step.plot and (folder / step.plot).exists():
            figures = FIGURES if page == PAGE else page.parent / "docs" / "figures"
            figures.mkdir(parents=True, exist_ok=True)
            shutil.copy(folder / step.plot, figures)
    text = tables.replaced(page.read_text(), made)
    page.write_text(NOW.sub(_other_if_old, text))


def _other_if_old(found: re.Match[str]) -> str:
    return found[0] if found[1] == version() else f"{OTHER} `{found[1]}`: to be measured anew"


def stale(page: Path) -> list[str]:
    """Return the sources that a page names as those of a table, and that are others."""
    return sorted({found[1] for found in NOW.finditer(page.read_text())} - {version()})


def print_list(measuring: Measuring) -> None:
    """Print what is left, and how long it takes."""
    left = 0.0
    for step in STEPS:
        minutes = step.minutes * measuring.runs / RUNS
        state = "done" if measuring.done(step) else "left"
        left += 0 if state == "done" else minutes * (2 if step.alone else 1)
        kind = "alone" if step.alone else ""
        print(f"{step.name:20} {state:5} {minutes:5.0f} min  {kind}")
    print(f"Left: about {left / 2:.0f} minutes with two processes; sources {version()}")


def main() -> None:
    """Measure, list or check."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("CTNAS_DATA", ".")))
    parser.add_argument("--out", type=Path, default=CHECKOUT / "build" / "measured")
    parser.add_argument("--runs", type=int, default=RUNS)
    parser.add_argument("--only", nargs="+", choices=[step.name for step in STEPS], metavar="NAME")
    parser.add_argument("--quick", action="store_true", help="try everything, measure nothing")
    parser.add_argument(
        "--list", action="store_true", help="say what is left and how long it takes"
    )
    parser.add_argument("--write", action="store_true", help="only write what was measured")
    parser.add_argument(
        "--check", action="store_true", help="only look for tables of other sources"
    )
    parser.add_argument("--page", type=Path, default=PAGE, help="where to write")
    options = parser.parse_args()
    measuring = Measuring(
        options.data.resolve(), options.out.resolve(), options.runs, options.quick
    )
    if options.check:
        if old := stale(options.page):
            sys.exit(
                f"{options.page.name} has tables of sources {', '.join(old)}, and these are "
                f"{version()}: run `python benchmarks/all.py --write`, which says so there"
            )
        return
    if options.list:
        print_list(measuring)
        return
    failed = []
    if not options.write:
        chosen = [step for step in STEPS if not options.only or step.name in options.only]
        failed = carry_out(measuring, [step for step in chosen if not measuring.done(step)])
    if not options.quick or options.page != PAGE:
        write_page(measuring, options.page)
    if failed:
        sys.exit("\n".join(f"{step.name} {reason}" for step, reason in failed))


if __name__ == "__main__":
    main()
