from pathlib import Path

import pytest

from ctnas.app.atomic import replacing, replacing_directory
from ctnas.errors import OutputError


def test_file_appears_when_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("old")
    with replacing(path) as temporary:
        assert temporary.parent == tmp_path
        assert temporary.suffix == ".csv"
        temporary.write_text("new")
        assert path.read_text() == "old"
    assert path.read_text() == "new"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("interruption", [ValueError, KeyboardInterrupt])
def test_interrupted_writing_leaves_what_was_there(
    tmp_path: Path, interruption: type[BaseException]
) -> None:
    path = tmp_path / "a.csv"
    path.write_text("old")

    def write_half() -> None:
        with replacing(path) as temporary:
            temporary.write_text("half")
            raise interruption

    with pytest.raises(interruption):
        write_half()
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    path = tmp_path / "nowhere" / "a.csv"
    with pytest.raises(OutputError) as caught, replacing(path) as temporary:
        temporary.write_text("new")
    assert str(caught.value) == f"cannot write {str(path)!r}: No such file or directory"


def test_file_where_a_directory_stands_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="Is a directory"), replacing(tmp_path) as temporary:
        temporary.write_text("new")
    assert list(tmp_path.parent.glob(".*-*")) == []


def test_directory_appears_when_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "new" / "a"
    with replacing_directory(path) as temporary:
        (temporary / "deep").mkdir()
        (temporary / "deep" / "file").write_text("new")
        assert not path.exists()
    assert (path / "deep" / "file").read_text() == "new"
    assert [*path.parent.iterdir()] == [path]


def test_interrupted_writing_leaves_the_directory_that_was_there(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.mkdir()
    (path / "file").write_text("old")

    def write_half() -> None:
        with replacing_directory(path, lambda _: True) as temporary:
            (temporary / "file").write_text("half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_half()
    assert (path / "file").read_text() == "old"
    assert [*tmp_path.iterdir()] == [path]


def test_a_directory_with_other_things_is_replaced_only_when_allowed(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.mkdir()
    (path / "old").write_text("old")
    with pytest.raises(OutputError, match="other things"), replacing_directory(path):
        pytest.fail("the block must not run")
    with replacing_directory(path, lambda found: (found / "old").is_file()) as temporary:
        (temporary / "new").write_text("new")
    assert [entry.name for entry in path.iterdir()] == ["new"]
    assert [*tmp_path.iterdir()] == [path]


def test_a_file_in_the_place_of_a_directory_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_text("file")
    with (
        pytest.raises(OutputError, match="no directory"),
        replacing_directory(path, lambda _: True),
    ):
        pytest.fail("the block must not run")
    assert path.read_text() == "file"
