"""Find the best of measured tables with few queries, beside what a user would pick instead.

A world is a table of measured architectures: a method asks for labels of its rows, and is judged by
the best row that it asked for. Methods that propose architectures which the table lacks get the
nearest row that was not asked for. Every run is one line of a file, and is not done again.

    python benchmarks/search.py --data path/to/data --runs runs.jsonl
"""

import argparse
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import optuna
import pyarrow.csv

import ctnas
from ctnas.architecture import ArchitectureBatch
from ctnas.searching.candidates import CandidateSource, candidate_generator
from ctnas.searching.moves import mutated
from ctnas.searching.surrogate import Surrogate

POPULATION, TOURNAMENT = 50, 10
STARTUP = 20


@dataclass
class World:
    """Rows that can be asked for: what an answer is, and what it is worth."""

    space: ctnas.SearchSpace
    rows: ArchitectureBatch
    answers: np.ndarray
    worth: np.ndarray
    noise: float = 0.0

    def __post_init__(self) -> None:
        self.places = {row.tobytes(): place for place, row in enumerate(self.rows.decisions)}
        numbers = [decision.numbers for decision in self.space.decisions]
        columns = self.rows.decisions.T
        known = [c if n is None else n[c] for c, n in zip(columns, numbers, strict=True)]
        self.is_named = np.array([n is None for n in numbers])
        ranks = [np.unique(column, return_inverse=True)[1] for column in known]
        self.scaled = np.stack([r / max(r.max(), 1) for r in ranks], axis=1)

    def nearest(self, row: np.ndarray, left: np.ndarray) -> int:
        """Return the place of the row nearest to some decisions among those that are left."""
        place = self.places.get(row.tobytes())
        if place is not None and left[place]:
            return place
        differs = self.rows.decisions != row
        spread = np.array([max(len(d) - 1, 1) for d in self.space.decisions])
        apart = np.abs(self.rows.decisions - row) / spread
        distance = np.where(self.is_named, differs, apart).sum(axis=1)
        return int(np.argmin(np.where(left, distance, np.inf)))


class Asked:
    """The rows that were asked for, and the answers."""

    def __init__(self, world: World, queries: int, seed: int) -> None:
        self.world, self.queries = world, queries
        self.generator = np.random.default_rng([seed, 1])
        noise = np.random.default_rng([seed, 2]).normal(size=len(world.rows))
        self.answers = world.answers + world.noise * noise
        self.left = np.ones(len(world.rows), dtype=bool)
        self.order: list[int] = []

    def ask(self, place: int) -> float:
        self.left[place] = False
        self.order.append(place)
        return float(self.answers[place])

    def random(self) -> int:
        return int(self.generator.choice(np.flatnonzero(self.left)))

    def labels(self) -> ctnas.LabelSet:
        rows = self.world.rows[self.order]
        return ctnas.LabelSet(self.world.space, rows, self.answers[self.order], "worth")

    def __bool__(self) -> bool:
        return len(self.order) < self.queries


def at_random(asked: Asked) -> None:
    while asked:
        asked.ask(asked.random())


def evolution(asked: Asked) -> None:
    """Regularized evolution (Real et al., 2019)."""
    while asked and len(asked.order) < POPULATION:
        asked.ask(asked.random())
    world = asked.world
    while asked:
        alive = np.array(asked.order[-POPULATION:])
        rivals = asked.generator.choice(alive, TOURNAMENT, replace=False)
        parent = world.rows[[int(rivals[np.argmax(asked.answers[rivals])])]]
        child = mutated(world.space, parent, asked.generator).decisions[0]
        asked.ask(world.nearest(child, asked.left))


def local(asked: Asked) -> None:
    """Local search with restarts (White et al., 2021)."""
    world = asked.world
    while asked:
        place = asked.random()
        value, tries = asked.ask(place), 0
        while asked and tries < len(world.space.decisions):
            neighbor = mutated(world.space, world.rows[[place]], asked.generator).decisions[0]
            other = world.nearest(neighbor, asked.left)
            answer, tries = asked.ask(other), tries + 1
            if answer > value:
                place, value, tries = other, answer, 0


def tree_parzen(asked: Asked) -> None:
    """Optuna's TPE, numbers as integers in an order."""
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    sampler = optuna.samplers.TPESampler(seed=int(asked.generator.integers(2**31)))
    study = optuna.create_study(direction="maximize", sampler=sampler)
    world = asked.world
    kinds = [
        optuna.distributions.CategoricalDistribution(tuple(range(len(d))))
        if d.numbers is None
        else optuna.distributions.IntDistribution(0, len(d) - 1)
        for d in world.space.decisions
    ]
    names = {d.name: kind for d, kind in zip(world.space.decisions, kinds, strict=True)}
    while asked:
        trial = study.ask(names)
        row = np.array([trial.params[name] for name in names], dtype=np.int16)
        place = world.nearest(row, asked.left)
        told = dict(zip(names, world.rows.decisions[place].tolist(), strict=True))
        study.tell(trial, state=optuna.trial.TrialState.FAIL)
        study.add_trial(
            optuna.create_trial(params=told, distributions=names, value=asked.ask(place))
        )


def adaptive(asked: Asked) -> None:
    """Ask as `ctnas-search` and `CTNASSampler` do."""
    world, generator = asked.world, candidate_generator(int(asked.generator.integers(2**31)))
    while asked and len(asked.order) < STARTUP:
        asked.ask(asked.random())
    surrogate = Surrogate(CandidateSource(world.space, among=world.rows))
    while asked:
        count = min(5, asked.queries - len(asked.order))
        for row in surrogate.promising(asked.labels(), generator, count).decisions:
            asked.ask(world.places[row.tobytes()])


METHODS: dict[str, Callable[[Asked], None]] = {
    "random": at_random,
    "evolution": evolution,
    "local search": local,
    "TPE": tree_parzen,
    "ctnas": adaptive,
}


def table_world(file: Path, columns: Callable[[str], bool], metric: str) -> World:
    """Return the distinct rows of a table of numbers that have a label."""
    table = pyarrow.csv.read_csv(file)
    names = [name for name in table.column_names if columns(name)]
    worth = table[metric].to_numpy(zero_copy_only=False).astype(float)
    values = np.stack([table[name].to_numpy() for name in names], axis=1)[np.isfinite(worth)]
    worth = worth[np.isfinite(worth)]
    values, first = np.unique(values, axis=0, return_index=True)
    choices = [np.unique(column, return_inverse=True) for column in values.T]
    decisions = {n: found.tolist() for n, (found, _) in zip(names, choices, strict=True)}
    space = ctnas.DecisionSpace(file.stem, decisions)
    rows = np.stack([place for _, place in choices], axis=1).astype(np.int16)
    return World(space, space.batch(rows), worth[first], worth[first])


def nasbench201_world(file: Path, noise: float) -> World:
    """Return all cells: validation accuracy answers, test accuracy (or the truth) is the worth."""
    space = ctnas.get_space("nasbench201")
    answers = ctnas.LabelSet.read(file, space, metric="cifar10_valid_accuracy")
    judged = "cifar10_valid_accuracy" if noise else "cifar10_test_accuracy"
    worth = ctnas.LabelSet.read(file, space, metric=judged)
    return World(space, answers.architectures, answers.values, worth.values, noise)


def worlds(data: Path) -> Iterator[tuple[str, World, tuple[int, ...]]]:
    """Yield names, worlds and numbers of queries."""
    cells = data / "nasbench201_cifar10.csv"
    yield "nasbench201", nasbench201_world(cells, 0.0), (45, 60, 70)
    yield "nasbench201, noise of 0.5 points", nasbench201_world(cells, 0.5), (100,)
    accel = table_world(
        data / "accel_nasbench.csv", lambda n: n.startswith("block"), "imagenet_val_top1"
    )
    yield "accel_nasbench", accel, (60, 100)
    video = table_world(data / "nasbench_mr_video.csv", lambda n: n.startswith("code"), "top1")
    yield "nasbench_mr_video", video, (100,)


def one_run(world: World, method: str, queries: int, seed: int) -> dict[str, float]:
    """Return what the best answer is worth, and the rank of it in the world, from 1."""
    asked = Asked(world, queries, seed)
    METHODS[method](asked)
    best = max(asked.order, key=lambda place: asked.answers[place])
    return {
        "worth": float(world.worth[best]),
        "rank": int((world.worth > world.worth[best]).sum()) + 1,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--runs", type=Path, default=Path("search-runs.jsonl"))
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--methods", nargs="*", default=list(METHODS))
    parser.add_argument("--worlds", nargs="*", default=None, help="names of worlds; all if none")
    options = parser.parse_args()
    lines = options.runs.read_text().splitlines() if options.runs.exists() else []
    done = {tuple(run["key"]): run for run in map(json.loads, lines)}
    print("| world | queries | method | runs | worth | rank | the best of all |")
    print("|---|---|---|---|---|---|---|")
    for name, world, numbers in worlds(options.data):
        if options.worlds and name not in options.worlds:
            continue
        for queries in numbers:
            for method in options.methods:
                found = []
                for seed in range(options.first_seed, options.first_seed + options.seeds):
                    key = (name, queries, method, seed)
                    if key not in done:
                        done[key] = {"key": key, **one_run(world, method, queries, seed)}
                        with options.runs.open("a") as stream:
                            stream.write(json.dumps(done[key]) + "\n")
                    found.append(done[key])
                worth = np.array([run["worth"] for run in found])
                rank = np.array([run["rank"] for run in found])
                print(
                    f"| {name} | {queries} | {method} | {len(found)} | {worth.mean():.3f} +- "
                    f"{worth.std(ddof=1):.3f} | {np.median(rank):.0f} (to {rank.max()}) | "
                    f"{(rank == 1).sum()} |",
                    flush=True,
                )


if __name__ == "__main__":
    main()
