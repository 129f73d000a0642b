"""Text of any editor and paths of any spelling are taken as they are."""

import os
from pathlib import Path

import pytest

from ctnas.app.text_file import expanded, read_text
from ctnas.errors import InputFileError
from ctnas.run.config import RunConfig
from ctnas.settings.toml import read_toml, to_toml

TEXT = 'dataset = "b\u00e4ume"\nqueries = 60\n'


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_settings_of_any_editor_are_read(tmp_path: Path, encoding: str, ending: str) -> None:
    file = tmp_path / "c.toml"
    file.write_bytes(TEXT.replace("\n", ending).encode(encoding))
    config = read_toml(file, RunConfig)
    assert (config.dataset, config.queries) == ("b\u00e4ume", 60)


def test_big_endian_text_with_a_mark_is_read(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"\xfe\xff" + TEXT.encode("utf-16-be"))
    assert read_text(tmp_path / "a") == TEXT


def test_what_is_no_text_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_bytes(b"\xff\xfa\x00\x80")
    with pytest.raises(InputFileError, match=r"a\.toml' is not a text file"):
        read_toml(tmp_path / "a.toml", RunConfig)
    with pytest.raises(InputFileError, match="cannot read"):
        read_text(tmp_path)


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("~", "/h"),
        ("~/x y", "/h/x y"),
        ("--out=~/x", "--out=/h/x"),
        ("--out", "--out"),
        ("a~/b", "a~/b"),
        ("./~/x", "./~/x"),
        ("~nobody-of-this-name/x", "~nobody-of-this-name/x"),
        ("--seed=3", "--seed=3"),
        ("~/a\nb", "/h/a\nb"),
    ],
)
def test_home_is_meant_at_the_beginning_of_a_path_alone(
    monkeypatch: pytest.MonkeyPatch, given: str, meant: str
) -> None:
    monkeypatch.setenv("HOME", "/h")
    assert expanded(given) == meant


def test_home_is_expanded_wherever_a_path_comes_in(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HOME", "/h")
    (tmp_path / "c.toml").write_text('out = "~/x"\ndataset = "~/images"\n')
    config = read_toml(tmp_path / "c.toml", RunConfig)
    assert (config.out, config.dataset) == (Path("/h/x"), "/h/images")
    assert RunConfig(out=Path("~/x"), labels=Path("~/L.csv")).labels == Path("/h/L.csv")


@pytest.mark.parametrize("name", ["a b", "\u4e2d", "a\nb", "-a", "%20", "a#b?c", "it's", 'q"q'])
def test_paths_of_any_name_are_stored_and_read_back(tmp_path: Path, name: str) -> None:
    config = RunConfig(labels=tmp_path / name)
    (tmp_path / "c.toml").write_text(to_toml(config), encoding="utf-8")
    assert read_toml(tmp_path / "c.toml", RunConfig).labels == tmp_path / name


def test_names_that_are_no_utf8_are_stored_and_read_back(tmp_path: Path) -> None:
    odd = tmp_path / os.fsdecode(b"caf\xe9.csv")
    (tmp_path / "c.toml").write_text(to_toml(RunConfig(labels=odd)), encoding="utf-8")
    assert read_toml(tmp_path / "c.toml", RunConfig).labels == odd
