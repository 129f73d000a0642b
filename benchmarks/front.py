"""The front of accuracy and latency on Accel-NASBench after few queries, against other searches.

front.py TABLE [SEEDS [METRIC [QUERIES]]]: the hypervolume of what adaptive queries, random ones and
Optuna's NSGA-II have measured, as a share of that of the whole table.
"""

import csv
import sys
from pathlib import Path

import numpy as np
import optuna

from ctnas import DecisionSpace
from ctnas.searching.candidates import CandidateSource
from ctnas.searching.front import FrontSurrogate, Measured
from ctnas.searching.hypervolume import hypervolume, on_front
from ctnas.searching.surrogate import round_size
from ctnas.settings.objectives import gains_of, parse_objectives

INITIAL = 30
ACCURACY = "imagenet_val_top1"


def read(table: Path, latency: str) -> tuple[DecisionSpace, np.ndarray, np.ndarray]:
    """Return the space, the decisions [N, T] and accuracy and latency [N, 2] of a table."""
    rows = list(csv.DictReader(table.read_text().splitlines()))
    rows = [row for row in rows if row[ACCURACY] and row[latency]]
    names = [name for name in rows[0] if name.startswith("block")]
    choices = {name: sorted({int(row[name]) for row in rows}) for name in names}
    space = DecisionSpace("accel", choices)
    decisions = [[choices[name].index(int(row[name])) for name in names] for row in rows]
    decisions, first = np.unique(np.array(decisions, dtype=np.int16), axis=0, return_index=True)
    values = [[float(rows[place][ACCURACY]), float(rows[place][latency])] for place in first]
    return space, decisions, np.array(values)


def adaptive(space, table, values, objectives, queries, seed):
    """Return the rows that adaptive queries ask, in order."""
    place = {row.tobytes(): number for number, row in enumerate(table.decisions)}
    asked = np.random.default_rng(seed).permutation(len(table))[:INITIAL].tolist()
    surrogate = FrontSurrogate(CandidateSource(space, among=table), objectives)
    generator = np.random.default_rng([seed, 1])
    while len(asked) < queries:
        named = {each.name: values[asked, k] for k, each in enumerate(objectives)}
        count = min(round_size(queries), queries - len(asked))
        found = surrogate.growing(Measured(table[asked], named), generator, count)
        asked += [place[row.tobytes()] for row in found.decisions]
    return asked


def nsga2(space, table, values, objectives, queries, seed):
    """Return the rows nearest to what NSGA-II asks: it may choose among the rows of the table."""
    sampler = optuna.samplers.NSGAIISampler(seed=seed, population_size=20)
    directions = ["minimize" if each.minimized else "maximize" for each in objectives]
    study = optuna.create_study(sampler=sampler, directions=directions)
    asked = []
    free = np.ones(len(table), dtype=bool)
    for _ in range(queries):
        trial = study.ask()
        row = [trial.suggest_int(each.name, 0, len(each) - 1) for each in space.decisions]
        apart = np.abs(table.decisions - np.array(row)).sum(axis=1) + 1e6 * ~free
        asked.append(int(apart.argmin()))
        free[asked[-1]] = False
        study.tell(trial, values[asked[-1]].tolist())
    return asked


def main(table: str, seeds: str = "5", latency: str = "latency_zcu102", queries: str = "150"):
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    space, decisions, values = read(Path(table), latency)
    rows, wanted = space.batch(decisions), int(queries)
    objectives = parse_objectives(f"{ACCURACY},-{latency}")
    gains = gains_of(values, objectives)
    scaled = (gains - gains.min(axis=0)) / np.ptp(gains, axis=0)
    whole = hypervolume(scaled[on_front(scaled)], np.zeros(2))

    def share(asked):
        found = scaled[asked]
        return hypervolume(found[on_front(found)], np.zeros(2)) / whole

    found = {name: [] for name in ("adaptive", "nsga2", "random", "random, 4 times as many")}
    for seed in range(int(seeds)):
        arguments = space, rows, values, objectives, wanted, seed
        order = np.random.default_rng([seed, 2]).permutation(len(rows))
        found["adaptive"].append(share(adaptive(*arguments)))
        found["nsga2"].append(share(nsga2(*arguments)))
        found["random"].append(share(order[:wanted]))
        found["random, 4 times as many"].append(share(order[: 4 * wanted]))
        latest = ", ".join(f"{name} {shares[-1]:.4f}" for name, shares in found.items())
        print(f"seed {seed}: {latest}", file=sys.stderr, flush=True)
    print(f"| {wanted} queries, {seeds} seeds | share of the table's hypervolume |\n|---|---|")
    for name, shares in found.items():
        error = np.std(shares, ddof=1) / np.sqrt(len(shares))
        print(f"| {name} | {np.mean(shares):.4f} +- {error:.4f} |")


if __name__ == "__main__":
    main(*sys.argv[1:])
