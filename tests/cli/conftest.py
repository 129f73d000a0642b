"""An exported comparator of the NAS-Bench-201 space, and files of architectures for it."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import csv, parquet

from ctnas.comparator.fitting import fit_comparator
from ctnas.comparator.presets import comparator_preset
from ctnas.labels import LabelSet
from ctnas.spaces import SearchSpace, get_space


@dataclass(frozen=True)
class Outcome:
    """What a command did."""

    code: int
    out: str
    err: str


Main = Callable[[list[str]], None]
Run = Callable[..., Outcome]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Run the entry point of a command in this process."""

    def run(main: Main, *arguments: object) -> Outcome:
        capsys.readouterr()
        with pytest.raises(SystemExit) as caught:
            main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return Outcome(int(caught.value.code or 0), captured.out, captured.err)

    return run


@pytest.fixture(scope="session")
def space() -> SearchSpace:
    return get_space("nasbench201")


@pytest.fixture(scope="session")
def export(tmp_path_factory: pytest.TempPathFactory) -> Callable[[SearchSpace], Path]:
    """Export a small comparator of a space; return the directory."""
    preset = comparator_preset("default")
    small = replace(
        preset,
        encoder=replace(preset.encoder, width=16, layers=2),
        fit=replace(preset.fit, steps=40, epochs=0, learning_rate=1e-2),
        distillation=None,
    )

    def export(space: SearchSpace) -> Path:
        batch = space.sample(40, seed=0)
        # The more often the last but one choice is made, the better.
        often = (batch.decisions == space.choices - 2).sum(axis=1)
        labels = LabelSet(space, batch, often + np.linspace(0, 0.1, 40))
        directory = tmp_path_factory.mktemp("exported")
        fit_comparator(space, labels, small, seed=0).export(directory)
        return directory

    return export


@pytest.fixture(scope="session")
def exported(export: Callable[[SearchSpace], Path], space: SearchSpace) -> Path:
    return export(space)


@pytest.fixture(scope="session")
def texts(space: SearchSpace) -> list[str]:
    return space.format(space.sample(300, seed=1))


@pytest.fixture(scope="session")
def tables(texts: list[str], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Return the same architectures as files of every kind, by suffix."""
    folder = tmp_path_factory.mktemp("tables")
    table = pa.table({"number": range(300), "architecture": texts})
    paths = {suffix: folder / f"architectures.{suffix}" for suffix in ("csv", "parquet", "jsonl")}
    csv.write_csv(table, paths["csv"])
    parquet.write_table(table, paths["parquet"])
    lines = [json.dumps({"architecture": text}) for text in texts]
    paths["jsonl"].write_text("\n".join(lines))
    return paths
