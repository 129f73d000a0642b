"""ImageNet as an image folder: its size, its middle, its constants, its validation images."""

import numpy as np
import pytest
import torch
from PIL import Image

from ctnas.supernet import SupernetConfig, load_images
from ctnas.supernet.training import _augmentation
from ctnas.training import images as module
from ctnas.training.augmentation import cropped_and_tinted
from ctnas.training.image_folder import ImageFiles

CLASSES = [f"n{number:08}" for number in range(6)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Six classes of eight JPEG files of several sizes and modes, and four to test on."""
    root = tmp_path_factory.mktemp("data")
    generator = np.random.default_rng(0)
    for part, count in (("train", 8), ("val", 4)):
        for place, name in enumerate(CLASSES):
            (root / "imagenet" / part / name).mkdir(parents=True)
            for number in range(count):
                size = (300 + 20 * number, 260 + 10 * place, 3)
                image = Image.fromarray(generator.integers(0, 256, size).astype(np.uint8))
                mode = "L" if number == 1 else "CMYK" if number == 2 else "RGB"
                path = root / "imagenet" / part / name / f"{number}.JPEG"
                image.convert(mode).save(path, format="JPEG")
    return root


@pytest.fixture(scope="module")
def splits(folder):
    return load_images("imagenet", folder=folder, seed=3)


def test_images_have_224_pixels_and_the_usual_constants(splits):
    assert splits.shape == (3, 224, 224)
    mean, deviation = splits.channel_statistics()
    assert mean == pytest.approx([123.675, 116.28, 103.53])
    assert deviation == pytest.approx([58.395, 57.12, 57.375])
    assert len(splits.classes) == 6
    assert len(splits.test) == 24


def test_evaluation_shows_the_middle_224_of_256_pixels(folder, splits):
    name = folder / "imagenet" / "val" / CLASSES[0] / "0.JPEG"
    image = Image.open(name).convert("RGB")
    # 260 x 300 pixels: the shorter side becomes 256.
    resized = image.resize((256, int(256 * 300 / 260)), Image.Resampling.BILINEAR)
    left, top = (256 - 224) // 2, round((resized.height - 224) / 2)
    expected = np.asarray(resized.crop((left, top, left + 224, top + 224)), dtype=float)
    found = splits.test.batch([0])[0][0].numpy().transpose(1, 2, 0)
    # Both resize with antialiasing, in different arithmetic.
    assert np.abs(found - expected).mean() < 3


def test_validation_images_are_drawn_from_all_classes_together(folder, monkeypatch):
    monkeypatch.setattr(module, "_IMAGENET_VALIDATION", 10)
    one, other, again = (load_images("imagenet", folder=folder, seed=s) for s in (3, 4, 3))
    assert [len(one.train), len(one.validation)] == [38, 10]
    assert one.train.files == again.train.files
    assert one.train.files != other.train.files


def test_few_images_keep_two_thirds_to_train_on(splits):
    assert [len(splits.train), len(splits.validation)] == [32, 16]


def test_training_images_are_cropped_at_random_from_the_files(splits):
    assert isinstance(splits.train, ImageFiles)
    augmentation = _augmentation(SupernetConfig(), splits)
    assert augmentation.whole
    torch.manual_seed(0)
    images, _ = splits.train.augmented([0, 0], augmentation)
    assert images.shape == (2, 3, 224, 224)
    assert not torch.equal(images[0], images[1])
    torch.manual_seed(0)
    again, _ = splits.train.augmented([0, 0], cropped_and_tinted(224))
    assert torch.equal(images, again)
    assert not _augmentation(SupernetConfig(augmentation="shift"), splits).whole


def test_another_size_can_be_asked_for(folder):
    assert load_images("imagenet", folder=folder, image_size=64).shape == (3, 64, 64)
