"""Exported files: the function that PyTorch computes, described, written whole or not at all."""

import json
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest

from ctnas import _core
from ctnas.architecture import GraphBatch
from ctnas.comparator.fitting import fit_comparator
from ctnas.comparator.nac import NeuralArchitectureComparator
from ctnas.comparator.presets import ComparatorPreset
from ctnas.comparator.runtime import Comparator
from ctnas.errors import OutputError
from ctnas.labels import LabelSet
from ctnas.spaces import SearchSpace, get_space, space_names

PRESETS = ("default", "paper")
FILES = ("comparator.onnx", "ranker.onnx")
TOLERANCE = 1e-5
# Tracing a graph for a space of another size takes seconds.
SPACES = [
    name if name == "nasbench201" else pytest.param(name, marks=pytest.mark.slow)
    for name in space_names()
]

Fitted = Callable[..., NeuralArchitectureComparator]
Exported = Callable[..., Path]


def random_pairs(space: SearchSpace, count: int) -> tuple[GraphBatch, GraphBatch]:
    rng = np.random.default_rng(7)
    return space.graphs(space.sample(count, rng)), space.graphs(space.sample(count, rng))


def arrays(a: GraphBatch, b: GraphBatch) -> dict[str, np.ndarray]:
    return {
        "adjacency_a": a.adjacency,
        "operations_a": a.operations,
        "adjacency_b": b.adjacency,
        "operations_b": b.operations,
    }


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize("space_name", SPACES)
def test_every_way_to_compare_gives_the_same_probability(
    space_name: str, preset: str, fitted: Fitted, exported: Exported
) -> None:
    a, b = random_pairs(get_space(space_name), 1000)
    directory = exported(space_name, preset)
    pytorch = fitted(space_name, preset).compare(a, b)
    assert np.ptp(pytorch) > 0.2

    plain = onnxruntime.InferenceSession(
        directory / "comparator.onnx", providers=["CPUExecutionProvider"]
    )
    (probability,) = plain.run(["probability"], arrays(a, b))
    core = Comparator.load(directory, provider="cpu").compare(a, b)
    session = _core.PairSession(directory / "comparator.onnx", provider="cpu")
    pairs = session.compare(*arrays(a, b).values())

    np.testing.assert_allclose(probability, pytorch, rtol=0, atol=TOLERANCE)
    np.testing.assert_allclose(core, pytorch, rtol=0, atol=TOLERANCE)
    np.testing.assert_allclose(pairs, pytorch, rtol=0, atol=TOLERANCE)


@pytest.mark.parametrize("preset", PRESETS)
def test_a_fully_connected_and_an_empty_graph_are_compared_alike(
    preset: str, fitted: Fitted, exported: Exported
) -> None:
    nodes = get_space("nasbench201").nodes
    full = np.triu(np.ones((1, nodes, nodes), np.uint8), 1)
    operations = np.full((1, nodes), 5)
    operations[0, [0, -1]] = 1, 2
    empty = np.zeros((1, nodes), np.int64)
    empty[0, :2] = 1, 2
    graphs = GraphBatch(np.concatenate([full, 0 * full]), np.concatenate([operations, empty]))
    loaded = Comparator.load(exported(preset=preset), provider="cpu")
    expected = fitted(preset=preset).compare(graphs, graphs[[1, 0]])
    np.testing.assert_allclose(loaded.compare(graphs, graphs[[1, 0]]), expected, atol=TOLERANCE)


@pytest.mark.parametrize("count", [1, 2, 257])
def test_batches_may_have_any_size(count: int, fitted: Fitted, exported: Exported) -> None:
    a, b = random_pairs(get_space("nasbench201"), count)
    session = onnxruntime.InferenceSession(
        exported() / "comparator.onnx", providers=["CPUExecutionProvider"]
    )
    (probability,) = session.run(None, arrays(a, b))
    assert probability.shape == (count,)
    np.testing.assert_allclose(probability, fitted().compare(a, b), rtol=0, atol=TOLERANCE)


@pytest.mark.parametrize("file", FILES)
def test_metadata_says_what_the_comparator_is(
    file: str, exported: Exported, fitted: Fitted
) -> None:
    model = onnx.load(exported() / file)
    properties = {entry.key: entry.value for entry in model.metadata_props}
    space = get_space("nasbench201")
    assert properties["ctnas.format"] == "1"
    assert properties["ctnas.space"] == "nasbench201"
    assert properties["ctnas.nodes"] == "8"
    assert json.loads(properties["ctnas.vocabulary"]) == list(space.vocabulary)
    assert properties["ctnas.vocabulary_size"] == "7"
    assert properties["ctnas.head"] == "separable"
    assert properties["ctnas.labels"] == "40"
    assert properties["ctnas.metric"] == "made_up"
    assert properties["ctnas.kendall_tau"] == ""
    assert properties["ctnas.version"] == version("ctnas")
    assert len(properties["ctnas.weights_hash"]) == 64
    assert properties == fitted().metadata() | {"ctnas.encoder": "bidirectional"}


def test_both_files_carry_the_same_metadata_and_another_comparator_another_hash(
    exported: Exported,
) -> None:
    def properties(path: Path) -> dict[str, str]:
        return {entry.key: entry.value for entry in onnx.load(path).metadata_props}

    pair, ranker = (properties(exported() / file) for file in FILES)
    assert pair == ranker
    other = properties(exported(preset="paper") / "ranker.onnx")
    assert other["ctnas.weights_hash"] != ranker["ctnas.weights_hash"]


def test_kendall_tau_of_held_out_labels_is_exported(
    small: Callable[[str], ComparatorPreset], labeled: Callable[..., LabelSet], tmp_path: Path
) -> None:
    labels = labeled("nasbench201", count=60)
    train, held_out = labels[:40], labels[40:]
    comparator = fit_comparator(labels.space, train, small("default"), seed=0)
    comparator.held_out_tau = comparator.kendall_tau(held_out)
    comparator.export(tmp_path)
    exported_tau = Comparator.load(tmp_path, provider="cpu").metadata["ctnas.kendall_tau"]
    assert float(exported_tau) == pytest.approx(comparator.kendall_tau(held_out), abs=1e-6)


@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize("preset", PRESETS)
def test_exported_models_are_valid_standard_onnx(
    file: str, preset: str, exported: Exported
) -> None:
    model = onnx.load(exported(preset=preset) / file)
    onnx.checker.check_model(model, full_check=True)
    assert {(entry.domain, entry.version) for entry in model.opset_import} == {("", 17)}
    ends = (*model.graph.input, *model.graph.output)
    assert {end.type.tensor_type.shape.dim[0].dim_param for end in ends} == {"batch"}


@pytest.mark.parametrize("file", FILES)
def test_exported_files_tell_nothing_about_the_machine(file: str, exported: Exported) -> None:
    content = (exported() / file).read_bytes()
    assert b".py" not in content
    assert str(Path.cwd()).encode() not in content


def test_exporting_twice_gives_the_same_bytes(
    fitted: Fitted, exported: Exported, tmp_path: Path
) -> None:
    fitted().export(tmp_path)
    for file in FILES:
        assert (tmp_path / file).read_bytes() == (exported() / file).read_bytes()


def test_exporting_does_not_change_the_comparator(fitted: Fitted, tmp_path: Path) -> None:
    a, b = random_pairs(get_space("nasbench201"), 50)
    before = fitted().compare(a, b)
    fitted().export(tmp_path)
    np.testing.assert_array_equal(fitted().compare(a, b), before)


def test_export_makes_the_directories_that_lack(fitted: Fitted, tmp_path: Path) -> None:
    fitted().export(tmp_path / "some" / "where")
    left = sorted(path.name for path in (tmp_path / "some" / "where").iterdir())
    assert left == sorted(FILES)


def test_export_into_a_file_is_an_output_error(fitted: Fitted, tmp_path: Path) -> None:
    occupied = tmp_path / "occupied"
    occupied.write_text("mine")
    with pytest.raises(OutputError, match=r"occupied.*File exists"):
        fitted().export(occupied)
    with pytest.raises(OutputError, match=r"occupied/below.*Not a directory"):
        fitted().export(occupied / "below")
    assert occupied.read_text() == "mine"
    assert list(tmp_path.iterdir()) == [occupied]


def test_export_that_fails_leaves_what_was_there(
    fitted: Fitted, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for file in FILES:
        (tmp_path / file).write_text("old")

    def fill_the_disk(path: Path, content: bytes) -> None:
        with path.open("wb") as stream:
            stream.write(content[: len(content) // 2])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", fill_the_disk)
    with pytest.raises(OutputError, match="No space left on device"):
        fitted().export(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(FILES)
    assert all((tmp_path / file).read_text() == "old" for file in FILES)


def test_export_into_a_read_only_directory_leaves_nothing(fitted: Fitted, tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        if _is_writable(tmp_path):
            pytest.skip("cannot happen as root, whom permissions do not bind")
        with pytest.raises(OutputError, match="Permission denied"):
            fitted().export(tmp_path)
        assert list(tmp_path.iterdir()) == []
    finally:
        tmp_path.chmod(0o700)


def _is_writable(directory: Path) -> bool:
    try:
        (directory / "probe").touch()
    except PermissionError:
        return False
    (directory / "probe").unlink()
    return True
