import numpy as np
import pytest
import torch
from PIL import Image

from ctnas.errors import DatasetError, InputFileError
from ctnas.supernet import load_images
from ctnas.training import images
from ctnas.training.augmentation import cropped_and_colored
from ctnas.training.image_folder import ImageFiles, read_image_folder
from ctnas.training.image_set import ImagesInMemory


def test_color_images_are_read_pixel_by_pixel(write_image_folder):
    folder = write_image_folder(size=(10, 10))
    classes, train, test = read_image_folder(folder, None)
    assert classes == ("cat", "dog")
    assert train.labels.tolist() == [0] * 6 + [1] * 6
    assert len(test) == 12
    pixels, labels = train.batch([7])
    expected = np.asarray(Image.open(folder / "train" / "dog" / "1.png"))
    assert labels.tolist() == [1]
    assert torch.equal(pixels[0], torch.from_numpy(expected.transpose(2, 0, 1).copy()))


def test_grey_images_have_one_channel(write_image_folder):
    splits = load_images(str(write_image_folder(mode="L")))
    assert splits.shape == (1, 10, 10)


def test_one_color_image_among_grey_ones_makes_all_color(write_image_folder):
    folder = write_image_folder(mode="L")
    Image.new("RGB", (10, 10), "red").save(folder / "train" / "cat" / "red.png")
    assert load_images(str(folder)).shape[0] == 3


@pytest.mark.parametrize("mode", ["RGBA", "P", "CMYK", "1", "LA", "L", "RGB"])
def test_every_usual_mode_is_decoded(write_image_folder, mode):
    suffix = "jpg" if mode == "CMYK" else "png"
    splits = load_images(str(write_image_folder(mode=mode, suffix=suffix)))
    assert splits.train.batch([0])[0].dtype == torch.uint8


def test_a_palette_with_transparency_is_decoded(write_image_folder):
    folder = write_image_folder(mode="P")
    palette = Image.new("P", (10, 10), 1)
    palette.putpalette([0, 0, 0, 10, 200, 30])
    palette.save(folder / "train" / "cat" / "0.png", transparency=bytes([255, 0]))
    _, train, _ = read_image_folder(folder, None)
    assert train.batch([0])[0][0, :, 4, 4].tolist() == [10, 200, 30]


def test_sixteen_bit_grey_is_scaled_to_eight(write_image_folder):
    folder = write_image_folder(mode="L", size=(8, 8))
    values = np.full((8, 8), 0x8000, dtype=np.uint16)
    Image.fromarray(values).save(folder / "train" / "cat" / "0.png")
    _, train, _ = read_image_folder(folder, None)
    assert train.batch([0])[0].unique().tolist() == [128]


def test_images_of_mixed_sizes_get_one(write_image_folder):
    folder = write_image_folder(size=(20, 30))
    Image.new("RGB", (64, 40)).save(folder / "train" / "cat" / "other.png")
    assert load_images(str(folder)).shape == (3, 20, 20)
    assert load_images(str(folder), image_size=12).shape == (3, 12, 12)


@pytest.mark.parametrize(("side", "expected"), [(4, 8), (8, 8), (64, 64), (65, 64)])
def test_the_size_without_a_request_stays_between_8_and_64(write_image_folder, side, expected):
    splits = load_images(str(write_image_folder(size=(side, side))))
    assert splits.shape == (3, expected, expected)


def test_large_sets_are_decoded_on_demand_to_the_same_pixels(write_image_folder, monkeypatch):
    folder = write_image_folder(size=(20, 30))
    held = load_images(str(folder), seed=3)
    monkeypatch.setattr(images, "_IN_MEMORY", 1)
    lazy = load_images(str(folder), seed=3)
    assert isinstance(held.train, ImagesInMemory)
    assert isinstance(lazy.train, ImageFiles)
    for one, other in ((held.train, lazy.train), (held.validation, lazy.validation)):
        everything = range(len(one))
        assert torch.equal(one.batch(everything)[0], other.batch(everything)[0])
        assert torch.equal(one.labels, other.labels)


def test_decoding_is_reported(write_image_folder):
    seen = []
    load_images(str(write_image_folder()), progress=lambda done, total: seen.append((done, total)))
    assert seen == [(8, 8), (4, 4), (12, 12)]


def test_files_that_are_no_images_and_hidden_folders_are_passed_over(write_image_folder):
    folder = write_image_folder()
    (folder / "train" / "cat" / "notes.txt").write_text("a cat")
    (folder / "train" / ".thumbnails").mkdir()
    assert len(read_image_folder(folder, None)[1]) == 12


@pytest.mark.parametrize("part", ["train", "test"])
def test_a_missing_part_is_named(write_image_folder, part):
    folder = write_image_folder()
    (folder / part).rename(folder / "other")
    with pytest.raises(InputFileError, match=f"has no folder '{part}'; images belong in"):
        load_images(str(folder))


def test_a_train_folder_without_classes_is_an_error(tmp_path):
    for part in ("train", "test"):
        (tmp_path / part).mkdir()
    with pytest.raises(DatasetError, match="train has no class folders"):
        load_images(str(tmp_path))


def test_an_empty_class_is_named(write_image_folder):
    folder = write_image_folder()
    for file in (folder / "test" / "dog").iterdir():
        file.unlink()
    with pytest.raises(DatasetError, match=r"test/dog holds no images; known are \.jpg"):
        load_images(str(folder))


@pytest.mark.parametrize(("part", "other"), [("train", "test"), ("test", "train")])
def test_a_class_that_is_in_one_part_only_is_named(write_image_folder, part, other):
    folder = write_image_folder()
    (folder / part / "eel").mkdir()
    with pytest.raises(DatasetError, match=f"class 'eel' is in .*/{part} but not in .*/{other}"):
        load_images(str(folder))


@pytest.mark.parametrize("content", [b"", b"not an image", None])
def test_a_corrupt_image_is_named(write_image_folder, content):
    folder = write_image_folder(suffix="jpg", size=(40, 40))
    path = folder / "train" / "dog" / "3.jpg"
    path.write_bytes(path.read_bytes()[:500] if content is None else content)
    with pytest.raises(DatasetError, match=r"train/dog/3\.jpg is not a readable image"):
        load_images(str(folder))


@pytest.mark.parametrize("on_demand", [False, True])
def test_corrupt_images_can_be_left_out_and_are_counted(write_image_folder, monkeypatch, on_demand):
    folder = write_image_folder(suffix="jpg", size=(40, 40))
    if on_demand:
        monkeypatch.setattr(images, "_IN_MEMORY", 1)
    truncated, empty = folder / "train" / "dog" / "3.jpg", folder / "test" / "cat" / "0.jpg"
    truncated.write_bytes(truncated.read_bytes()[:500])
    empty.write_bytes(b"")
    splits = load_images(str(folder), skip_corrupt=True)
    assert splits.skipped == (str(truncated), str(empty))
    assert len(splits.train) + len(splits.validation) == len(splits.test) == 11
    splits.train.batch(range(len(splits.train)))


def test_a_class_of_corrupt_images_alone_is_named(write_image_folder):
    folder = write_image_folder()
    for file in (folder / "train" / "dog").iterdir():
        file.write_bytes(b"no image")
    with pytest.raises(DatasetError, match="train/dog holds no readable images"):
        load_images(str(folder), skip_corrupt=True)


def test_images_to_validate_on_may_be_called_val_as_in_imagenet(write_image_folder):
    folder = write_image_folder()
    (folder / "test").rename(folder / "val")
    assert len(load_images(str(folder)).test) == 12


def test_whole_images_are_cropped_at_random_from_their_own_size(write_image_folder):
    folder = write_image_folder(size=(40, 60))
    _, train, _ = read_image_folder(folder, 16)
    torch.manual_seed(0)
    one, labels = train.augmented([0, 0, 7], cropped_and_colored(16))
    assert one.shape == (3, 3, 16, 16)
    assert labels.tolist() == [0, 0, 1]
    assert not torch.equal(one[0], one[1])
    torch.manual_seed(0)
    assert torch.equal(train.augmented([0, 0, 7], cropped_and_colored(16))[0], one)
