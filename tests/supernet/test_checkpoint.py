import json

import pytest
import torch
from safetensors.torch import load_file, save_file

from ctnas.errors import InputFileError, ModelError, OutputError
from ctnas.supernet import Evaluator, load_supernet, save_supernet


def test_a_supernet_survives_the_disk(supernet, splits, space, tmp_path):
    save_supernet(supernet, tmp_path / "supernet.safetensors")
    loaded = load_supernet(tmp_path / "supernet.safetensors")
    assert loaded.layout == supernet.layout
    assert all(
        torch.equal(value, loaded.state_dict()[name])
        for name, value in supernet.state_dict().items()
    )
    batch = space.sample(5, seed=0)
    before, after = (list(Evaluator(net, splits).measure(batch)) for net in (supernet, loaded))
    assert before == after
    assert [file.name for file in tmp_path.iterdir()] == ["supernet.safetensors"]


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(InputFileError, match=r"nowhere\.safetensors"):
        load_supernet(tmp_path / "nowhere.safetensors")


@pytest.mark.parametrize("length", [0, 5, 1000])
def test_a_truncated_file_is_an_error_that_names_it(supernet, tmp_path, length):
    path = tmp_path / "supernet.safetensors"
    save_supernet(supernet, path)
    path.write_bytes(path.read_bytes()[:length])
    with pytest.raises(ModelError, match=r"supernet\.safetensors' is not a safetensors file"):
        load_supernet(path)


def test_safetensors_of_something_else_are_refused(tmp_path):
    path = tmp_path / "other.safetensors"
    save_file({"weight": torch.zeros(3)}, path)
    with pytest.raises(ModelError, match="is not a supernet of ctnas"):
        load_supernet(path)


@pytest.mark.parametrize(
    ("description", "message"),
    [
        ({"format": 3, "layout": {}}, "has format 3; this version reads 2"),
        ({"format": 2, "space": "darts", "layout": {"cells": 0}}, "is not a supernet of ctnas"),
        ({"format": 2, "space": "darts", "layout": {"depth": 3}}, "is not a supernet of ctnas"),
        ([], "is not a supernet of ctnas"),
    ],
)
def test_another_description_is_refused(supernet, tmp_path, description, message):
    path = tmp_path / "supernet.safetensors"
    save_supernet(supernet, path)
    save_file(load_file(path), path, metadata={"ctnas.supernet": json.dumps(description)})
    with pytest.raises(ModelError, match=message):
        load_supernet(path)


def test_weights_of_another_layout_are_refused(supernet, tmp_path):
    path = tmp_path / "supernet.safetensors"
    save_supernet(supernet, path)
    layout = {"cells": 3, "channels": 8, "image_size": 8, "image_channels": 1, "classes": 2}
    description = json.dumps({"format": 2, "space": "darts", "layout": layout})
    save_file(load_file(path), path, metadata={"ctnas.supernet": description})
    with pytest.raises(ModelError, match="does not hold the weights of its layout"):
        load_supernet(path)


def test_a_folder_that_is_not_there_cannot_be_written_to(supernet, tmp_path):
    with pytest.raises(OutputError, match="cannot write"):
        save_supernet(supernet, tmp_path / "missing" / "supernet.safetensors")
