import gzip
import struct

import numpy as np
import pytest
import torch

from ctnas.errors import DatasetError, InputFileError
from ctnas.supernet import load_images
from ctnas.training.idx import read_idx

NAMES = ("train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte",
         "t10k-labels-idx1-ubyte")  # fmt: skip
INSTALLED = "/usr/share/datasets/fashion-mnist"


def idx(values):
    """Encode by the format's description: magic number, sizes, values."""
    header = struct.pack(f">BBBB{values.ndim}I", 0, 0, 8, values.ndim, *values.shape)
    return header + values.astype(np.uint8).tobytes()


def contents(count=24, size=12):
    generator = np.random.default_rng(0)
    images = generator.integers(0, 256, (count, size, size))
    labels = np.arange(count) % 4
    return dict(zip(NAMES, (images, labels, images[:8], labels[:8]), strict=True))


def write(folder, values, *, compressed=False, dotted=False):
    for name, array in values.items():
        name = name.replace("-idx", ".idx") if dotted else name
        data = gzip.compress(idx(array)) if compressed else idx(array)
        (folder / (name + ".gz" * compressed)).write_bytes(data)
    return str(folder)


@pytest.mark.parametrize("compressed", [False, True])
@pytest.mark.parametrize("dotted", [False, True])
def test_images_are_read_compressed_or_not(tmp_path, compressed, dotted):
    values = contents()
    splits = load_images(write(tmp_path, values, compressed=compressed, dotted=dotted))
    assert splits.classes == ("0", "1", "2", "3")
    assert splits.shape == (1, 12, 12)
    assert (len(splits.train), len(splits.validation)) == (16, 8)
    expected = torch.from_numpy(values[NAMES[2]].astype(np.uint8))
    assert torch.equal(splits.test.images[:, 0], expected)
    assert splits.test.labels.tolist() == values[NAMES[3]].tolist()


@pytest.mark.parametrize("name", NAMES)
def test_a_missing_file_is_named(tmp_path, name):
    values = contents()
    write(tmp_path, values)
    (tmp_path / name).unlink()
    with pytest.raises(InputFileError, match=f"has no {name}, with or without .gz"):
        load_images(str(tmp_path))


@pytest.mark.parametrize("compressed", [False, True])
@pytest.mark.parametrize("kept", [3, 40, 1000])
def test_a_truncated_file_is_named(tmp_path, compressed, kept):
    write(tmp_path, contents(), compressed=compressed)
    path = tmp_path / (NAMES[0] + ".gz" * compressed)
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(DatasetError, match=NAMES[0]):
        load_images(str(tmp_path))


def test_values_beyond_the_end_are_refused(tmp_path):
    path = tmp_path / "labels"
    path.write_bytes(idx(np.arange(5)) + b"\0")
    with pytest.raises(DatasetError, match="has 6 values where its header says 5"):
        read_idx(path, 1)


def test_another_rank_is_refused(tmp_path):
    path = tmp_path / "labels"
    path.write_bytes(idx(np.arange(5)))
    with pytest.raises(DatasetError, match="not an IDX file of unsigned bytes in 3 dimensions"):
        read_idx(path, 3)


def test_images_without_labels_are_refused(tmp_path):
    values = contents()
    values[NAMES[1]] = values[NAMES[1]][:-1]
    with pytest.raises(DatasetError, match=r"has 24 images, .* 23 labels"):
        load_images(write(tmp_path, values))


def test_an_empty_set_is_refused(tmp_path):
    values = contents()
    values[NAMES[0]], values[NAMES[1]] = values[NAMES[0]][:0], values[NAMES[1]][:0]
    with pytest.raises(DatasetError, match="holds no images"):
        load_images(write(tmp_path, values))


def test_a_label_that_training_never_saw_is_refused(tmp_path):
    values = contents()
    values[NAMES[3]] = values[NAMES[3]] + 3
    with pytest.raises(DatasetError, match="label 6 of the test part is not one of the 4 classes"):
        load_images(write(tmp_path, values))


def test_fashion_mnist_of_debian_is_found_by_name(require_folder):
    require_folder(INSTALLED)
    splits = load_images("fashion-mnist", folder=INSTALLED)
    assert [len(part) for part in (splits.train, splits.validation, splits.test)] == [
        55_000,
        5_000,
        10_000,
    ]
    assert splits.shape == (1, 28, 28)
    assert splits.classes[9] == "ankle boot"
    assert splits.test.labels.bincount().tolist() == [1000] * 10
