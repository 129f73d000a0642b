"""The C++ examples, built against the installed CMake package, do what Python does.

`CTNAS_CMAKE_DIR` names another package to build against, such as one with sanitizers.
"""

import csv
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from io import StringIO
from pathlib import Path

import numpy as np
import pytest
import torch

from ctnas import _core
from ctnas.cli.rank import main
from ctnas.comparator.export import space_metadata
from ctnas.comparator.fitting import fit_comparator
from ctnas.errors import ArchitectureError
from ctnas.labels import LabelSet
from ctnas.networks import FoundNetwork, LatencyConfig, export_network
from ctnas.networks.found import inherited_network
from ctnas.spaces import DecisionSpace, GraphSpace, SearchSpace, get_space
from ctnas.spaces.graph_text import graph_texts
from ctnas.supernet import ImageSplits, build_supernet
from ctnas.supernet.layouts import make_layout
from ctnas.training.image_set import ImagesInMemory

from .models import ModelShape, Weights, ranker

SOURCE = Path(__file__).resolve().parents[2] / "examples" / "cpp"
COUNT = 300

Program = Callable[..., "subprocess.CompletedProcess[str]"]


def package() -> str:
    if "CTNAS_CMAKE_DIR" in os.environ:
        return os.environ["CTNAS_CMAKE_DIR"]
    command = [sys.executable, "-m", "ctnas", "--cmake-dir"]
    found = subprocess.run(command, capture_output=True, text=True, check=False)
    if found.returncode != 0:
        pytest.skip(found.stderr.strip())
    return found.stdout.strip()


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Program:
    """Build the examples; return what runs one of them."""
    cmake = shutil.which("cmake")
    if cmake is None:
        pytest.skip("no cmake to build the example with")
    build = tmp_path_factory.mktemp("build")
    for step in (
        ["-S", str(SOURCE), "-B", str(build), f"-Dctnas_DIR={package()}"],
        ["--build", str(build)],
    ):
        done = subprocess.run([cmake, *step], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
    library = _core.installed_runtime()
    assert library is not None

    def run(name: str, *arguments: object) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [build / name, *map(str, arguments)],
            env={**os.environ, "CTNAS_ONNXRUNTIME": library},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return run


@pytest.fixture(scope="session")
def rank(built: Program) -> Program:
    return partial(built, "rank")


@pytest.fixture(scope="session")
def classify(built: Program) -> Program:
    return partial(built, "classify")


def write_table(path: Path, texts: list[str]) -> Path:
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([("number", "architecture"), *enumerate(texts)])
    return path


def write_comparator(directory: Path, space: SearchSpace) -> Path:
    """Write a comparator of a space; every weight is drawn."""
    shape = ModelShape(space.nodes, len(space.vocabulary), space_metadata(space))
    weights = Weights.draw(shape.vocabulary_size, seed=0)
    (directory / "ranker.onnx").write_bytes(ranker(shape, weights))
    return directory


def rows(table: str) -> list[tuple[int, str]]:
    """Return row and win probability of a ranking, in its order."""
    return [(int(row["row"]), row["win_probability"]) for row in csv.DictReader(StringIO(table))]


def ranked_by_command(
    comparator: Path, table: Path, capsys: pytest.CaptureFixture[str]
) -> list[tuple[int, str]]:
    capsys.readouterr()
    with pytest.raises(SystemExit) as end:
        main([str(comparator), "--architectures", str(table), "--top", str(COUNT)])
    assert not end.value.code
    return rows(capsys.readouterr().out)


@pytest.mark.slow
def test_an_exported_comparator_ranks_in_cpp_as_in_python(
    rank: Program, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    space = get_space("nasbench201")
    labeled = space.sample(30, seed=0)
    labels = LabelSet(space, labeled, (labeled.decisions == 3).sum(axis=1).astype(float))
    fit_comparator(space, labels, preset="paper", seed=0).export(tmp_path)
    table = write_table(tmp_path / "table.csv", space.format(space.sample(COUNT, seed=1)))
    done = rank(tmp_path, table, COUNT)
    assert (done.returncode, done.stderr) == (0, "")
    assert rows(done.stdout) == ranked_by_command(tmp_path, table, capsys)
    assert rank(tmp_path, table).stdout.splitlines() == done.stdout.splitlines()[:11]


@pytest.mark.parametrize("name", ["nasbench101", "nasbench201"])
def test_texts_of_a_benchmark_are_the_same_graphs_in_cpp(
    name: str, rank: Program, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    space = get_space(name)
    comparator = write_comparator(tmp_path, space)
    table = write_table(tmp_path / "table.csv", space.format(space.sample(COUNT, seed=1)))
    expected = ranked_by_command(comparator, table, capsys)
    assert len({won for _, won in expected}) > COUNT / 2
    assert rows(rank(comparator, table, COUNT).stdout) == expected


@pytest.mark.parametrize("name", ["darts", "nasbench201"])
def test_graphs_of_any_space_are_ranked_in_cpp(
    name: str, rank: Program, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    space = get_space(name)
    comparator = write_comparator(tmp_path, space)
    batch = space.sample(COUNT, seed=1)
    table = write_table(tmp_path / "table.csv", space.format(batch))
    graphs = write_table(tmp_path / "graphs.csv", graph_texts(space, batch))
    expected = ranked_by_command(comparator, table, capsys)
    assert rows(rank(comparator, graphs, COUNT).stdout) == expected


DARTS, MOBILENETV3 = get_space("darts"), get_space("mobilenetv3")
NESTED = DecisionSpace(
    "nested",
    {
        "depth": [1, 2],
        "width1": [16, 24.5],
        "width2": [16, 24],
        "name": [f"o {n}" for n in range(50)],
    },
    active={"width2": {"depth": 2}},
)


def wired(choice: dict[str, str]) -> tuple[list[str], list[tuple[int, int]]]:
    edges = [(0, 1), (1, 2), (2, 3), *([(0, 3)] if choice["shortcut"] == "yes" else [])]
    return ["input", choice["first"], choice["second"], "output"], edges


CHAIN = GraphSpace(
    "chain",
    {
        "first": [f"op{n}" for n in range(20)],
        "second": [*(f"op{n}" for n in range(20)), "none"],
        "shortcut": ["yes", "no"],
    },
    wired,
)
WRITTEN = DecisionSpace(
    "written",
    {
        "depth": [1, 2],
        "width1": [16, 24.5],
        "width2": [16, 24],
        "name": [f"o{n}" for n in range(50)],
    },
    active={"width2": {"depth": 2}},
    text="{name}:{width1}[-{width2}]",
    forbidden=[{"width1": 16, "width2": 24}],
)


@pytest.mark.parametrize(
    "space", [NESTED, CHAIN, WRITTEN, DARTS, MOBILENETV3], ids=lambda space: space.name
)
def test_texts_of_a_declared_space_are_ranked_in_cpp(
    space: SearchSpace, rank: Program, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    comparator = write_comparator(tmp_path, space)
    texts = space.format(space.sample(min(space.size // 2, COUNT), seed=1))
    table = write_table(tmp_path / "table.csv", texts)
    expected = ranked_by_command(comparator, table, capsys)
    assert len({won for _, won in expected}) > len(texts) / 2
    assert rows(rank(comparator, table, COUNT).stdout) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("o1:16-24", "width1=16 and width2=24 is forbidden"),
        ("o1:16-25", "decision 'width2' has no choice '25' (the nearest is 24)"),
        ("o1/16", "decision 'name' has no choice 'o1/16'"),
    ],
)
def test_a_text_of_another_form_is_named_with_its_row(
    text: str, message: str, rank: Program, tmp_path: Path
) -> None:
    comparator = write_comparator(tmp_path, WRITTEN)
    done = rank(comparator, write_table(tmp_path / "table.csv", ["o1:24.5", text]))
    assert (done.returncode, done.stdout) == (2, "")
    assert f"row 3: {message}" in done.stderr


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("depth=1,width1=17,name=o 1", "no choice '17' (the nearest is 16); allowed are 16, 24.5"),
        ("depth=2,width1=16,name=o 1", "decision 'width2' is missing"),
        ("depth=1,depth=1,width1=16,name=o 1", "decision 'depth' is made twice"),
        ("height=3", "'height=3' is no decision=choice; decisions are depth, width1"),
    ],
)
def test_a_text_that_is_in_no_declared_space_is_named_with_its_row(
    text: str, message: str, rank: Program, tmp_path: Path
) -> None:
    comparator = write_comparator(tmp_path, NESTED)
    good = NESTED.format(NESTED.sample(3, seed=1))
    done = rank(comparator, write_table(tmp_path / "table.csv", [*good, text]))
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert "row 5: " in done.stderr
    assert message in done.stderr
    with pytest.raises(ArchitectureError, match=re.escape(message)):
        NESTED.parse([text])


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("architecture\n", "at least 2 architectures to compare, not 0"),
        ("architecture\n|none~0|+|none~0|none~1|+|none~0|none~1|none~2|\n", "not 1"),
        ("architecture\n|none~0|\n", "row 2: a cell has 3 nodes separated by '+', not 1"),
        ("architecture\n|pool~0|+|none~0|none~1|+|none~0|none~1|none~2|\n", "operation 'pool'"),
        ("number,architecture\n7\n", "row 2: no architecture"),
        ("graph\n", "no column 'architecture'"),
        ("", "cannot be read"),
    ],
)
def test_bad_input_is_refused_in_one_line(
    content: str, message: str, rank: Program, tmp_path: Path
) -> None:
    comparator = write_comparator(tmp_path, get_space("nasbench201"))
    table = tmp_path / "table.csv"
    table.write_text(content)
    done = rank(comparator, table)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert done.stderr.startswith("rank: error: ")
    assert message in done.stderr


@pytest.mark.parametrize("top", ["-1", "0", "", "1.5", "3x", " 3", "+3", "99999999999999999999999"])
def test_a_number_of_rows_that_is_none_is_refused(top: str, rank: Program, tmp_path: Path) -> None:
    done = rank(tmp_path, tmp_path / "table.csv", top)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"rank: error: TOP must be a whole number of at least 1, not '{top}'\n"


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_tables_of_spreadsheets_are_read(ending: str, rank: Program, tmp_path: Path) -> None:
    space = get_space("nasbench201")
    comparator = write_comparator(tmp_path, space)
    lines = ["architecture", *space.format(space.sample(5, seed=1))]
    table = tmp_path / "table.csv"
    table.write_text(ending.join(lines), encoding="utf-8-sig", newline="")
    done = rank(comparator, table)
    assert (done.returncode, len(rows(done.stdout))) == (0, 5), done.stderr


def test_a_missing_or_broken_comparator_is_named(rank: Program, tmp_path: Path) -> None:
    table = write_table(tmp_path / "table.csv", [])
    assert f"{tmp_path / 'ranker.onnx'}: no such file" in rank(tmp_path, table).stderr
    (tmp_path / "ranker.onnx").write_bytes(b"no model")
    assert "ranker.onnx: ONNX Runtime cannot load the model" in rank(tmp_path, table).stderr


def drawn_network() -> FoundNetwork:
    """Return a network of drawn weights and grey images of 9 pixels."""
    generator = torch.Generator().manual_seed(0)
    images = torch.randint(0, 256, (60, 1, 9, 9), dtype=torch.uint8, generator=generator)
    whole = ImagesInMemory(images, torch.arange(60) % 3)
    splits = ImageSplits("drawn", ("a", "b", "ç"), whole, whole.subset([0]), whole)
    layout = make_layout(
        "nasbench201", cells=3, channels=4, image_size=9, image_channels=1, classes=3
    )
    with torch.random.fork_rng():
        torch.manual_seed(0)
        supernet = build_supernet("nasbench201", layout, *splits.channel_statistics())
    architecture = get_space("nasbench201").sample(1, seed=2)
    return inherited_network(supernet, architecture, splits, images)


@pytest.fixture(scope="session")
def network(tmp_path_factory: pytest.TempPathFactory) -> tuple[FoundNetwork, Path]:
    found, out = drawn_network(), tmp_path_factory.mktemp("network") / "out"
    export_network(found, out, latency=LatencyConfig(warm_up=1, repeats=3, attempts=1))
    return found, out


def test_images_are_classified_in_cpp_as_they_were_measured(
    network: tuple[FoundNetwork, Path], classify: Program, tmp_path: Path
) -> None:
    found, out = network
    images = found.splits.test.batch(range(60))[0]
    files = [tmp_path / f"{row}.pgm" for row in range(60)]
    for file, image in zip(files, images.numpy(), strict=True):
        file.write_bytes(b"P5\n# drawn\n9 9\n255\n" + image.tobytes())
    done = classify(out, *files)
    assert (done.returncode, done.stderr) == (0, "")
    logits = found.measured(images)
    shares = logits.softmax(dim=1).max(dim=1).values.tolist()
    expected = ["abç"[best] for best in logits.argmax(dim=1).tolist()]
    lines = [line.rsplit(": ", 1)[1] for line in done.stdout.splitlines()]
    assert [line.split()[0] for line in lines] == expected
    found_shares = [float(line.split("(")[1].rstrip("%)")) for line in lines]
    assert found_shares == pytest.approx([100 * share for share in shares], abs=0.06)


def test_an_image_of_another_size_and_in_color_is_fitted_in_cpp_as_in_python(
    network: tuple[FoundNetwork, Path], classify: Program, tmp_path: Path
) -> None:
    _, out = network
    pixels = np.random.default_rng(0).integers(0, 256, (25, 21, 3), dtype=np.uint8)
    file = tmp_path / "large.ppm"
    file.write_bytes(b"P6 21 25 255\n" + pixels.tobytes())
    example = SOURCE.parent / "classify.py"
    command = [sys.executable, str(example), str(out / "network.onnx"), str(file)]
    in_python = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert classify(out, file).stdout == in_python


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "cannot be read"),
        (b"GIF89a", "is no PGM or PPM file"),
        (b"P5 9 9 65535\n", "has more than 8 bits"),
        (b"P5 9 x", "its header is damaged"),
        (b"P5 9 9 255\n123", "ends too early"),
    ],
)
def test_a_file_that_is_no_image_is_refused_in_one_line(
    content: bytes,
    message: str,
    network: tuple[FoundNetwork, Path],
    classify: Program,
    tmp_path: Path,
) -> None:
    file = tmp_path / "image.pgm"
    file.write_bytes(content)
    done = classify(network[1], file)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert f"{file}: {message}" in done.stderr


def test_a_model_that_is_no_network_is_refused(classify: Program, tmp_path: Path) -> None:
    comparator = write_comparator(tmp_path, get_space("nasbench201"))
    done = classify(comparator / "ranker.onnx", tmp_path / "image.pgm")
    assert done.returncode == 2
    assert "the model is no network of ctnas" in done.stderr
