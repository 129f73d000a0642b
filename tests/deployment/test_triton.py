"""Model repositories for NVIDIA Triton, read with Triton's own message types."""

import sys
from collections.abc import Callable
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import onnxruntime
import pytest
from google.protobuf import text_format

from ctnas.deployment import TritonOptions, write_triton_repository
from ctnas.errors import ConfigurationError, InputFileError, ModelError, OutputError

MODELS = ("ctnas_comparator", "ctnas_ranker")
# Triton's names of the element types, by those of ONNX Runtime.
TYPES = {"tensor(uint8)": "TYPE_UINT8", "tensor(int64)": "TYPE_INT64", "tensor(float)": "TYPE_FP32"}


@pytest.fixture(scope="module")
def messages() -> Any:
    """The message types of Triton's configurations, without the client that they come with."""
    package = find_spec("tritonclient")
    if package is None or not package.submodule_search_locations:
        pytest.skip("tritonclient, which defines Triton's configuration, is not installed")
    path = Path(package.submodule_search_locations[0], "grpc", "model_config_pb2.py")
    spec = spec_from_file_location("model_config_pb2", path)
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules.get(spec.name) or module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def parse(messages: Any) -> Callable[[Path], Any]:
    def read(path: Path) -> Any:
        return text_format.Parse(path.read_text(), messages.ModelConfig())

    return read


def test_every_model_has_a_configuration_and_a_first_version(
    exported: Path, tmp_path: Path
) -> None:
    repository = tmp_path / "models"
    assert write_triton_repository(exported, repository) == [*MODELS]
    files = sorted(
        str(path.relative_to(repository)) for path in repository.rglob("*") if path.is_file()
    )
    assert files == sorted(
        f"{model}/{file}" for model in MODELS for file in ("config.pbtxt", "1/model.onnx")
    )
    for model in MODELS:
        source = exported / f"{model.removeprefix('ctnas_')}.onnx"
        assert (repository / model / "1" / "model.onnx").read_bytes() == source.read_bytes()
    assert [*tmp_path.iterdir()] == [repository]


@pytest.mark.parametrize("model", MODELS)
def test_a_configuration_declares_what_the_model_has_without_the_batch(
    model: str, exported: Path, tmp_path: Path, parse: Callable[[Path], Any], messages: Any
) -> None:
    write_triton_repository(exported, tmp_path / "models")
    config = parse(tmp_path / "models" / model / "config.pbtxt")
    session = onnxruntime.InferenceSession(
        tmp_path / "models" / model / "1" / "model.onnx", providers=["CPUExecutionProvider"]
    )
    for declared, found in (
        (config.input, session.get_inputs()),
        (config.output, session.get_outputs()),
    ):
        assert [tensor.name for tensor in declared] == [tensor.name for tensor in found]
        for tensor, real in zip(declared, found, strict=True):
            assert messages.DataType.Name(tensor.data_type) == TYPES[real.type]
            shape = tensor.reshape.shape if tensor.HasField("reshape") else tensor.dims
            assert list(shape) == real.shape[1:]
            # Triton refuses tensors without a dimension beside the batch.
            assert len(tensor.dims) >= 1
            assert real.shape[0] == "batch"


def test_options_reach_both_configurations(
    exported: Path, tmp_path: Path, parse: Callable[[Path], Any], messages: Any
) -> None:
    options = TritonOptions(name="nb-201", max_batch_size=512, queue_delay=250, instances=3)
    names = write_triton_repository(exported, tmp_path / "models", options)
    assert names == ["nb-201_comparator", "nb-201_ranker"]
    for name in names:
        config = parse(tmp_path / "models" / name / "config.pbtxt")
        assert (config.name, config.backend, config.max_batch_size) == (name, "onnxruntime", 512)
        assert config.HasField("dynamic_batching")
        assert config.dynamic_batching.max_queue_delay_microseconds == 250
        (group,) = config.instance_group
        assert group.count == 3
        assert group.kind == messages.ModelInstanceGroup.KIND_AUTO


def test_an_own_repository_is_replaced_and_anything_else_is_kept(
    exported: Path, other: Path, tmp_path: Path
) -> None:
    repository = tmp_path / "models"
    write_triton_repository(exported, repository, TritonOptions(name="old"))
    write_triton_repository(other, repository)
    assert sorted(path.name for path in repository.iterdir()) == [*MODELS]
    (repository / "notes.txt").write_text("mine")
    with pytest.raises(OutputError, match="it holds other things"):
        write_triton_repository(exported, repository)
    assert (repository / "notes.txt").read_text() == "mine"
    assert [*tmp_path.iterdir()] == [repository]


def test_somebody_elses_model_is_not_overwritten(exported: Path, tmp_path: Path) -> None:
    model = tmp_path / "models" / "resnet"
    model.mkdir(parents=True)
    (model / "config.pbtxt").write_text('name: "resnet"\n')
    with pytest.raises(OutputError, match="it holds other things"):
        write_triton_repository(exported, tmp_path / "models")


def test_models_that_do_not_belong_together_are_not_served(
    copy: Path, other: Path, tmp_path: Path
) -> None:
    (copy / "ranker.onnx").write_bytes((other / "ranker.onnx").read_bytes())
    with pytest.raises(ModelError, match="of different comparators"):
        write_triton_repository(copy, tmp_path / "models")
    (copy / "ranker.onnx").unlink()
    with pytest.raises(InputFileError, match=r"no ranker\.onnx"):
        write_triton_repository(copy, tmp_path / "models")
    assert not (tmp_path / "models").exists()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"name": ""}, "name must be of letters"),
        ({"name": 'a"b'}, "not 'a\"b'"),
        ({"name": "../up"}, r"not '\.\./up'"),
        ({"max_batch_size": 1}, "max_batch_size must be from 2"),
        ({"queue_delay": -1}, "queue_delay must be from 0"),
        ({"instances": 0}, "instances must be from 1"),
    ],
)
def test_an_option_that_makes_no_sense_is_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        TritonOptions(**options)
