"""Ranking on a Ray cluster: the same bytes as here, whatever happens to an actor."""

import os
import shutil
import signal
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import csv, parquet

from ctnas.cli.rank import main
from ctnas.comparator.runtime import Comparator
from ctnas.ranking import CostLimits, encode_chunk, iterate_files
from ctnas.ranking.ray_engine import encode_shards
from ctnas.ranking.shards import ShardOptions
from ctnas.spaces import SearchSpace
from ctnas.workers.cluster import ray_cluster

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(find_spec("ray") is None, reason="ray is not installed: ctnas[ray]"),
    # Ray leaves sockets and processes to its own clean-up.
    pytest.mark.filterwarnings("ignore"),
]


@pytest.fixture(scope="session")
def cluster() -> Iterator[None]:
    with ray_cluster():
        yield


@pytest.fixture
def files(space: SearchSpace, tmp_path: Path) -> list[Path]:
    """Tables of both kinds, one of them with rows that cannot be used."""
    batch = space.sample(700, seed=4)
    texts = space.format(batch)
    csv.write_csv(pa.table({"architecture": [*texts[:200], "wrong"]}), tmp_path / "a.csv")
    parquet.write_table(pa.table({"architecture": texts[200:500]}), tmp_path / "b.parquet")
    decisions = pa.FixedSizeListArray.from_arrays(
        pa.array(batch.decisions[500:].ravel()), batch.decisions.shape[1]
    )
    parquet.write_table(pa.table({"decisions": decisions}), tmp_path / "c.parquet")
    return [tmp_path / name for name in ("a.csv", "b.parquet", "c.parquet")]


def rank(*arguments: object) -> int:
    with pytest.raises(SystemExit) as caught:
        main([str(argument) for argument in arguments])
    return int(caught.value.code or 0)


@pytest.mark.usefixtures("cluster")
@pytest.mark.parametrize("against", [False, True])
def test_every_file_is_the_same_to_the_byte(
    directory: Path, files: list[Path], tmp_path: Path, against: bool
) -> None:
    written = {}
    for engine in ("local", "ray"):
        out, scores = tmp_path / f"{engine}.csv", tmp_path / f"{engine}.parquet"
        options = ("--top", 50, "--skip-invalid", "--out", out, "--scores", scores)
        rivals = ("--against", files[1]) if against else ()
        place = ("--engine", engine, "--provider", "cpu")
        assert rank(directory, "--architectures", *files, *options, *rivals, *place) == 0
        invalid = out.with_name(f"{out.name}.invalid.csv")
        written[engine] = [path.read_bytes() for path in (out, scores, invalid)]
    assert written["ray"] == written["local"]
    assert len(written["ray"][0].splitlines()) == 51
    assert b"wrong" in written["ray"][2]


@pytest.mark.usefixtures("cluster")
def test_a_row_that_cannot_be_used_is_an_error_in_the_same_words(
    directory: Path, files: list[Path], capsys: pytest.CaptureFixture[str]
) -> None:
    said = {}
    for engine in ("local", "ray"):
        assert rank(directory, "--architectures", *files, "--engine", engine) == 2
        said[engine] = capsys.readouterr().err
    assert "row 202" in said["ray"]
    assert said["ray"] == said["local"]


@pytest.mark.usefixtures("cluster")
def test_nothing_is_lost_when_an_actor_is_killed(
    comparator: Comparator, directory: Path, tmp_path: Path
) -> None:
    space = comparator.space
    texts = space.format(space.sample(15_000, seed=6))
    first = tmp_path / "shard00.csv"
    csv.write_csv(pa.table({"architecture": texts}), first)
    shards = [first, *(tmp_path / f"shard{number:02}.csv" for number in range(1, 40))]
    for shard in shards[1:]:
        shutil.copy(first, shard)
    files = [str(shard) for shard in shards]
    ranker = (directory / "ranker.onnx").read_bytes()
    options = ShardOptions(ranker, space, "cpu", 1, False, None, None)

    pieces = []
    killed = 0
    for piece in encode_shards(files, options):
        pieces.append(piece)
        if not killed:
            killed = piece.process
            assert killed != os.getpid()
            os.kill(killed, signal.SIGKILL)
    # Whoever finished the work was not there before.
    assert {piece.process for piece in pieces} > {killed}
    assert [piece.place for piece in pieces] == [(number, 0) for number in range(len(files))]
    limits = CostLimits(space)
    for piece, (name, chunk) in zip(pieces, iterate_files(files, space), strict=True):
        expected = encode_chunk(comparator, limits.within(chunk), name)
        assert piece.chunk.file == name
        assert piece.chunk.rows == expected.rows
        np.testing.assert_array_equal(piece.chunk.decisions, expected.decisions)
        np.testing.assert_array_equal(piece.chunk.challenger, expected.challenger)
        np.testing.assert_array_equal(piece.chunk.opponent, expected.opponent)


def test_what_does_not_go_with_a_cluster_is_refused_by_name(
    directory: Path, files: list[Path], capsys: pytest.CaptureFixture[str]
) -> None:
    for arguments, message in (
        (("--all", "--engine", "ray"), "--all enumerates the space on one machine"),
        (("--architectures", "-", "--engine", "ray"), "standard input cannot be read"),
        (("--architectures", files[1], "--address", "auto"), "--address belongs to --engine ray"),
    ):
        assert rank(directory, *arguments) == 2
        assert message in capsys.readouterr().err
