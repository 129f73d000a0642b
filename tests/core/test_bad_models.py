from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from ctnas import _core
from ctnas.errors import InputFileError, ModelError

from .models import ModelShape, Weights, ranker


def edited(model: bytes, edit: Callable[[onnx.ModelProto], object]) -> bytes:
    proto = onnx.load_from_string(model)
    edit(proto)
    return proto.SerializeToString()


def set_property(key: str, value: str | None) -> Callable[[onnx.ModelProto], None]:
    def edit(model: onnx.ModelProto) -> None:
        kept = {p.key: p.value for p in model.metadata_props if p.key != key}
        del model.metadata_props[:]
        helper.set_model_props(model, kept if value is None else {**kept, key: value})

    return edit


def set_element_type(model: onnx.ModelProto) -> None:
    model.graph.input[0].type.tensor_type.elem_type = TensorProto.INT64


def fix_batch(model: onnx.ModelProto) -> None:
    for tensor in (*model.graph.input, *model.graph.output):
        tensor.type.tensor_type.shape.dim[0].dim_value = 4


def drop_output(model: onnx.ModelProto) -> None:
    del model.graph.output[1:]


def rename_operator(model: onnx.ModelProto) -> None:
    model.graph.node[0].op_type = "Frobnicate"


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (set_property("ctnas.format", None), "not a ctnas comparator"),
        (set_property("ctnas.format", "2"), "ctnas.format 2, made by a newer ctnas"),
        (set_property("ctnas.format", "one"), "ctnas.format = 'one'"),
        (set_property("ctnas.nodes", None), "no ctnas.nodes"),
        (set_property("ctnas.nodes", "-7"), "ctnas.nodes = '-7'"),
        (set_property("ctnas.nodes", "7.5"), "ctnas.nodes = '7.5'"),
        (set_property("ctnas.nodes", "9" * 30), "ctnas.nodes = '999"),
        (set_property("ctnas.nodes", "8"), r"needed adjacency uint8 \[N, 8, 8\]"),
        (set_property("ctnas.vocabulary_size", ""), "ctnas.vocabulary_size = ''"),
        (set_element_type, r"has adjacency int64 \[N, 7, 7\]"),
        (fix_batch, r"has adjacency uint8 \[4, 7, 7\]"),
        (drop_output, r"has challenger_logit float32 \[N\]; needed challenger_logit"),
        (rename_operator, "Frobnicate"),
    ],
)
def test_a_model_that_is_not_ours_is_refused_with_the_reason(
    ranker_bytes: bytes, edit: Callable[[onnx.ModelProto], object], message: str
) -> None:
    with pytest.raises(ModelError, match=message):
        _core.Encoder(edited(ranker_bytes, edit))


def test_a_comparator_is_no_ranker_and_the_other_way_round(
    ranker_bytes: bytes, comparator_bytes: bytes
) -> None:
    with pytest.raises(ModelError, match=r"it has adjacency_a uint8 \[N, 7, 7\]"):
        _core.Encoder(comparator_bytes)
    with pytest.raises(ModelError, match="needed adjacency_a"):
        _core.PairSession(ranker_bytes)


def test_a_truncated_model_is_refused(ranker_bytes: bytes) -> None:
    for length in (0, 1, 10, len(ranker_bytes) // 2, len(ranker_bytes) - 1):
        with pytest.raises(ModelError):
            _core.Encoder(ranker_bytes[:length])


def test_flipped_bits_never_do_worse_than_an_error(ranker_bytes: bytes) -> None:
    rng = np.random.default_rng(0)
    graphs = np.zeros((3, 7, 7), np.uint8), np.zeros((3, 7), np.int64)
    refused = 0
    for position in rng.integers(0, len(ranker_bytes), size=200):
        flipped = bytearray(ranker_bytes)
        flipped[position] ^= 1 << rng.integers(8)
        try:
            encoder = _core.Encoder(bytes(flipped), provider="cpu")
            assert encoder.metadata
            encoder.encode(*graphs)
        except ModelError:
            refused += 1
    assert refused > 20


def test_a_gather_beyond_the_table_is_the_models_fault() -> None:
    model = ranker(ModelShape(vocabulary_size=9), Weights.draw(6, seed=0))
    operations = np.full((3, 7), 8, np.int64)
    with pytest.raises(ModelError, match=r"ONNX Runtime cannot run the model: .*idx=8"):
        _core.Encoder(model, provider="cpu").encode(np.zeros((3, 7, 7), np.uint8), operations)


def test_a_file_that_cannot_be_read_is_no_model_error(tmp_path: Path) -> None:
    with pytest.raises(InputFileError, match=r"nothing\.onnx: no such file"):
        _core.Encoder(str(tmp_path / "nothing.onnx"))
    with pytest.raises(InputFileError, match="is a directory"):
        _core.Encoder(tmp_path)


def test_a_broken_file_is_named(ranker_bytes: bytes, tmp_path: Path) -> None:
    path = tmp_path / "half.onnx"
    path.write_bytes(ranker_bytes[:100])
    with pytest.raises(ModelError, match=r"half\.onnx: ONNX Runtime cannot load the model"):
        _core.Encoder(path)


def test_arguments_that_make_no_sense_are_refused(ranker_bytes: bytes) -> None:
    with pytest.raises(ValueError, match="unknown provider 'gpu': needed auto, cpu or cuda"):
        _core.Encoder(ranker_bytes, provider="gpu")
    with pytest.raises(ValueError, match="threads is -1"):
        _core.Encoder(ranker_bytes, threads=-1)
    with pytest.raises(ValueError, match="chunk is -1"):
        _core.Encoder(ranker_bytes, chunk=-1)
    with pytest.raises(TypeError):
        _core.Encoder(3)  # type: ignore[arg-type]
