"""Arguments of every type at every public function: one line of ours, or they are taken."""

import inspect
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import ctnas
from ctnas.labels import LabelSet

SPACE = ctnas.get_space("nasbench201")
BATCH = SPACE.sample(12, seed=0)
LABELS = LabelSet(SPACE, BATCH, np.arange(12.0))
OWN = ctnas.DecisionSpace("mine", {"width": [1, 2], "op": ["a", "b"]})


class Thing:
    """What nobody expects."""


STRANGE: list[Any] = [
    *(Thing(), [Thing()], 3, -1.5, float("nan"), "x", b"x", None, {"a": 1}),
    *(np.zeros((2, 2, 2)), (BATCH, LABELS)),
]
GOOD: dict[str, Any] = {
    "space": SPACE,
    "labels": LABELS,
    "other": LABELS,
    "values": np.arange(12.0),
    **dict.fromkeys(["architectures", "batch", "a", "b"], BATCH),
    "texts": SPACE.format(BATCH),
    "graphs": SPACE.graphs(BATCH),
    "name": "nasbench201",
    "count": 3,
    "seed": 0,
    "fraction": 0.5,
    "path": "labels.csv",
    "directory": "exported",
    "decisions": {"width": [1, 2]},
    "provider": "cpu",
    "threads": 1,
}
QUICK: dict[str, dict[str, Any]] = {
    "search": {"iterations": 1, "preset": "smoke", "provider": "cpu"},
    "fit_comparator": {"preset": "smoke"},
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("arguments")


@pytest.fixture(scope="module")
def functions(folder: Path) -> dict[str, Callable[..., object]]:
    """Return what is public, by name: functions, classes, and methods of one object of each."""
    comparator = ctnas.fit_comparator(SPACE, LABELS, preset="smoke")
    comparator.export(folder / "exported")
    exported = ctnas.Comparator.load(folder / "exported", provider="cpu")
    LABELS.write(folder / "labels.csv")
    found: dict[str, Callable[..., object]] = {
        name: getattr(ctnas, name)
        for name in ("get_space", "fit_comparator", "search", "LabelSet", "DecisionSpace")
    }
    found |= {"CTNASSampler": ctnas.CTNASSampler, "GraphSpace": ctnas.GraphSpace}
    for each in (SPACE, OWN, LABELS, comparator, exported, BATCH, GOOD["graphs"]):
        for name in dir(each):
            if name[0] != "_" and callable(getattr(each, name)):
                found[f"{type(each).__name__}.{name}"] = getattr(each, name)
    return found


def calls(name: str, function: Callable[..., object]) -> Iterator[dict[str, Any]]:
    """Yield arguments of a function, one of which is strange."""
    parameters = [
        each
        for each in inspect.signature(function).parameters.values()
        if each.kind in (each.POSITIONAL_OR_KEYWORD, each.KEYWORD_ONLY)
    ]
    for strange in parameters:
        needed = {
            each.name: GOOD.get(each.name, "x")
            for each in parameters
            if each.default is each.empty and each is not strange
        }
        for value in STRANGE:
            if value is not None or strange.default is not None:
                yield QUICK.get(name, {}) | needed | {strange.name: value}


@pytest.mark.filterwarnings("ignore")
def test_strange_arguments_are_taken_or_refused_in_one_line(
    functions: dict[str, Callable[..., object]], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    wrong = []
    for name, function in functions.items():
        for arguments in calls(name, function):
            try:
                function(**arguments)
            except ctnas.CtnasError as error:
                if "\n" in str(error):
                    wrong.append(f"{name}: {error}")
            except Exception as error:
                wrong.append(f"{name}: {type(error).__name__}: {error}")
    assert not wrong, "\n".join(wrong)
    assert len(functions) > 50
