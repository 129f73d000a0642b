"""`ctnas-rank` from its arguments to its table, and every way in which it refuses."""

import csv
import io
import signal
import subprocess
import sys
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import numpy as np
import pytest
from pyarrow import parquet

from ctnas.cli.rank import main
from ctnas.comparator.calibration import Calibration
from ctnas.comparator.nac import NeuralArchitectureComparator
from ctnas.comparator.presets import EncoderConfig
from ctnas.comparator.runtime import Comparator
from ctnas.spaces import GraphSpace, SearchSpace

Run = Callable[..., Any]
HEADER = ["rank", "row", "win_probability", "architecture"]
SCRIPT = "from ctnas.cli.rank import main; main()"


def table_of(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text)))


@pytest.mark.parametrize(("suffix", "first_row"), [("csv", 2), ("parquet", 1), ("jsonl", 1)])
def test_file_is_ranked_as_the_comparator_ranks(
    suffix: str,
    first_row: int,
    run: Run,
    exported: Path,
    tables: dict[str, Path],
    texts: list[str],
    space: SearchSpace,
) -> None:
    outcome = run(main, exported, "--architectures", tables[suffix], "--top", 25)
    assert outcome.code == 0
    assert outcome.err == ""
    header, *rows = table_of(outcome.out)
    assert header == HEADER
    expected = Comparator.load(exported, provider="cpu").rank(space.parse(texts), top=25)
    assert [int(row[0]) for row in rows] == list(range(1, 26))
    assert [int(row[1]) for row in rows] == (expected.indices + first_row).tolist()
    assert [row[2] for row in rows] == [f"{won:.6f}" for won in expected.win_probability]
    assert [row[3] for row in rows] == [texts[index] for index in expected.indices]


def test_ten_are_shown_by_default(run: Run, exported: Path, tables: dict[str, Path]) -> None:
    outcome = run(main, exported / "ranker.onnx", "--architectures", tables["csv"])
    assert len(table_of(outcome.out)) == 11


def test_values_stand_beside_win_probabilities_where_they_are_wanted(
    run: Run, tables: dict[str, Path], space: SearchSpace, tmp_path: Path
) -> None:
    comparator = NeuralArchitectureComparator(space, EncoderConfig(width=8, layers=1))
    levels = np.array([-5.0, 5.0])
    comparator.calibration = Calibration(levels, levels + 80, levels + 75, levels + 85)
    comparator.export(tmp_path)
    outcome = run(main, tmp_path, "--architectures", tables["csv"], "--values")
    assert outcome.code == 0
    header, *rows = table_of(outcome.out)
    assert header == [*HEADER[:3], "value", "low", "high", HEADER[3]]
    logit, _ = comparator.encode(space.parse([row[-1] for row in rows]))
    for column, level in zip((3, 4, 5), (80, 75, 85), strict=True):
        found = [float(row[column]) for row in rows]
        np.testing.assert_allclose(found, np.clip(logit, -5, 5) + level, rtol=1e-4)


def test_values_that_were_not_learned_are_refused_before_anything_is_ranked(
    run: Run, exported: Path, tables: dict[str, Path]
) -> None:
    outcome = run(main, exported, "--architectures", tables["csv"], "--values")
    assert outcome.code == 2
    assert "this comparator predicts no values" in outcome.err
    assert len(outcome.err.splitlines()) == 1


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_ranking_is_written_to_a_file(
    suffix: str,
    run: Run,
    exported: Path,
    tables: dict[str, Path],
    texts: list[str],
    space: SearchSpace,
    tmp_path: Path,
) -> None:
    path = tmp_path / f"ranking.{suffix}"
    outcome = run(main, exported, "--architectures", tables["csv"], "--top", 1000, "--out", path)
    assert (outcome.code, outcome.out, outcome.err) == (0, "", "")
    expected = Comparator.load(exported, provider="cpu").rank(space.parse(texts))
    if suffix == "csv":
        header, *rows = table_of(path.read_text())
        columns = dict(zip(header, zip(*rows, strict=True), strict=True))
    else:
        columns = parquet.read_table(path).to_pydict()
    assert list(columns) == HEADER
    assert [int(row) for row in columns["row"]] == (expected.indices + 2).tolist()
    won = np.array(columns["win_probability"], dtype=np.float64)
    np.testing.assert_allclose(won, expected.win_probability, rtol=0, atol=1e-15)
    assert list(tmp_path.iterdir()) == [path]


def test_the_same_file_is_ranked_the_same_byte_for_byte(
    run: Run, exported: Path, tables: dict[str, Path]
) -> None:
    arguments = (exported, "--architectures", tables["csv"], "--top", 300)
    outcomes = [run(main, *arguments, "--threads", threads) for threads in (1, 1, 3)]
    assert outcomes[0].out == outcomes[1].out == outcomes[2].out


def test_options_stand_in_a_file_and_the_command_line_wins(
    run: Run, exported: Path, tables: dict[str, Path], tmp_path: Path
) -> None:
    config = tmp_path / "rank.toml"
    config.write_text(f'architectures = "{tables["parquet"]}"\ntop = 3\nprovider = "cpu"\n')
    assert len(table_of(run(main, exported, "--config", config).out)) == 4
    assert len(table_of(run(main, exported, "--config", config, "--top", 5).out)) == 6


def chain_declaration(length: int) -> str:
    """Return the declaration of a space of chains, some operations of which have a quote."""
    names = ["in", *(f"n{at}" for at in range(length)), "out"]
    operations = ["input", *(f"op{at}" for at in range(length)), "output"]
    nodes = [
        f'{{ name = "{name}", operation = "{operation}" }}'
        for name, operation in zip(names, operations, strict=True)
    ]
    edges = [f'{{ from = "{source}", to = "{target}" }}' for source, target in pairwise(names)]
    choices = """['conv 3"', 'conv 5"', 'pool', 'skip']"""
    return "\n".join(
        [
            'name = "chain"',
            f"nodes = [{', '.join(nodes)}]",
            f"edges = [{', '.join(edges)}]",
            "[decisions]",
            *(f"op{at} = {choices}" for at in range(length)),
        ]
    )


def test_comparator_of_a_declared_space_ranks_texts_with_commas_and_quotes(
    run: Run, export: Callable[[SearchSpace], Path], tmp_path: Path
) -> None:
    declaration = tmp_path / "chain.toml"
    declaration.write_text(chain_declaration(6))
    space = GraphSpace.from_toml(declaration)
    texts = space.format(space.sample(64, seed=2))
    with (tmp_path / "a.csv").open("w", newline="") as stream:
        csv.writer(stream).writerows([["architecture"], *([text] for text in texts)])
    directory = export(space)
    arguments = (directory, "--architectures", tmp_path / "a.csv", "--top", 100)
    outcome = run(main, *arguments, "--space", declaration)
    assert outcome.code == 0
    _, *rows = table_of(outcome.out)
    assert sorted(row[3] for row in rows) == sorted(texts)
    assert run(main, *arguments).out == outcome.out


def test_several_files_and_globs_are_ranked_together_with_their_names(
    run: Run, exported: Path, tables: dict[str, Path], texts: list[str], space: SearchSpace
) -> None:
    outcome = run(main, exported, "--architectures", tables["csv"], tables["jsonl"], "--top", 4)
    header, *rows = table_of(outcome.out)
    assert header == ["rank", "file", *HEADER[1:]]
    expected = Comparator.load(exported, provider="cpu").rank(space.parse([*texts, *texts]), top=4)
    assert [row[3] for row in rows] == [f"{won:.6f}" for won in expected.win_probability]
    assert [row[1] for row in rows[:2]] == [str(tables["csv"]), str(tables["jsonl"])]
    pattern = str(tables["csv"].with_name("*.[cj]s*"))
    assert run(main, exported, "--architectures", pattern, "--top", 4).out == outcome.out


def test_whole_space_is_ranked_and_all_scores_are_written(
    run: Run, exported: Path, space: SearchSpace, tmp_path: Path
) -> None:
    arguments = ("--all", "--scores", tmp_path / "a.parquet", "--out", tmp_path / "best.parquet")
    assert run(main, exported, *arguments).code == 0
    scores = parquet.read_table(tmp_path / "a.parquet").to_pydict()
    every = space.enumerate()
    expected = Comparator.load(exported, provider="cpu").win_probability(every)
    np.testing.assert_array_equal(scores["win_probability"], expected)
    assert scores["row"] == list(range(1, len(every) + 1))
    assert scores["architecture"] == space.format(every)
    best = parquet.read_table(tmp_path / "best.parquet").to_pydict()
    assert best["win_probability"] == sorted(expected, reverse=True)[:10]


def test_given_opponents_take_the_place_of_each_other(
    run: Run, exported: Path, tables: dict[str, Path], texts: list[str], space: SearchSpace
) -> None:
    arguments = ("--all", "--against", tables["csv"], "--top", 5)
    _, *rows = table_of(run(main, exported, *arguments).out)
    comparator = Comparator.load(exported, provider="cpu")
    won = comparator.win_probability(space.enumerate(), space.parse(texts))
    assert [row[2] for row in rows] == [f"{value:.6f}" for value in sorted(won)[:-6:-1]]


def test_invalid_rows_are_counted_and_listed(
    run: Run, exported: Path, files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(files)
    arguments = ("--architectures", "bad.csv", "--skip-invalid", "--out", "o.csv")
    outcome = run(main, exported, *arguments)
    assert outcome.code == 0
    assert "1 invalid rows left out; they are listed in o.csv.invalid.csv" in outcome.err
    header, row = table_of(Path("o.csv.invalid.csv").read_text())
    assert header == ["file", "row", "text", "reason"]
    assert row[:3] == ["bad.csv", "3", "|conv~0|"]
    assert len(table_of(Path("o.csv").read_text())) == 3


def test_interrupt_leaves_no_partial_file(exported: Path, texts: list[str], tmp_path: Path) -> None:
    words = command(exported, Path("-"), "--skip-invalid", "--out", str(tmp_path / "o.csv"))
    process = subprocess.Popen(words, stdin=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdin is not None
    assert process.stderr is not None
    process.stdin.write("\n".join(["architecture", *texts]).encode())
    process.stdin.flush()
    # The list of invalid rows is opened once the comparator has been loaded.
    deadline = monotonic() + 60
    while not any(tmp_path.iterdir()) and monotonic() < deadline:
        sleep(0.05)
    process.send_signal(signal.SIGINT)
    assert process.wait(60) == 130
    assert process.stderr.read() == b"ctnas-rank: interrupted\n"
    assert list(tmp_path.iterdir()) == []
    process.stdin.close()
    process.stderr.close()


def test_standard_input_is_ranked_as_a_file(exported: Path, tables: dict[str, Path]) -> None:
    for suffix in ("csv", "jsonl"):
        with tables[suffix].open("rb") as stream:
            piped = subprocess.run(
                command(exported, Path("-")), stdin=stream, capture_output=True, check=True
            )
        named = subprocess.run(command(exported, tables[suffix]), capture_output=True, check=True)
        assert piped.stdout == named.stdout
        assert piped.stderr == b""


@pytest.fixture
def files(texts: list[str], tmp_path: Path) -> Path:
    """Return a directory of files that cannot be ranked, one of them that can."""
    contents = {
        "good.csv": ["architecture", *texts[:3]],
        "one.csv": ["architecture", texts[0]],
        "none.csv": ["architecture"],
        "empty.csv": [],
        "bad.csv": ["architecture", texts[0], "|conv~0|", texts[1]],
        "column.csv": ["cell", texts[0]],
        "text.txt": ["architecture", texts[0]],
        "bad.jsonl": ['{"architecture": "' + texts[0] + '"}', "{"],
        "bad.parquet": ["PAR1 it is not"],
        "bad.toml": ["top = "],
        "unknown.toml": ["tops = 3"],
        "type.toml": ['top = "many"'],
        "value.toml": ["top = 0"],
        "model.onnx": ["no model"],
    }
    for name, lines in contents.items():
        (tmp_path / name).write_text("".join(f"{line}\n" for line in lines))
    return tmp_path


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "COMPARATOR"),
        (["EXPORTED"], "--architectures"),
        (["nowhere", "--architectures", "good.csv"], "no exported comparator at 'nowhere'"),
        (["model.onnx", "--architectures", "good.csv"], "'model.onnx': "),
        (["EXPORTED/comparator.onnx", "--architectures", "good.csv"], "other inputs than needed"),
        (["EXPORTED", "--architectures", "missing.csv"], "'missing.csv': No such file"),
        (["EXPORTED", "--architectures", "one.csv"], "at least two architectures, not 1"),
        (["EXPORTED", "--architectures", "none.csv"], "at least two architectures, not 0"),
        (["EXPORTED", "--architectures", "empty.csv"], "empty.csv is empty"),
        (["EXPORTED", "--architectures", "bad.csv"], "bad.csv, row 3: "),
        (["EXPORTED", "--architectures", "column.csv"], "no column 'architecture'"),
        (["EXPORTED", "--architectures", "text.txt"], "not '.txt'"),
        (["EXPORTED", "--architectures", "bad.jsonl"], "bad.jsonl, row 2"),
        (["EXPORTED", "--architectures", "bad.parquet"], "not a Parquet table"),
        (["EXPORTED", "--architectures", "."], "must be named .csv, .parquet, .jsonl or .json"),
        (["EXPORTED", "--architectures", "good.csv", "--top", "0"], "top must be at least 1"),
        (["EXPORTED", "--architectures", "good.csv", "--top", "many"], '"many"'),
        (["EXPORTED", "--architectures", "good.csv", "--threads", "0"], "threads must be at least"),
        (["EXPORTED", "--architectures", "good.csv", "--provider", "gpu"], '"cuda"'),
        (["EXPORTED", "--architectures", "good.csv", "--topp", "3"], "--topp"),
        (["EXPORTED", "--architectures", "good.csv", "more"], "more"),
        (["EXPORTED", "--architectures", "good.csv", "--out", "x/y.csv"], "No such file or dir"),
        (["EXPORTED", "--architectures", "good.csv", "--out", "x.xls"], "must be named .csv or"),
        (["EXPORTED", "--architectures", "good.csv", "--space", "no.toml"], "no.toml"),
        (["EXPORTED", "--architectures", "good.csv", "--space", "bad.toml"], "bad.toml"),
        (["EXPORTED"], "either --architectures or --all"),
        (["EXPORTED", "--all", "--architectures", "good.csv"], "either --architectures or --all"),
        (["EXPORTED", "--architectures", "z*.csv"], "no file matches 'z*.csv'"),
        (["EXPORTED", "--architectures", "good.csv", "good.csv"], "'good.csv' is given twice"),
        (["EXPORTED", "--all", "--scores", "x.csv"], "must be named .parquet, not '.csv'"),
        (["EXPORTED", "--all", "--max-madds", "1e6"], "does not know what its architectures cost"),
        (["EXPORTED", "--all", "--skip-invalid"], "--skip-invalid needs --out or --scores"),
        (["EXPORTED", "--all", "--against", "none.csv"], "no opponent to compare with"),
        (["EXPORTED", "--config", "no.toml"], "cannot read 'no.toml'"),
        (["EXPORTED", "--config", "."], "cannot read '.': Is a directory"),
        (["EXPORTED", "--config", "bad.toml"], "bad.toml is not TOML: "),
        (["EXPORTED", "--architectures", "good.csv", "--config", "unknown.toml"], "tops"),
        (["EXPORTED", "--architectures", "good.csv", "--config", "type.toml"], '"many"'),
        (["EXPORTED", "--architectures", "good.csv", "--config", "value.toml"], "not 0"),
    ],
)
def test_bad_input_is_refused_in_one_line(
    arguments: list[str],
    message: str,
    run: Run,
    exported: Path,
    files: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(files)
    before = sorted(files.iterdir())
    outcome = run(main, *(argument.replace("EXPORTED", str(exported)) for argument in arguments))
    assert outcome.code == 2
    assert outcome.out == ""
    assert outcome.err.startswith("ctnas-rank: error: ")
    assert message in outcome.err
    assert outcome.err.endswith("\n")
    assert outcome.err.count("\n") == 1
    assert sorted(files.iterdir()) == before


def test_unusable_provider_is_refused_in_one_line(
    run: Run, exported: Path, tables: dict[str, Path]
) -> None:
    if Comparator.load(exported).provider == "cuda":
        pytest.skip("a GPU works here")
    outcome = run(main, exported, "--architectures", tables["csv"], "--provider", "cuda")
    assert outcome.code == 2
    assert "CUDA" in outcome.err
    assert outcome.err.count("\n") == 1


def test_ranking_that_cannot_be_written_leaves_the_old_one(
    run: Run, exported: Path, tables: dict[str, Path], tmp_path: Path
) -> None:
    (tmp_path / "ranking.csv").mkdir()
    outcome = run(
        main, exported, "--architectures", tables["csv"], "--out", tmp_path / "ranking.csv"
    )
    assert outcome.code == 2
    assert "cannot write" in outcome.err
    assert [path.name for path in tmp_path.iterdir()] == ["ranking.csv"]


def command(exported: Path, table: Path, *options: str) -> list[str]:
    return [sys.executable, "-c", SCRIPT, str(exported), "--architectures", str(table), *options]


def test_reader_that_has_seen_enough_ends_the_command_quietly(
    exported: Path, texts: list[str], tmp_path: Path
) -> None:
    # More than fits into a pipe.
    (tmp_path / "many.csv").write_text("\n".join(["architecture", *(30 * texts)]))
    process = subprocess.Popen(
        command(exported, tmp_path / "many.csv", "--top", "9000"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    assert process.stdout.readline() == b"rank,row,win_probability,architecture\n"
    process.stdout.close()
    assert process.stderr.read() == b""
    assert process.wait(60) == 0
    process.stderr.close()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
def test_full_disk_is_an_error_in_one_line(exported: Path, tables: dict[str, Path]) -> None:
    with Path("/dev/full").open("wb") as full:
        process = subprocess.run(
            command(exported, tables["csv"]), stdout=full, stderr=subprocess.PIPE, check=False
        )
    expected = b"ctnas-rank: error: cannot write standard output: No space left on device\n"
    assert process.stderr == expected
    assert process.returncode == 2
