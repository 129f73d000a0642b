"""Where the labels of a run are kept."""

from pathlib import Path

import optuna
import pytest

from ctnas.errors import LabelError
from ctnas.labels.place import LedgerPlace, open_ledger
from ctnas.labels.queue import LabelQueue, withdraw_queries
from ctnas.labels.retry import NO_RETRY
from ctnas.labels.storage import quiet
from ctnas.run.collection import ledger_place
from ctnas.run.config import RunConfig
from ctnas.run.directory import RunDirectory
from ctnas.spaces import NasBench201Space

SPACE = NasBench201Space()


def run(path: Path) -> RunDirectory:
    (path / "checkpoint").mkdir(parents=True)
    return RunDirectory(path)


def append(place: LedgerPlace, number: int) -> int:
    """Write a label; return how many there are."""
    text = SPACE.format(SPACE.sample(5, seed=0))[number]
    with open_ledger(place, SPACE, "accuracy", NO_RETRY) as ledger:
        ledger.append(text, number)
        return len(ledger)


def test_labels_are_in_the_run_directory_unless_said(tmp_path: Path) -> None:
    place = ledger_place(RunConfig(), run(tmp_path / "run"))
    assert append(place, 0) == 1
    assert append(place, 1) == 2
    assert (tmp_path / "run" / "labels.db").is_file()


def test_runs_share_a_storage_by_their_names(tmp_path: Path) -> None:
    config = RunConfig(storage=str(tmp_path / "kept.db"))
    places = [ledger_place(config, run(tmp_path / name)) for name in ("a", "b")]
    assert [place.study for place in places] == ["a", "b"]
    assert [append(place, number) for place, number in zip(places, (0, 1), strict=True)] == [1, 1]
    assert append(places[0], 2) == 2


def test_study_of_another_run_is_refused(tmp_path: Path) -> None:
    config = RunConfig(storage=str(tmp_path / "kept.db"), study="mine")
    append(ledger_place(config, run(tmp_path / "a")), 0)
    with pytest.raises(LabelError, match=r"study 'mine' of .*kept\.db belongs to another run"):
        append(ledger_place(config, run(tmp_path / "b")), 0)


def test_renamed_run_keeps_its_study(tmp_path: Path) -> None:
    config = RunConfig(storage=str(tmp_path / "kept.db"))
    append(ledger_place(config, run(tmp_path / "a")), 0)
    (tmp_path / "a").rename(tmp_path / "renamed")
    assert append(ledger_place(config, RunDirectory(tmp_path / "renamed")), 1) == 2


def test_study_that_a_killed_process_left_half_written_is_completed(tmp_path: Path) -> None:
    config = RunConfig(storage=f"sqlite:///{tmp_path / 'kept.db'}")
    place = ledger_place(config, run(tmp_path / "a"))
    with quiet():
        study = optuna.create_study(
            storage=str(place.location), study_name="a", direction="maximize"
        )
    study.set_user_attr("ctnas.space", SPACE.name)
    assert append(place, 0) == 1


def test_study_of_something_else_is_not_taken(tmp_path: Path) -> None:
    config = RunConfig(storage=f"sqlite:///{tmp_path / 'kept.db'}")
    place = ledger_place(config, run(tmp_path / "a"))
    with quiet():
        study = optuna.create_study(storage=str(place.location), study_name="a")
        study.add_trial(optuna.create_trial(value=1.0))
    with pytest.raises(LabelError, match="has a study 'a' already"):
        append(place, 0)


def test_search_that_measures_by_itself_ends_what_waits_for_workers(tmp_path: Path) -> None:
    place = ledger_place(RunConfig(), run(tmp_path / "run"))
    texts = SPACE.format(SPACE.sample(5, seed=0))
    append(place, 0)
    withdraw_queries(place.location, place.study)
    with LabelQueue.open(place.location, create=True) as queue:
        queue.enqueue(texts)
        assert queue.counts() == {"COMPLETE": 1, "WAITING": 4}
        assert queue.withdraw(but=texts[:2]) == 3
        withdraw_queries(place.location, place.study)
        assert queue.counts() == {"COMPLETE": 1, "FAIL": 4}


@pytest.mark.parametrize(
    ("place", "command"),
    [
        (LedgerPlace(Path("my run/labels.db")), "ctnas-label --storage 'my run/labels.db'"),
        (
            LedgerPlace("postgresql://me:secret@host/db", "mine", "owner"),
            "ctnas-label --storage postgresql://me@host/db --study mine",
        ),
    ],
)
def test_workers_are_told_how_to_join(place: LedgerPlace, command: str) -> None:
    assert place.joined_by() == command
