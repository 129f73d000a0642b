"""Tables of latencies: what they hold, how they are read back, and what is not timed again."""

import csv
from pathlib import Path

import numpy as np
import pytest

from ctnas.app.progress import SilentProgress
from ctnas.errors import ArchitectureError, ConfigurationError, CtnasError, LabelError
from ctnas.labels import LabelSet
from ctnas.networks.latencies import LatencyMeter
from ctnas.networks.latency import LatencyConfig
from ctnas.run.label_config import LabelConfig
from ctnas.run.timing import time_architectures
from ctnas.spaces import get_space

SPACE = get_space("nasbench201")
TEXTS = SPACE.format(SPACE.sample(3, seed=1))
QUICK = LatencyConfig(warm_up=0, repeats=3, attempts=1)


class Said(SilentProgress):
    """Keeps what is said."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def say(self, message: str) -> None:
        self.lines.append(message)


def config(out: Path, **options: object) -> LabelConfig:
    given = {"space": "nasbench201", "input": "1x8x8", "latency": QUICK, "out": out} | options
    return LabelConfig(measure="latency", **given)  # type: ignore[arg-type]


def rows(path: Path) -> list[dict[str, str]]:
    with path.open() as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def timed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with `table.csv`, and `out.csv` with the latencies of what stands there."""
    folder = tmp_path_factory.mktemp("timed")
    lines = [f"{text},{number / 10}" for number, text in enumerate(TEXTS)]
    (folder / "table.csv").write_text("\n".join(["architecture,accuracy", *lines]))
    table = str(folder / "table.csv")
    time_architectures(config(folder / "out.csv", architectures=(table,)), SilentProgress())
    return folder


def test_a_table_of_latencies_is_read_back_with_its_repetitions(timed: Path) -> None:
    labels = LabelSet.read(timed / "out.csv", SPACE, "latency_ms", 1, minimize=True)
    found = rows(timed / "out.csv")
    assert SPACE.format(labels.architectures) == TEXTS == [row["architecture"] for row in found]
    assert labels.counts.tolist() == [3, 3, 3]
    np.testing.assert_allclose(labels.measured, [float(row["latency_ms"]) for row in found])
    np.testing.assert_allclose(labels.spreads, [float(row["latency_ms_spread"]) for row in found])
    assert (labels.measured > 0).all()
    assert all(
        row["latency_ms_how"].startswith("batch 1, 1 CPU thread, image 1x8x8") for row in found
    )


def test_other_columns_are_kept(timed: Path) -> None:
    accuracy = LabelSet.read(timed / "out.csv", SPACE, "accuracy", 1)
    assert accuracy.measured.tolist() == [0, 0.1, 0.2]


def test_what_a_table_holds_is_not_timed_again_unless_it_cannot_be_trusted(
    timed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = rows(timed / "out.csv")
    for row, spread in zip(table, (0.0, 0.0, 1.0), strict=True):
        row |= {"latency_ms": "1.0", "latency_ms_spread": str(spread)}
    with (tmp_path / "out.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, table[0].keys())
        writer.writeheader()
        writer.writerows(table)
    asked: list[str] = []
    time = LatencyMeter.time

    def counted(meter: LatencyMeter, architecture: object) -> object:
        asked.extend(SPACE.format(architecture))  # type: ignore[arg-type]
        return time(meter, architecture)  # type: ignore[arg-type]

    monkeypatch.setattr(LatencyMeter, "time", counted)
    # One of the two that are asked for is known, and a row that is not asked for stays.
    (tmp_path / "some.csv").write_text("\n".join(["architecture", *TEXTS[1:]]))
    some = str(tmp_path / "some.csv")
    time_architectures(config(tmp_path / "out.csv", architectures=(some,)), SilentProgress())
    assert asked == [TEXTS[2]]
    after = {row["architecture"]: row for row in rows(tmp_path / "out.csv")}
    assert set(after) == set(TEXTS)
    assert after[TEXTS[0]]["latency_ms"] == after[TEXTS[1]]["latency_ms"] == "1"
    assert after[TEXTS[0]]["accuracy"] == "0"


def test_latencies_of_another_kind_are_not_mixed(timed: Path) -> None:
    before = (timed / "out.csv").read_bytes()
    with pytest.raises(ConfigurationError, match="holds latencies of another kind"):
        time_architectures(config(timed / "out.csv", queries=2, input="3x8x8"), SilentProgress())
    with pytest.raises(ConfigurationError, match="holds no latencies"):
        time_architectures(config(timed / "table.csv", queries=2), SilentProgress())
    assert (timed / "out.csv").read_bytes() == before


def test_rows_that_cannot_be_used_are_refused_or_counted(tmp_path: Path) -> None:
    (tmp_path / "bad.csv").write_text(f"architecture\nnonsense\n{TEXTS[0]}\n")
    bad, out = str(tmp_path / "bad.csv"), tmp_path / "out.csv"
    with pytest.raises(ArchitectureError, match=r"row 2: .*'nonsense'"):
        time_architectures(config(out, architectures=(bad,)), SilentProgress())
    assert not out.exists()
    said = Said()
    time_architectures(config(out, architectures=(bad,), skip_invalid=True), said)
    assert said.lines[0].startswith("Left out, as 1 row cannot be used; it is ")
    assert [row["architecture"] for row in rows(out)] == TEXTS[:1]
    (tmp_path / "none.csv").write_text("architecture\nnonsense\n")
    none = str(tmp_path / "none.csv")
    with pytest.raises(LabelError, match="no architectures that can be used"):
        time_architectures(config(out, architectures=(none,), skip_invalid=True), SilentProgress())


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"space": "mine"}, "networks of space 'mine', which is not built in, cannot be built"),
        ({"out": None}, "--measure latency needs --out"),
        ({"out": Path("a.xls")}, r"must be named \.csv or \.parquet"),
        ({"queries": None}, "give either --architectures or --queries"),
        ({"architectures": ("a.csv",)}, "give either --architectures or --queries"),
        ({"input": "224"}, "--input is CHANNELSxHEIGHTxWIDTH of square images"),
        ({"input": "3x8x9"}, "--input is CHANNELSxHEIGHTxWIDTH of square images"),
        ({"dataset": "digits"}, "--input stands in place of --dataset"),
        ({"storage": "a.db"}, "--storage is for a study and --out for a table"),
        ({"labels": Path("a.csv")}, "architectures to time are --architectures"),
        ({"skip_invalid": True}, "--skip-invalid belongs to --architectures"),
        ({"queries": 10**9}, "has 15,625 architectures, fewer than 1,000,000,000"),
        ({"run": Path("nowhere")}, "'nowhere' holds no run"),
        ({"out": Path("nowhere/at/all.csv")}, "cannot write 'nowhere/at/all.csv'"),
    ],
)
def test_what_cannot_be_timed_is_refused(
    options: dict[str, object], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(CtnasError, match=message):
        time_architectures(config(**{"out": Path("a.csv"), "queries": 2} | options), Said())  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == []
