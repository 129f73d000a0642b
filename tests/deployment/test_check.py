"""What a check of an exported comparator finds, and that it finds it."""

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import helper, numpy_helper

from ctnas.deployment import Finding, check_comparator
from ctnas.errors import InputFileError, ModelError
from ctnas.spaces import get_space

Edit = Callable[[onnx.ModelProto], None]
FILES = ("comparator.onnx", "ranker.onnx")


def check(directory: Path) -> list[Finding]:
    return list(check_comparator(directory, count=64))


def set_property(name: str, value: str | None) -> Edit:
    def edit(model: onnx.ModelProto) -> None:
        kept = {entry.key: entry.value for entry in model.metadata_props}
        kept.pop(f"ctnas.{name}", None)
        changed = {} if value is None else {f"ctnas.{name}": value}
        del model.metadata_props[:]
        helper.set_model_props(model, kept | changed)

    return edit


def set_opset(model: onnx.ModelProto) -> None:
    model.opset_import[0].version = 21


def drop_output(model: onnx.ModelProto) -> None:
    del model.graph.output[1:]


def scale_head(model: onnx.ModelProto) -> None:
    for tensor in model.graph.initializer:
        if tensor.name == "encoder.head_weight":
            values = numpy_helper.to_array(tensor) * np.float32(1.01)
            tensor.CopyFrom(numpy_helper.from_array(values, tensor.name))
            return
    raise AssertionError("no head to change")


def add_to_opponent_logit(model: onnx.ModelProto) -> None:
    """Let the graph compute something else with the weights as they were."""
    name = "opponent_logit"
    for node in model.graph.node:
        node.output[:] = [f"{name}_before" if out == name else out for out in node.output]
    model.graph.initializer.append(numpy_helper.from_array(np.float32([1e-3]), "extra"))
    model.graph.node.append(helper.make_node("Add", [f"{name}_before", "extra"], [name]))


def test_a_fresh_export_passes_every_check(exported: Path) -> None:
    findings = check(exported)
    assert [finding.name for finding in findings] == [
        "files",
        "metadata",
        "same metadata in both files",
        "opset",
        "inputs and outputs",
        "weights hash",
        "space",
        "comparator.onnx and ranker.onnx agree",
        "comparator.onnx and ranker.onnx agree",
    ]
    assert all(finding.passed for finding in findings)
    text = "\n".join(map(str, findings))
    assert "format 1, space nasbench201, 8 nodes, 7 operations" in text
    assert "adjacency uint8 [N, 8, 8]" in text
    assert "17 and 17" in text
    assert "on 64 random pairs, allowed 1e-05" in text


@pytest.mark.parametrize(
    ("file", "how", "name", "measured"),
    [
        ("ranker.onnx", set_property("space", None), "metadata", "ranker.onnx has no ctnas.space"),
        ("ranker.onnx", set_property("format", "2"), "metadata", "has format '2', needed '1'"),
        (
            "comparator.onnx",
            set_property("labels", "41"),
            "same metadata in both files",
            "ctnas.labels is '41' in comparator.onnx, '40' in ranker.onnx",
        ),
        ("comparator.onnx", set_opset, "opset", "comparator.onnx needs ai.onnx 21"),
        ("ranker.onnx", drop_output, "inputs and outputs", "needed adjacency uint8"),
        ("ranker.onnx", scale_head, "weights hash", "ranker.onnx holds"),
    ],
)
def test_the_first_thing_that_is_wrong_is_named_and_ends_the_check(
    edit: Callable[[str, Edit], Path], file: str, how: Edit, name: str, measured: str
) -> None:
    *passed, failed = check(edit(file, how))
    assert all(finding.passed for finding in passed)
    assert (failed.passed, failed.name) == (False, name)
    assert measured in failed.measured
    assert str(failed).startswith(f"FAILED  {name}: ")


@pytest.mark.parametrize("file", FILES)
def test_a_file_that_is_missing_or_damaged_is_named(copy: Path, file: str) -> None:
    content = (copy / file).read_bytes()
    (copy / file).write_bytes(content[: len(content) // 2])
    (finding,) = check(copy)
    assert not finding.passed
    assert file in finding.measured
    (copy / file).unlink()
    (finding,) = check(copy)
    assert f"cannot read '{copy / file}': No such file or directory" in finding.measured


def test_files_of_two_comparators_do_not_pass(copy: Path, other: Path) -> None:
    shutil.copy(other / "ranker.onnx", copy)
    failed = check(copy)[-1]
    assert (failed.passed, failed.name) == (False, "same metadata in both files")
    assert "ctnas.weights_hash" in failed.measured


def test_a_graph_that_computes_something_else_does_not_pass(
    edit: Callable[[str, Edit], Path],
) -> None:
    failed = check(edit("ranker.onnx", add_to_opponent_logit))[-1]
    assert not failed.passed
    assert failed.measured.startswith("in plain ONNX Runtime they differ by ")
    measured = float(
        failed.measured.removeprefix("in plain ONNX Runtime they differ by ").split()[0]
    )
    # A sigmoid is at most a quarter as steep as its argument.
    assert 1e-5 < measured <= 2.51e-4


def test_another_version_of_the_space_does_not_pass(edit: Callable[[str, Edit], Path]) -> None:
    vocabulary = '["padding", "input", "output", "a", "b", "c", "d"]'
    for file in FILES:
        directory = edit(file, set_property("vocabulary", vocabulary))
    failed = check(directory)[-1]
    assert (failed.passed, failed.name) == (False, "space")
    assert failed.measured.startswith("ctnas.vocabulary is ")


def test_a_space_that_is_neither_built_in_nor_declared_has_to_be_given(
    edit: Callable[[str, Edit], Path],
) -> None:
    for file in FILES:
        directory = edit(file, set_property("space", "mine"))
    with pytest.raises(ModelError, match="'mine', which is neither built in nor declared"):
        check(directory)
    findings = list(check_comparator(directory, get_space("nasbench201"), count=8))
    assert findings[-1].measured == "ctnas.space is 'mine', needed 'nasbench201'"


def test_a_directory_that_is_not_there_is_bad_input(tmp_path: Path) -> None:
    with pytest.raises(InputFileError, match="no directory"):
        check(tmp_path / "nowhere")
