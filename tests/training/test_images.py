import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits

from ctnas.errors import ConfigurationError, DatasetError, InputFileError
from ctnas.supernet import load_images


def as_rows(images):
    return {bytes(image.numpy().tobytes()) for image in images.images}


@pytest.fixture(scope="module")
def digits():
    return load_images("digits")


def test_digits_are_those_of_scikit_learn(digits):
    pixels, labels = load_digits(return_X_y=True)
    sets = (digits.train, digits.validation, digits.test)
    assert digits.shape == (1, 8, 8)
    assert digits.classes == tuple("0123456789")
    total = sum(int(part.images.sum()) for part in sets)
    assert total == int(np.rint(pixels * 255 / 16).sum())
    assert (
        torch.cat([part.labels for part in sets]).bincount().tolist()
        == np.bincount(labels).tolist()
    )


def test_digits_are_divided_in_about_900_450_and_447(digits):
    sizes = [len(part) for part in (digits.train, digits.validation, digits.test)]
    assert sum(sizes) == 1797
    assert np.abs(np.array(sizes) - (900, 450, 447)).max() <= 3


def test_digits_are_divided_by_class(digits):
    for part in (digits.train, digits.validation, digits.test):
        shares = part.labels.bincount() / len(part)
        assert (shares - 0.1).abs().max() < 0.01


def test_the_three_parts_share_no_image(digits):
    rows = [as_rows(part) for part in (digits.train, digits.validation, digits.test)]
    assert not rows[0] & rows[1] | rows[0] & rows[2] | rows[1] & rows[2]


def test_the_seed_draws_validation_images_and_leaves_the_test_part_alone(digits):
    same, other = load_images("digits", seed=0), load_images("digits", seed=1)
    assert torch.equal(same.validation.images, digits.validation.images)
    assert not torch.equal(other.validation.images, digits.validation.images)
    assert torch.equal(other.test.images, digits.test.images)


def test_images_are_resized_on_request(digits):
    larger = load_images("digits", image_size=16)
    assert larger.shape == (1, 16, 16)
    restored = torch.nn.functional.interpolate(
        larger.test.images.float(), size=8, mode="bilinear", antialias=True
    )
    pixels = torch.stack([restored.flatten(), digits.test.images.float().flatten()])
    assert torch.corrcoef(pixels)[0, 1] > 0.95


def test_a_size_below_eight_is_refused():
    with pytest.raises(ConfigurationError, match="image_size must be at least 8, not 7"):
        load_images("digits", image_size=7)


def test_a_path_that_does_not_exist_is_named():
    with pytest.raises(InputFileError, match=r"'nowhere/at/all' does not exist.*cifar10"):
        load_images("nowhere/at/all")


def test_a_file_is_not_a_data_set(tmp_path):
    (tmp_path / "images.zip").write_bytes(b"PK")
    with pytest.raises(InputFileError, match=r"images\.zip' is a file, not a folder"):
        load_images(str(tmp_path / "images.zip"))


def test_a_named_data_set_that_is_nowhere_lists_where_it_was_sought(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CTNAS_DATA", raising=False)
    with pytest.raises(InputFileError, match=r"'cifar10' is in none of cifar10, .*/usr/share"):
        load_images("cifar10")
    with pytest.raises(InputFileError, match=f"'fashion-mnist' is in none of {tmp_path}, "):
        load_images("fashion-mnist", folder=tmp_path)


def test_one_class_is_too_few(write_image_folder):
    folder = write_image_folder(classes=("cat",))
    with pytest.raises(DatasetError, match="at least two classes are needed, not 1"):
        load_images(str(folder))


def test_a_class_with_one_training_image_is_named(write_image_folder):
    folder = write_image_folder(counts={"cat": 1, "dog": 4})
    with pytest.raises(DatasetError, match="class 'cat' has 1 training images"):
        load_images(str(folder))


def test_half_may_validate_and_few_may_be_used():
    splits = load_images("digits", validation_share=0.5, limit=400)
    # Rounded class by class.
    for part in (splits.train, splits.validation):
        assert (part.labels.bincount() - 20).abs().max() <= 1


def test_nothing_need_validate():
    splits = load_images("digits", validation_share=0.0)
    assert len(splits.validation) == 0
    assert len(splits.train) + len(splits.test) == 1797


@pytest.mark.parametrize(
    ("options", "message"),
    [({"validation_share": 1.0}, "validation_share must be"), ({"limit": 0}, "limit must be")],
)
def test_parts_out_of_range_are_refused(options, message):
    with pytest.raises(ConfigurationError, match=message):
        load_images("digits", **options)
