"""Contents of a table count, not where it lies."""

from pathlib import Path

import pytest

from ctnas.errors import ConfigurationError
from ctnas.run.config import RunConfig
from ctnas.run.directory import RunDirectory
from ctnas.run.inputs import keep_table, with_kept_table


@pytest.fixture
def table(tmp_path: Path) -> Path:
    (tmp_path / "L.csv").write_text("architecture,accuracy\na,1\n")
    return tmp_path / "L.csv"


@pytest.fixture
def run(tmp_path: Path, table: Path) -> RunDirectory:
    directory = RunDirectory(tmp_path / "run")
    directory.checkpoint.mkdir(parents=True)
    keep_table(directory, table)
    return directory


def test_a_table_that_is_gone_is_replaced_by_its_copy(run: RunDirectory, table: Path) -> None:
    config, content = RunConfig(labels=table), table.read_bytes()
    table.unlink()
    found = with_kept_table(config, run).labels
    assert found is not None
    assert found.read_bytes() == content


def test_a_table_that_lies_elsewhere_is_taken(run: RunDirectory, table: Path) -> None:
    moved = table.rename(table.with_name("moved and renamed.csv"))
    assert with_kept_table(RunConfig(labels=moved), run).labels == moved


def test_a_table_of_other_contents_is_refused(run: RunDirectory, table: Path) -> None:
    table.write_text("architecture,accuracy\na,2\n")
    with pytest.raises(ConfigurationError, match=r"L\.csv' has other contents than the table"):
        with_kept_table(RunConfig(labels=table), run)


def test_what_a_run_began_with_is_noted_once(run: RunDirectory, table: Path) -> None:
    noted = run.table_note.read_text()
    table.write_text("other")
    keep_table(run, table)
    assert run.table_note.read_text() == noted
