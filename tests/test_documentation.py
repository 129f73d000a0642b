"""Examples of the guide and of docstrings do what they say."""

from __future__ import annotations

import doctest
import re
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import ctnas
from ctnas.labels import LabelSet
from ctnas.spaces import get_space

GUIDE = Path(__file__).parents[1] / "docs" / "guide" / "python.md"
EXAMPLES = [
    "ctnas.comparator.runtime",
    "ctnas.labels.label_set",
    "ctnas.labels.ledger",
    "ctnas.spaces.decision_space",
    "ctnas.spaces.graph_space",
    "ctnas.testing",
]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Be in a folder that holds the table of labels that examples read."""
    space = get_space("nasbench201")
    batch = space.sample(80, seed=0)
    labels = LabelSet(space, batch, (batch.decisions == 1).mean(axis=1), "accuracy")
    labels.write(tmp_path / "labels.csv")
    text = (tmp_path / "labels.csv").read_text()
    (tmp_path / "labels.csv").write_text(text.replace("accuracy", "cifar10_valid_accuracy"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("module", EXAMPLES)
def test_example_of_a_docstring_runs(module: str, folder: Path, finished_smoke_run: Path) -> None:
    (folder / "runs").mkdir()
    (folder / "runs" / "latest").symlink_to(finished_smoke_run)
    space = get_space("nasbench201")
    known: dict[str, Any] = {
        "ctnas": ctnas,
        "get_space": get_space,
        "space": space,
        "text": space.format(space.sample(1, seed=0))[0],
    }
    source = import_module(module)
    finder, runner = doctest.DocTestFinder(exclude_empty=True), doctest.DocTestRunner()
    found = [each for each in finder.find(source, module) if each.examples]
    assert found
    for each in found:
        each.globs.update({**known, **vars(source)})
        assert runner.run(each).failed == 0


def blocks(word: str) -> str:
    """Return the block of Python in the guide that has a word."""
    code = re.findall(r"```python\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    (found,) = (each for each in code if word in each)
    return str(found)


def test_guide_declares_a_space_of_ones_own() -> None:
    names: dict[str, Any] = {"ctnas": ctnas}
    exec(blocks("two-layers"), names)  # the guide's own code
    assert names["space"].size == 6


@pytest.mark.slow
def test_guide_fits_exports_and_ranks(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = (folder / "labels.csv").read_text()
    (folder / "labels.csv").write_text(table.replace("cifar10_valid_accuracy", "accuracy"))
    exec(blocks('export("out")'), {})  # the guide's own code
    tau, *best = capsys.readouterr().out.splitlines()
    assert float(tau) > 0.5
    assert len(best) == 10
    assert np.all(np.diff([float(line.split()[0]) for line in best]) <= 0)
