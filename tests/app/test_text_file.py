"""Text of any editor and paths of any spelling are taken as they are."""

import json
import os
from pathlib import Path

import pytest

from ctnas.app.text_file import expanded, read_text
from ctnas.errors import InputFileError
from ctnas.labels import LabelSet, Ledger, read_architectures
from ctnas.run.config import RunConfig
from ctnas.settings.toml import read_toml, to_toml
from ctnas.spaces import GraphSpace, get_space

TEXT = 'dataset = "b\u00e4ume"\nqueries = 60\n'
SPACE = """
name = "mine"
nodes = [
    { name = "in", operation = "input" },
    { name = "first", operation = "op" },
    { name = "out", operation = "output" },
]
edges = [{ from = "in", to = "first" }, { from = "first", to = "out" }]
[decisions]
op = ["conv", "pool"]
"""


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


def test_home_is_expanded_in_python_too(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    space = get_space("nasbench201")
    batch = space.sample(12, seed=0)
    labels = LabelSet(space, batch, range(12))
    labels.write("~/L.csv")
    assert LabelSet.read("~/L.csv", space).values.tolist() == labels.values.tolist()
    assert len(read_architectures(Path("~/L.csv"), space)) == 12
    with Ledger.create("~/l.db", space, "accuracy") as ledger:
        ledger.append(space.format(batch)[0], 1.0)
    with Ledger.open(Path("~/l.db")) as ledger:
        assert len(ledger) == 1
    (tmp_path / "s.toml").write_text(SPACE)
    assert GraphSpace.from_toml("~/s.toml").name == "mine"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["L.csv", "l.db", "s.toml"]


ODD_NAMES = [
    *("a?b", "a#b", "50%", "a%20b", "it's", 'q"q', "a b", "a\nb", "file:x", "a&b=c", "a;b"),
    *(os.fsdecode(b"caf\xe9"), "n" * 255),
]


@pytest.mark.parametrize("name", ODD_NAMES)
def test_files_are_written_and_read_in_a_folder_of_any_name(tmp_path: Path, name: str) -> None:
    folder = tmp_path / name
    folder.mkdir()
    space = get_space("nasbench201")
    labels = LabelSet(space, space.sample(12, seed=0), range(12))
    labels.write(folder / "L.csv")
    assert len(LabelSet.read(folder / "L.csv", space)) == 12
    with Ledger.create(folder / "l.db", space, "accuracy") as ledger:
        ledger.append(space.format(labels.architectures)[0], 1.0)
    with Ledger.open(folder / "l.db") as ledger:
        assert len(ledger) == 1
    assert sorted(path.name for path in folder.iterdir()) == ["L.csv", "l.db"]
    assert list(tmp_path.iterdir()) == [folder]


def test_names_of_any_length_are_written(tmp_path: Path) -> None:
    space = get_space("nasbench201")
    labels = LabelSet(space, space.sample(12, seed=0), range(12))
    for name in ("n" * 251 + ".csv", "\u4e2d" * 83 + ".csv"):
        labels.write(tmp_path / name)
        assert len(LabelSet.read(tmp_path / name, space)) == 12
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize("suffix", ["csv", "jsonl"])
def test_tables_of_any_editor_are_read(
    tmp_path: Path, encoding: str, ending: str, suffix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    space = get_space("nasbench201")
    batch = space.sample(12, seed=0)
    texts = space.format(batch)
    if suffix == "csv":
        lines = ["architecture,accuracy", *(f"{text},{row}" for row, text in enumerate(texts))]
    else:
        lines = [json.dumps({"architecture": text, "accuracy": n}) for n, text in enumerate(texts)]
    file = tmp_path / f"L.{suffix}"
    file.write_bytes((ending.join(lines) + ending).encode(encoding))
    assert LabelSet.read(file, space).values.tolist() == list(range(12))
    assert space.format(read_architectures(file, space)) == texts
    with file.open() as stream:
        monkeypatch.setattr("sys.stdin", stream)
        assert space.format(read_architectures("-", space)) == texts
