"""Loading exported comparators: what is refused, and in which words."""

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx.external_data_helper import set_external_data

from ctnas import _core
from ctnas.comparator.fitting import fit_comparator
from ctnas.comparator.nac import NeuralArchitectureComparator
from ctnas.comparator.presets import ComparatorPreset
from ctnas.comparator.runtime import Comparator
from ctnas.errors import ConfigurationError, InputFileError, ModelError, ProviderError
from ctnas.labels import LabelSet
from ctnas.spaces import GraphSpace, SearchSpace, get_space

Exported = Callable[..., Path]


def chain_space(length: int, name: str = "chain") -> GraphSpace:
    """Return a space of chains of `length` operations; six are as large as NAS-Bench-201."""

    def wire(choice: Mapping[str, str]) -> tuple[list[str], list[tuple[int, int]]]:
        nodes = ["input", *choice.values(), "output"]
        return nodes, [(node, node + 1) for node in range(len(nodes) - 1)]

    return GraphSpace(name, {f"op{at}": ["a", "b", "c", "d"] for at in range(length)}, wire)


@pytest.fixture(scope="module")
def edit(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    def write(source: Path, **properties: str) -> Path:
        model = onnx.load(source)
        kept = {entry.key: entry.value for entry in model.metadata_props}
        changed = {f"ctnas.{name}": value for name, value in properties.items()}
        onnx.helper.set_model_props(model, kept | changed)
        path = tmp_path_factory.mktemp("edited") / "ranker.onnx"
        onnx.save(model, path)
        return path

    return write


def test_directory_and_file_are_the_same_comparator(exported: Exported, space: SearchSpace) -> None:
    batch = space.sample(100, seed=1)
    by_directory = Comparator.load(exported(), provider="cpu")
    by_file = Comparator.load(str(exported() / "ranker.onnx"), provider="cpu")
    np.testing.assert_array_equal(
        by_directory.win_probability(batch), by_file.win_probability(batch)
    )
    assert by_directory.provider == "cpu"
    assert by_directory.provider_reason
    assert by_directory.space.name == "nasbench201"
    assert by_directory.metadata["ctnas.labels"] == "40"


def test_directory_with_files_of_two_comparators_is_refused(
    exported: Exported, tmp_path: Path
) -> None:
    hashes = {}
    for file, preset in (("comparator.onnx", "default"), ("ranker.onnx", "paper")):
        (tmp_path / file).write_bytes((exported(preset=preset) / file).read_bytes())
        ranker = exported(preset=preset) / "ranker.onnx"
        hashes[file] = Comparator.load(ranker, provider="cpu").metadata["ctnas.weights_hash"]
    with pytest.raises(ModelError) as caught:
        Comparator.load(tmp_path, provider="cpu")
    for file, weights_hash in hashes.items():
        assert f"{file} has {weights_hash}" in str(caught.value)
    # A file that is named itself stands for itself.
    assert Comparator.load(tmp_path / "ranker.onnx", provider="cpu").engine


def test_directory_with_a_damaged_comparator_is_refused(exported: Exported, tmp_path: Path) -> None:
    (tmp_path / "ranker.onnx").write_bytes((exported() / "ranker.onnx").read_bytes())
    assert Comparator.load(tmp_path, provider="cpu").engine
    (tmp_path / "comparator.onnx").write_bytes(b"no model")
    with pytest.raises(ModelError, match=r"comparator\.onnx has no ctnas\.weights_hash"):
        Comparator.load(tmp_path, provider="cpu")


def test_threads_that_share_a_comparator_get_the_same_bits(
    exported: Exported, space: SearchSpace
) -> None:
    loaded = Comparator.load(exported(), provider="cpu", threads=2)
    batches = [space.sample(500, seed=seed) for seed in range(4)]
    expected = [loaded.win_probability(batch).tobytes() for batch in batches]

    def work(number: int) -> bool:
        found = loaded.win_probability(batches[number % 4])
        return found.tobytes() == expected[number % 4]

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(work, range(200)))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_comparator_survives_a_fork(exported: Exported) -> None:
    script = """
import os, sys
from ctnas import Comparator
loaded = Comparator.load(sys.argv[1], provider="cpu", threads=2)
batch = loaded.space.sample(2000, seed=0)
expected = loaded.win_probability(batch).tobytes()
child = os.fork()
if child == 0:
    same = loaded.win_probability(batch).tobytes() == expected
    again = Comparator.load(sys.argv[1], provider="cpu").win_probability(batch).tobytes()
    sys.exit(0 if same and again == expected else 1)
assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
assert loaded.win_probability(batch).tobytes() == expected
"""
    result = subprocess.run(
        [sys.executable, "-c", script, str(exported())],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (result.returncode, result.stderr) == (0, "")


def test_a_large_batch_is_encoded_as_its_parts_are(exported: Exported) -> None:
    loaded = Comparator.load(exported("darts"), provider="cpu")
    batch = loaded.space.sample(20_000, seed=2)
    parts = [
        loaded.encode_graphs(loaded.space.graphs(batch[at : at + 1000]))
        for at in range(0, len(batch), 1000)
    ]
    for found, pieces in zip(loaded.encode(batch), zip(*parts, strict=True), strict=True):
        np.testing.assert_array_equal(found, np.concatenate(pieces))


def test_number_of_threads_does_not_change_a_bit(exported: Exported, space: SearchSpace) -> None:
    batch = space.sample(2000, seed=1)
    won = [
        Comparator.load(exported(), provider="cpu", threads=threads).win_probability(batch)
        for threads in (1, 2, 5)
    ]
    np.testing.assert_array_equal(won[0], won[1])
    np.testing.assert_array_equal(won[0], won[2])


@pytest.mark.parametrize("name", ["nowhere", "nowhere.onnx", "empty"])
def test_missing_comparator_is_named(name: str, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputFileError, match=f"no exported comparator at .*{name}"):
        Comparator.load(tmp_path / name)


@pytest.mark.parametrize("content", [b"", b"not onnx", b"\x00" * 1000])
def test_corrupt_file_is_named(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "ranker.onnx"
    path.write_bytes(content)
    with pytest.raises(ModelError, match=r"ranker\.onnx"):
        Comparator.load(tmp_path, provider="cpu")


def test_truncated_file_is_named(exported: Exported, tmp_path: Path) -> None:
    content = (exported() / "ranker.onnx").read_bytes()
    (tmp_path / "ranker.onnx").write_bytes(content[: len(content) // 2])
    with pytest.raises(ModelError, match=r"ranker\.onnx"):
        Comparator.load(tmp_path, provider="cpu")


def test_foreign_model_is_refused(tmp_path: Path) -> None:
    node = onnx.helper.make_node("Identity", ["x"], ["y"])
    ends = [onnx.helper.make_tensor_value_info(name, 1, ["n"]) for name in "xy"]
    graph = onnx.helper.make_graph([node], "foreign", ends[:1], ends[1:])
    opset = [onnx.helper.make_opsetid("", 17)]
    onnx.save(onnx.helper.make_model(graph, opset_imports=opset, ir_version=8), tmp_path / "a.onnx")
    with pytest.raises(ModelError, match=r"a\.onnx.*not a ctnas comparator"):
        Comparator.load(tmp_path / "a.onnx", provider="cpu")


def test_pair_model_in_place_of_the_ranker_is_refused(exported: Exported) -> None:
    with pytest.raises(ModelError, match=r"comparator\.onnx.*other inputs than needed"):
        Comparator.load(exported() / "comparator.onnx", provider="cpu")


def test_comparator_of_another_space_is_refused(exported: Exported) -> None:
    with pytest.raises(ModelError, match="made for space 'nasbench201', not for space 'darts'"):
        Comparator.load(exported(), provider="cpu", space=get_space("darts"))


def test_comparator_of_an_unknown_space_asks_for_the_space(
    exported: Exported, edit: Callable[..., Path]
) -> None:
    path = edit(exported() / "ranker.onnx", space="mine")
    with pytest.raises(ModelError, match="'mine', which is neither built in nor declared"):
        Comparator.load(path, provider="cpu")


def test_comparator_with_another_vocabulary_is_refused(
    exported: Exported, edit: Callable[..., Path]
) -> None:
    vocabulary = '["padding", "input", "output", "a", "b", "c", "d"]'
    path = edit(exported() / "ranker.onnx", vocabulary=vocabulary)
    with pytest.raises(ModelError, match="knows other operations than this version of space"):
        Comparator.load(path, provider="cpu")


def test_unreadable_vocabulary_is_refused(exported: Exported, edit: Callable[..., Path]) -> None:
    path = edit(exported() / "ranker.onnx", vocabulary="[input")
    with pytest.raises(ModelError, match="knows other operations"):
        Comparator.load(path, provider="cpu")


def test_comparator_of_a_space_of_ones_own_knows_that_space(
    small: Callable[[str], ComparatorPreset], tmp_path: Path
) -> None:
    space = chain_space(6)
    batch = space.sample(20, seed=0)
    fit_comparator(space, LabelSet(space, batch, np.arange(20.0)), small("default")).export(
        tmp_path
    )
    declared = Comparator.load(tmp_path, provider="cpu")
    assert declared.space.decisions == space.decisions
    texts = space.format(batch)
    assert declared.rank(declared.space.parse(texts)).indices.tolist() == (
        declared.rank(space.graphs(batch)).indices.tolist()
    )
    with pytest.raises(ModelError, match=r"compares graphs of 8 nodes; .* space 'chain' have 7"):
        Comparator.load(tmp_path, provider="cpu", space=chain_space(5))
    with pytest.raises(ModelError, match="made for space 'chain', not for space 'other'"):
        Comparator.load(tmp_path, provider="cpu", space=chain_space(6, "other"))
    assert len(Comparator.load(tmp_path, provider="cpu", space=space).rank(batch)) == 20


def test_damaged_declaration_of_a_space_is_refused(
    exported: Exported, edit: Callable[..., Path]
) -> None:
    path = edit(exported() / "ranker.onnx", space="mine", declaration='{"version": 1}')
    with pytest.raises(ModelError, match="the declaration of its space is damaged"):
        Comparator.load(path, provider="cpu")


def test_comparator_of_a_function_that_is_no_tables_asks_for_the_space(
    small: Callable[[str], ComparatorPreset], tmp_path: Path
) -> None:
    def wire(choice: Mapping[str, str]) -> tuple[list[str], list[tuple[int, int]]]:
        odd = sum(map(int, choice.values())) % 2
        return ["input", "odd" if odd else "even", "output"], [(0, 1), (1, 2)]

    space = GraphSpace("parity", {f"bit{at}": ["0", "1"] for at in range(16)}, wire)
    batch = space.sample(20, seed=0)
    labels = LabelSet(space, batch, np.arange(20.0))
    fit_comparator(space, labels, small("default")).export(tmp_path)
    with pytest.raises(ModelError, match="'parity', which is neither built in nor declared"):
        Comparator.load(tmp_path, provider="cpu")
    assert len(Comparator.load(tmp_path, provider="cpu", space=space).rank(batch)) == 20


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"provider": "gpu"}, "unknown provider 'gpu'; known are auto, cpu, cuda"),
        ({"threads": 0}, "threads must be at least 1, not 0"),
    ],
)
def test_an_option_that_is_not_allowed_is_a_configuration_error(
    options: dict[str, Any], message: str, exported: Exported
) -> None:
    with pytest.raises(ConfigurationError, match=f"^{message}$"):
        Comparator.load(exported(), **options)


def test_what_computes_is_told(loaded: Comparator) -> None:
    own = ("avx512", "avx2", "baseline")
    assert loaded.engine in (own if _core.has_engine else ("onnxruntime",))


def test_unusable_provider_is_a_provider_error(exported: Exported) -> None:
    if _cuda_works(exported()):
        pytest.skip("a GPU works here")
    with pytest.raises(ProviderError, match=r"(?i)cuda") as caught:
        Comparator.load(exported(), provider="cuda")
    assert "\n" not in str(caught.value)


def _cuda_works(directory: Path) -> bool:
    return Comparator.load(directory, provider="auto").provider == "cuda"


def test_model_whose_weights_lie_elsewhere_is_refused(tmp_path: Path, exported: Exported) -> None:
    folder = tmp_path / "model"
    folder.mkdir()
    for name in ("comparator.onnx", "ranker.onnx"):
        model = onnx.load(exported() / name)
        tensor = max(model.graph.initializer, key=lambda tensor: len(tensor.raw_data))
        (tmp_path / "weights.bin").write_bytes(tensor.raw_data)
        set_external_data(tensor, location="../weights.bin")
        tensor.ClearField("raw_data")
        (folder / name).write_bytes(model.SerializeToString())
    with pytest.raises(ModelError, match=r"ranker\.onnx"):
        Comparator.load(folder)


@pytest.mark.parametrize("name", [os.fsdecode(b"caf\xe9"), "n" * 255, "a\nb", "~/there"])
def test_a_comparator_lies_in_a_folder_of_any_name(
    fitted: Callable[..., NeuralArchitectureComparator],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    place = name if name.startswith("~") else tmp_path / name
    fitted().export(place)
    assert Comparator.load(place, provider="cpu").space.name == "nasbench201"
    assert not (tmp_path / "~").exists()
