"""What lies in image folders beside images of a class."""

import os
import shutil

import pytest

from ctnas.errors import DatasetError
from ctnas.training.image_folder import read_image_folder
from ctnas.training.images import load_images


@pytest.fixture
def folder(write_image_folder):
    return write_image_folder()


def counted(folder):
    """Return the numbers of training and test images, and what was said of the others."""
    said = []
    _, train, test = read_image_folder(folder, None, uncounted=said)
    return len(train), len(test), *said


def test_nothing_is_said_of_a_folder_of_images_alone(folder):
    assert counted(folder) == (12, 12)


@pytest.mark.parametrize("place", ["train/cat", "train", "."])
def test_a_link_that_leads_back_is_not_followed(folder, place):
    (folder / place / "again").symlink_to(folder / place)
    train, test, *said = counted(folder)
    assert (train, test) == (12, 12)
    if place != ".":
        assert said == [
            f"not counted as images: 1 links that lead back; the first: {folder / place / 'again'}"
        ]


def test_two_links_that_lead_to_one_another_end(folder):
    (folder / "train" / "cat" / "dogs").symlink_to(folder / "train" / "dog")
    (folder / "train" / "dog" / "cats").symlink_to(folder / "train" / "cat")
    train, _, said = counted(folder)
    assert train == 24
    assert "2 links that lead back" in said


def test_a_class_may_be_a_link_to_a_folder_elsewhere(folder, tmp_path):
    shutil.move(folder / "train" / "cat", tmp_path / "cats")
    (folder / "train" / "cat").symlink_to(tmp_path / "cats")
    assert counted(folder) == (12, 12)


def test_two_classes_that_are_one_folder_are_refused(folder):
    (folder / "train" / "kitten").symlink_to(folder / "train" / "cat")
    with pytest.raises(DatasetError, match=r"classes 'cat' and 'kitten' of .*train are the same"):
        read_image_folder(folder, None)


@pytest.mark.parametrize("link", [os.symlink, os.link])
def test_a_file_that_is_linked_twice_counts_once(folder, link):
    link(folder / "train" / "cat" / "0.png", folder / "train" / "cat" / "copy.png")
    train, _, said = counted(folder)
    assert train == 12
    assert "1 further links to the same file" in said


@pytest.mark.parametrize(
    "path",
    [
        "train/cat/._0.png",
        "train/cat/.ipynb_checkpoints/0-checkpoint.png",
        "train/.ipynb_checkpoints/0-checkpoint.png",
        "train/__MACOSX/cat/0.png",
        "train/cat/__MACOSX/0.png",
        "train/cat/Thumbs.db",
        "train/cat/@eaDir/0.png",
        "train/cat/notes.txt",
        "train/cat/README",
    ],
)
def test_what_a_user_would_not_count_is_not_counted_and_said_once(folder, path):
    file = folder / path
    file.parent.mkdir(exist_ok=True, parents=True)
    shutil.copy(folder / "train" / "cat" / "0.png", file)
    train, test, said = counted(folder)
    assert (train, test) == (12, 12)
    assert said.startswith("not counted as images: 1 ")
    assert load_images(str(folder)).left_out() == [f"{folder}: {said}"]


def test_a_pipe_that_is_called_an_image_is_not_waited_for(folder):
    os.mkfifo(folder / "train" / "cat" / "pipe.png")
    train, _, said = counted(folder)
    assert train == 12
    assert "1 no regular files" in said


def test_a_folder_that_is_called_an_image_is_searched_like_any_other(folder):
    nested = folder / "train" / "cat" / "x.png"
    nested.mkdir()
    shutil.copy(folder / "train" / "cat" / "0.png", nested / "inner.png")
    assert counted(folder) == (13, 12)


def test_a_link_to_nothing_is_an_image_that_cannot_be_read(folder):
    (folder / "train" / "cat" / "gone.png").symlink_to(folder / "nowhere.png")
    with pytest.raises(DatasetError, match=r"gone\.png is not a readable image"):
        read_image_folder(folder, None)
    skipped = []
    assert len(read_image_folder(folder, None, skipped)[1]) == 12
    assert len(skipped) == 1
