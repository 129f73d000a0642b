import os
import pickle

import numpy as np
import pytest
import torch

from ctnas.errors import DatasetError, InputFileError
from ctnas.supernet import load_images

NAMES = [f"data_batch_{number}" for number in range(1, 6)] + ["test_batch"]


def write(folder, protocol=2):
    """Write small batches as the published ones are laid out: keys are bytes."""
    generator = np.random.default_rng(0)
    batches = {}
    for name in NAMES:
        data = generator.integers(0, 256, (8, 3072)).astype(np.uint8)
        labels = [number % 2 for number in range(8)]
        batches[name] = {b"data": data, b"labels": labels, b"batch_label": name.encode()}
    batches["batches.meta"] = {b"label_names": [b"airplane", b"automobile"], b"num_vis": 3072}
    for name, content in batches.items():
        (folder / name).write_bytes(pickle.dumps(content, protocol=protocol))
    return batches


class Malicious:
    def __reduce__(self):
        return os.system, ("touch owned",)


@pytest.mark.parametrize("protocol", [2, 4, 5])
def test_batches_are_read(tmp_path, protocol):
    batches = write(tmp_path, protocol)
    splits = load_images("cifar10", folder=tmp_path)
    assert splits.classes == ("airplane", "automobile")
    assert splits.shape == (3, 32, 32)
    assert len(splits.train) + len(splits.validation) == 40
    expected = batches["test_batch"][b"data"].reshape(-1, 3, 32, 32)
    assert torch.equal(splits.test.images, torch.from_numpy(expected))
    assert splits.test.labels.tolist() == [0, 1] * 4


def test_a_path_to_batches_is_recognized_by_its_content(tmp_path):
    write(tmp_path)
    assert load_images(str(tmp_path)).shape == (3, 32, 32)


def test_the_folder_that_holds_cifar10_is_enough(tmp_path):
    inner = tmp_path / "cifar-10-batches-py"
    inner.mkdir()
    write(inner)
    assert load_images("cifar10", folder=tmp_path).shape == (3, 32, 32)


def test_a_batch_cannot_run_code(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write(tmp_path)
    (tmp_path / "data_batch_3").write_bytes(pickle.dumps({b"data": Malicious()}))
    with pytest.raises(DatasetError, match=r"data_batch_3 .*asks for posix\.system"):
        load_images(str(tmp_path))
    assert not (tmp_path / "owned").exists()


@pytest.mark.parametrize("name", ["data_batch_4", "test_batch", "batches.meta"])
def test_a_missing_batch_is_named(tmp_path, name):
    write(tmp_path)
    (tmp_path / name).unlink()
    with pytest.raises(InputFileError, match=f"{name}: No such file"):
        load_images(str(tmp_path))


@pytest.mark.parametrize("kept", [0, 10, 2000])
def test_a_truncated_batch_is_named(tmp_path, kept):
    write(tmp_path)
    path = tmp_path / "data_batch_2"
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(DatasetError, match="data_batch_2 is not a batch of CIFAR-10"):
        load_images(str(tmp_path))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ([1, 2], "holds no dictionary"),
        ({b"data": np.zeros((8, 3072), np.uint8)}, "has no entry 'labels'"),
        ({b"data": np.zeros((7, 3072), np.uint8), b"labels": [0] * 8}, r"not uint8 \[7, 3072\]"),
        ({b"data": np.zeros((8, 3072)), b"labels": [0] * 8}, "not float64"),
        ({b"data": np.zeros((8, 3072), np.uint8), b"labels": [2] * 8}, r"labels .* in 0\.\.1"),
        ({b"data": np.zeros((8, 3072), np.uint8), b"labels": ["a"] * 8}, r"labels .* in 0\.\.1"),
    ],
)
def test_a_batch_of_another_shape_is_refused(tmp_path, content, message):
    write(tmp_path)
    (tmp_path / "data_batch_5").write_bytes(pickle.dumps(content))
    with pytest.raises(DatasetError, match=f"data_batch_5.*{message}"):
        load_images(str(tmp_path))
