from pathlib import Path

import pytest

from ctnas.atomic import replacing
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
