"""The run directory, and settings that survive their way through a file."""

import json
import tomllib
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Annotated

import pytest
from cyclopts import App, Parameter
from cyclopts.config import Toml
from hypothesis import given, settings
from hypothesis import strategies as st

from ctnas.app.json_file import read_note, write_json, write_text
from ctnas.errors import InputFileError, OutputError
from ctnas.run.config import RunConfig
from ctnas.run.directory import RunDirectory
from ctnas.settings.toml import to_toml
from ctnas.supernet.config import SupernetConfig

CHANGED = RunConfig(
    labels=Path("some dir/labels.csv"),
    metric="cifar10_valid_accuracy",
    space="nasbench201",
    preset="paper",
    queries=156,
    initial=40,
    batch=12,
    held_out=0.25,
    iterations=7,
    baseline="random",
    pseudo_label_ratio=0.125,
    max_madds=6e8,
    seed=3,
    provider="cpu",
    threads=2,
    quiet=True,
    supernet=SupernetConfig(epochs=2, learning_rate=1e-5, image_size=32, precision="bf16-mixed"),
)


def read_back(path: Path) -> RunConfig:
    """Return the settings that a command line with nothing but this file has."""
    app = App(config=Toml(path, must_exist=True), result_action="return_value")

    @app.default
    def command(*, config: Annotated[RunConfig, Parameter(name="*")] = RunConfig()) -> RunConfig:  # noqa: B008
        return config

    return app([], exit_on_error=False, print_error=False)


@pytest.mark.parametrize("config", [RunConfig(), CHANGED], ids=["defaults", "changed"])
def test_settings_survive_their_file(config: RunConfig, tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    write_text(path, to_toml(config))
    assert read_back(path) == config


names = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1)


@settings(max_examples=200, deadline=None)
@given(names, st.floats(min_value=1e-300, allow_nan=False, allow_infinity=False))
def test_any_text_and_number_survives_as_toml(name: str, number: float) -> None:
    config = replace(RunConfig(), dataset=name, max_madds=number)
    parsed = tomllib.loads(to_toml(config))
    assert parsed["dataset"] == name
    assert parsed["max-madds"] == number


def test_every_option_with_a_value_is_written() -> None:
    parsed = tomllib.loads(to_toml(CHANGED))
    expected = {
        field.name.replace("_", "-")
        for field in fields(CHANGED)
        if field.name != "out" and getattr(CHANGED, field.name) is not None
    }
    assert set(parsed) == expected
    assert all(isinstance(parsed[name], dict) for name in parsed if is_dataclass(parsed[name]))
    assert parsed["supernet"]["learning-rate"] == 1e-5
    assert parsed["quiet"] is True


def test_output_directory_is_not_written_so_that_a_rerun_makes_a_new_one(tmp_path: Path) -> None:
    assert "out" not in tomllib.loads(to_toml(replace(RunConfig(), out=tmp_path)))


def test_created_directory_holds_its_settings(tmp_path: Path) -> None:
    config = replace(CHANGED, out=tmp_path / "deep" / "run")
    directory = RunDirectory.create(config)
    directory.prepare(config)
    assert directory.path == tmp_path / "deep" / "run"
    assert directory.kept() == ["checkpoint", "config.toml"]
    assert read_back(directory.config) == replace(config, out=None)


def test_names_are_those_of_the_design(tmp_path: Path) -> None:
    directory = RunDirectory(tmp_path)
    paths = (value for value in vars(directory).values() if value != tmp_path)
    assert {path.name for path in paths} >= {
        "config.toml",
        "labels.db",
        "checkpoint",
        "history.parquet",
        "ranking.csv",
        "summary.json",
        "report.html",
    }


def test_an_empty_directory_is_taken_and_any_other_is_refused(tmp_path: Path) -> None:
    config = replace(RunConfig(), out=tmp_path / "run")
    (tmp_path / "run").mkdir()
    RunDirectory.create(config).prepare(config)
    with pytest.raises(OutputError, match=r"run' is not empty; choose another --out"):
        RunDirectory.create(config)


def test_without_out_the_directory_is_named_by_time_and_space(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    space = Path("spaces") / "mine.toml"
    config = replace(RunConfig(), space=str(space), labels=Path("labels.csv"))
    path = RunDirectory.create(config).path
    assert path.parent == Path("runs")
    time, name = path.name[:15], path.name[16:]
    assert time[8] == "-"
    assert time.replace("-", "").isdigit()
    assert name == "mine"


@pytest.mark.parametrize(
    ("out", "reason"), [("file", "File exists"), ("file/x", "Not a directory")]
)
def test_place_that_cannot_be_a_directory_is_named(out: str, reason: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(OutputError, match=f"{out}': {reason}"):
        RunDirectory.create(replace(RunConfig(), out=tmp_path / out))
    assert (tmp_path / "file").read_text() == "mine"


def test_json_has_null_for_what_is_not_finite(tmp_path: Path) -> None:
    path = tmp_path / "summary.json"
    nan, infinite = float("nan"), float("inf")
    write_json(path, {"tau": nan, "best": {"label": -infinite, "rank": 1}, "all": [infinite, 0.5]})
    expected = {"tau": None, "best": {"label": None, "rank": 1}, "all": [None, 0.5]}
    assert json.loads(path.read_text()) == expected
    assert list(tmp_path.iterdir()) == [path]


def test_hidden_files_are_not_told_to_people(tmp_path: Path) -> None:
    for name in (".b.tmp", "ranking.csv", "labels.db"):
        (tmp_path / name).touch()
    assert RunDirectory(tmp_path).kept() == ["labels.db", "ranking.csv"]


def test_what_a_killed_process_left_half_written_is_removed(tmp_path: Path) -> None:
    directory = RunDirectory(tmp_path)
    directory.checkpoint.mkdir()
    left = [tmp_path / ".0123abcd-ranking.csv", directory.checkpoint / ".0123abcd-search.x"]
    kept = [tmp_path / ".lock", tmp_path / ".mine", tmp_path / "0123abcd-mine"]
    for path in (*left, *kept):
        path.touch()
    directory.prepare(RunConfig())
    assert not any(path.exists() for path in left)
    assert all(path.exists() for path in kept)


def test_directory_without_settings_holds_no_run(tmp_path: Path) -> None:
    with pytest.raises(InputFileError, match="holds no run to go on with"):
        RunDirectory.existing(tmp_path)


def test_runs_that_begin_in_one_second_have_directories_of_their_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    directories = [RunDirectory.create(RunConfig()) for _ in range(3)]
    assert len({directory.path for directory in directories}) == 3


@pytest.mark.parametrize("content", ["", "{", "[]", '{"other": 1}', '{"rounds": '])
def test_a_damaged_note_is_named(tmp_path: Path, content: str) -> None:
    path = tmp_path / "rounds.json"
    path.write_text(content)
    with pytest.raises(InputFileError, match=r"rounds\.json is damaged"):
        read_note(path, "rounds")


def test_a_note_is_read_as_it_was_written(tmp_path: Path) -> None:
    write_json(tmp_path / "note.json", {"totals": [1, 2], "study": "a"})
    assert read_note(tmp_path / "note.json", "study", "totals") == ("a", [1, 2])
