import logging
import sqlite3
import subprocess
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import optuna
import pytest
import sqlalchemy

from ctnas.errors import ArchitectureError, CtnasError, InputFileError, LabelError, OutputError
from ctnas.labels import Ledger
from ctnas.spaces import DartsSpace, NasBench201Space

WRITER = """
import sys
import ctnas
from ctnas.labels import Ledger

space = ctnas.get_space("nasbench201")
start, step = int(sys.argv[2]), int(sys.argv[3])
with Ledger.open(sys.argv[1], space) as ledger:
    for number, text in enumerate(space.format(space.enumerate())[start::step][:int(sys.argv[4])]):
        assert ledger.append(text, number / 1024)
        print(text, flush=True)
"""


def writer(path: Path, *, start: int = 0, step: int = 1, count: int) -> subprocess.Popen[str]:
    """Start a process that appends labels and prints an architecture when its label is safe."""
    command = [sys.executable, "-c", WRITER, str(path), str(start), str(step), str(count)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "labels.db"


@pytest.fixture
def ledger(path: Path, space: NasBench201Space) -> Iterator[Ledger]:
    with Ledger.create(path, space, "log_likelihood") as ledger:
        yield ledger


def test_labels_come_back_in_the_order_of_writing(
    ledger: Ledger, path: Path, space: NasBench201Space, texts: list[str]
) -> None:
    values = np.linspace(-1, 1, 20) / 3
    for text, value in zip(texts, values, strict=False):
        assert ledger.append(text, value)
    with Ledger.open(path, space, "log_likelihood") as again:
        labels = again.labels(space)
    assert space.format(labels.architectures) == texts[:20]
    assert labels.values.tobytes() == values.tobytes()
    assert labels.metric == "log_likelihood"
    assert len(ledger) == 20
    assert texts[0] in ledger
    assert texts[30] not in ledger


def test_new_ledger_has_no_labels(ledger: Ledger, space: NasBench201Space) -> None:
    assert len(ledger.labels(space)) == len(ledger) == 0


def test_attributes_stand_beside_their_labels(ledger: Ledger, texts: list[str]) -> None:
    ledger.append(texts[0], 0.1, accuracy=np.float32(0.5), source="random", repeated=False)
    ledger.append(texts[1], 0.2, accuracy=1, repeated=np.bool_(1))
    ledger.append(texts[2], 0.3, source="search")
    np.testing.assert_array_equal(ledger.attributes("accuracy"), [0.5, 1.0, np.nan])
    np.testing.assert_array_equal(ledger.attributes("repeated"), [0.0, 1.0, np.nan])
    assert ledger.attributes("source").tolist() == ["random", "", "search"]
    with pytest.raises(LabelError, match="no attribute 'loss'; there are: accuracy, repeated, sou"):
        ledger.attributes("loss")


def test_attribute_that_cannot_be_kept_is_refused(ledger: Ledger, texts: list[str]) -> None:
    with pytest.raises(LabelError, match=r"attribute 'shape' is \[1, 2\], which is not text"):
        ledger.append(texts[0], 0.1, shape=[1, 2])
    assert len(ledger) == 0


def test_first_label_of_an_architecture_stands(
    ledger: Ledger, path: Path, space: NasBench201Space, texts: list[str]
) -> None:
    assert ledger.append(texts[0], 0.1)
    assert not ledger.append(texts[0], 0.9)
    assert not ledger.append(f" {texts[0]} ", 0.9)
    with Ledger.open(path, space) as again:
        assert not again.append(texts[0], 0.9)
    assert ledger.labels(space).values.tolist() == [0.1]


def test_label_that_two_processes_wrote_counts_once(
    ledger: Ledger, path: Path, space: NasBench201Space, texts: list[str]
) -> None:
    ledger.append(texts[0], 0.1)
    with Ledger.open(path, space) as other:
        other.append(texts[1], 0.2, source="other")
        ledger.append(texts[2], 0.3)
        assert ledger.append(texts[1], 0.9, source="this")
        assert other.labels(space).values.tolist() == [0.1, 0.2, 0.3]
    assert ledger.values.tolist() == [0.1, 0.2, 0.3]
    assert ledger.attributes("source").tolist() == ["", "other", ""]


@pytest.mark.parametrize(
    ("wrong", "needed"),
    [
        (np.nan, "a finite number"),
        (np.inf, "a finite number"),
        ("high", "a number"),
        (None, "a number"),
    ],
)
def test_value_that_is_no_finite_number_is_refused(
    ledger: Ledger, texts: list[str], wrong: float, needed: str
) -> None:
    with pytest.raises(LabelError) as caught:
        ledger.append(texts[0], wrong)
    assert str(caught.value) == f"the label of {texts[0]!r} must be {needed}, not {wrong!r}"
    assert len(ledger) == 0


def test_text_outside_the_space_is_refused(ledger: Ledger) -> None:
    with pytest.raises(ArchitectureError, match="broken"):
        ledger.append("broken", 0.5)
    assert len(ledger) == 0


def test_ledger_of_another_space_says_so(ledger: Ledger, path: Path) -> None:
    message = "holds labels of space 'nasbench201', not of 'darts'"
    with pytest.raises(LabelError, match=message):
        Ledger.open(path, DartsSpace())
    with pytest.raises(LabelError, match=message):
        ledger.labels(DartsSpace())


def test_ledger_of_another_metric_says_so(
    ledger: Ledger, path: Path, space: NasBench201Space
) -> None:
    message = "holds labels of metric 'log_likelihood', not of 'accuracy'"
    with pytest.raises(LabelError, match=message):
        Ledger.open(path, space, "accuracy")


def test_ledger_of_a_newer_format_says_so(ledger: Ledger, path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE study_user_attributes SET value_json='7' WHERE value_json='1'")
    with pytest.raises(LabelError, match="has ledger format 7, which a newer ctnas wrote"):
        Ledger.open(path)


def test_study_of_somebody_else_is_not_a_ledger(path: Path) -> None:
    optuna.create_study(storage=f"sqlite:///{path}", study_name="labels")
    with pytest.raises(LabelError, match="its study was not made by ctnas"):
        Ledger.open(path)
    with pytest.raises(LabelError, match="it has no study 'more'"):
        Ledger.open(path, study="more")


def test_other_files_are_not_ledgers_and_stay_as_they_are(path: Path) -> None:
    path.write_text("architecture,accuracy\n" * 50)
    with pytest.raises(LabelError, match="is not a ledger: file is not a database"):
        Ledger.open(path)
    path.unlink()
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE songs (title TEXT)")
    before = path.read_bytes()
    with pytest.raises(LabelError, match="is not a ledger: it is no Optuna storage"):
        Ledger.open(path)
    assert path.read_bytes() == before


def test_missing_ledger_is_not_made_by_opening_it(path: Path) -> None:
    with pytest.raises(InputFileError) as caught:
        Ledger.open(path)
    assert str(caught.value) == f"cannot read {str(path)!r}: No such file or directory"
    assert not path.exists()


def test_existing_ledger_is_not_overwritten(
    ledger: Ledger, path: Path, space: NasBench201Space, texts: list[str]
) -> None:
    ledger.append(texts[0], 0.5)
    with pytest.raises(LabelError, match="exists already"):
        Ledger.create(path, space, "log_likelihood")
    assert len(ledger) == 1


def test_unwritable_place_is_one_line(tmp_path: Path, space: NasBench201Space) -> None:
    place = tmp_path / "nowhere" / "labels.db"
    with pytest.raises(OutputError) as caught:
        Ledger.create(place, space, "accuracy")
    assert str(caught.value) == f"cannot write to {str(place)!r}: unable to open database file"
    assert list(tmp_path.iterdir()) == []


def limit_pages(pages: int) -> Callable[[sqlite3.Connection, object], None]:
    """Return a listener that lets no database grow beyond so many pages, as a full disk would."""

    def limit(connection: sqlite3.Connection, _: object) -> None:
        connection.execute(f"PRAGMA max_page_count = {pages}")

    return limit


def test_full_disk_is_one_line_and_loses_no_label(
    path: Path, space: NasBench201Space, monkeypatch: pytest.MonkeyPatch
) -> None:
    Ledger.create(path, space, "accuracy").close()
    monkeypatch.setattr(time, "sleep", lambda _: None)
    limit = limit_pages(path.stat().st_size // 4096 + 2)
    sqlalchemy.event.listen(sqlalchemy.engine.Engine, "connect", limit)
    kept: list[str] = []

    def fill(ledger: Ledger) -> None:
        for text in space.format(space.sample(500, seed=0)):
            ledger.append(text, 0.5)
            kept.append(text)

    try:
        with Ledger.open(path, space) as ledger, pytest.raises(OutputError) as caught:
            fill(ledger)
    finally:
        sqlalchemy.event.remove(sqlalchemy.engine.Engine, "connect", limit)
    assert str(caught.value) == f"cannot write to {str(path)!r}: database or disk is full"
    with Ledger.open(path) as again:
        assert again.architectures == kept
    assert kept


def test_full_disk_leaves_no_half_made_ledger(
    tmp_path: Path, path: Path, space: NasBench201Space
) -> None:
    limit = limit_pages(20)
    sqlalchemy.event.listen(sqlalchemy.engine.Engine, "connect", limit)
    try:
        with pytest.raises(OutputError, match="database or disk is full"):
            Ledger.create(path, space, "accuracy")
    finally:
        sqlalchemy.event.remove(sqlalchemy.engine.Engine, "connect", limit)
    assert list(tmp_path.iterdir()) == []


def test_killed_writer_loses_nothing_that_was_appended(
    ledger: Ledger, path: Path, space: NasBench201Space
) -> None:
    with writer(path, count=10_000) as process:
        assert process.stdout
        safe = [process.stdout.readline().strip() for _ in range(25)]
        process.kill()
        safe += process.stdout.read().split()
    labels = ledger.labels(space)
    found = space.format(labels.architectures)
    assert found[: len(safe)] == safe
    # At most the label that was on its way when the process died.
    assert len(found) - len(safe) in {0, 1}
    np.testing.assert_array_equal(labels.values, np.arange(len(found)) / 1024)


def test_several_processes_write_one_ledger(
    ledger: Ledger, path: Path, space: NasBench201Space
) -> None:
    processes = [writer(path, start=start, step=3, count=15) for start in range(3)]
    written = [text for process in processes for text in process.communicate()[0].split()]
    assert [process.returncode for process in processes] == [0, 0, 0]
    assert len(written) == 45
    assert sorted(ledger.architectures) == sorted(written)


@pytest.mark.parametrize("name", ["a b.db", "what?.db", "50%20#1.db", "{x}é.db"])
def test_any_file_name_will_do(tmp_path: Path, space: NasBench201Space, name: str) -> None:
    path = tmp_path / name
    with Ledger.create(path, space, "accuracy") as ledger:
        ledger.append(space.format(space.sample(1, seed=0))[0], 0.5)
    assert [file.name for file in tmp_path.iterdir()] == [name]
    with Ledger.open(path) as ledger:
        assert len(ledger) == 1


def test_one_database_holds_the_ledgers_of_several_runs(
    path: Path, space: NasBench201Space
) -> None:
    url = f"sqlite:///{path}"
    text = space.format(space.sample(1, seed=0))[0]
    for number, name in enumerate(("first", "second")):
        with Ledger.create(url, space, "accuracy", study=name) as ledger:
            ledger.append(text, number)
    with pytest.raises(LabelError, match="has a study 'first' already"):
        Ledger.create(url, space, "accuracy", study="first")
    with Ledger.open(url, study="second") as ledger:
        assert ledger.values.tolist() == [1]


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("nosuch://host/labels", "no kind of database 'nosuch://'"),
        ("sqlite:////no/such/place/labels.db", "unable to open database file"),
        ("sqlite://labels.db", "cannot be opened"),
    ],
)
def test_url_that_leads_nowhere_is_one_line(
    space: NasBench201Space, url: str, message: str
) -> None:
    with pytest.raises(CtnasError, match=message) as caught:
        Ledger.create(url, space, "accuracy")
    assert "\n" not in str(caught.value)


def test_password_in_a_url_is_not_printed() -> None:
    for url in ("nosuch://me:secret@host/labels", "sqlite://me:secret@host/labels"):
        with pytest.raises(CtnasError) as caught:
            Ledger.open(url)
        assert "secret" not in str(caught.value)


def test_ledger_is_an_ordinary_study_for_the_tools_of_optuna(
    ledger: Ledger, path: Path, texts: list[str]
) -> None:
    ledger.append(texts[0], 0.25, accuracy=0.5)
    ledger.append(texts[1], 0.75)
    study = optuna.load_study(study_name="labels", storage=f"sqlite:///{path}")
    assert study.direction == optuna.study.StudyDirection.MAXIMIZE
    assert study.metric_names == ["log_likelihood"]
    assert study.best_trial.user_attrs == {"architecture": texts[1]}
    assert study.user_attrs == {
        "ctnas.format": 1,
        "ctnas.space": "nasbench201",
        "ctnas.metric": "log_likelihood",
    }
    states = [trial.state for trial in study.trials]
    assert states == [optuna.trial.TrialState.COMPLETE] * 2


def test_unfinished_trials_of_other_tools_are_no_labels(
    ledger: Ledger, path: Path, texts: list[str]
) -> None:
    study = optuna.load_study(study_name="labels", storage=f"sqlite:///{path}")
    trial = study.ask()
    trial.set_user_attr("architecture", texts[0])
    study.tell(study.ask(), state=optuna.trial.TrialState.FAIL)
    assert len(ledger) == 0
    study.tell(trial, 0.5)
    assert ledger.architectures == [texts[0]]


def test_optuna_is_silent_here_and_nowhere_else(
    path: Path, space: NasBench201Space, capfd: pytest.CaptureFixture[str]
) -> None:
    optuna.logging.set_verbosity(logging.INFO)
    filters = list(warnings.filters)
    with Ledger.create(path, space, "accuracy") as ledger:
        ledger.append(space.format(space.sample(1, seed=0))[0], 0.5)
    assert capfd.readouterr() == ("", "")
    assert optuna.logging.get_verbosity() == logging.INFO
    assert list(warnings.filters) == filters
