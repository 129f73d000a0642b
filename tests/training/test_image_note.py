"""Images of a run may be moved, not exchanged for others of equal number."""

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ctnas.cli.search import main
from ctnas.errors import ConfigurationError
from ctnas.run.config import RunConfig
from ctnas.run.inputs import with_moved_images
from ctnas.training.image_note import check_images, keep_images
from ctnas.training.images import load_images


@pytest.fixture
def images(write_image_folder: Callable[..., Path]) -> Path:
    return write_image_folder()


@pytest.fixture
def note(tmp_path: Path) -> Path:
    return tmp_path / "images.json"


def digest(folder: Path) -> str:
    return load_images(str(folder)).digest


def exchange(file: Path) -> None:
    """Put another image in the place of one, in a file of equal size."""
    size = file.stat().st_size
    pixels = np.asarray(Image.open(file))[::-1]
    Image.fromarray(pixels).save(file)
    with file.open("ab") as stream:
        stream.write(b"\0" * max(0, size - file.stat().st_size))


def test_images_are_the_same_wherever_they_lie(images: Path, tmp_path: Path) -> None:
    before = digest(images)
    assert digest(images.rename(tmp_path / "elsewhere, and renamed")) == before


def test_one_other_image_makes_other_images(images: Path) -> None:
    before = digest(images)
    exchange(images / "train" / "cat" / "3.png")
    assert digest(images) != before


def test_an_image_of_another_class_makes_other_images(images: Path) -> None:
    before = digest(images)
    (images / "test" / "cat" / "0.png").rename(images / "test" / "dog" / "9.png")
    assert digest(images) != before


def test_what_is_no_image_of_a_class_makes_no_difference(images: Path) -> None:
    before = digest(images)
    (images / "README").write_text("about them")
    (images / "train" / "cat" / ".hidden.png").write_bytes(b"")
    assert digest(images) == before


def test_images_of_large_sets_are_told_by_names_and_sizes(
    images: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ctnas.training.image_folder._MOST_BYTES", 1)
    before = digest(images)
    file = images / "train" / "cat" / "3.png"
    os.utime(file)
    assert digest(images) == before
    file.write_bytes(file.read_bytes() + b"\0")
    assert digest(images) != before


def test_moved_images_are_accepted_and_noted(images: Path, note: Path, tmp_path: Path) -> None:
    config = RunConfig(dataset=str(images))
    said: list[str] = []
    keep_images(note, load_images(str(images)), str(images), said.append)
    moved = images.rename(tmp_path / "moved")
    config = with_moved_images(replace(config, dataset=str(moved)), config)
    assert (config.dataset, config.data) == (str(images), moved)
    splits = load_images(config.dataset, folder=config.data)
    keep_images(note, splits, str(moved), said.append)
    assert said == [f"The images that lay in {images} are now those in {moved}; they are equal."]


def test_others_in_the_place_of_images_are_refused(images: Path, note: Path) -> None:
    keep_images(note, load_images(str(images)), str(images), print)
    exchange(images / "test" / "dog" / "0.png")
    with pytest.raises(ConfigurationError, match=r"images' has other images than those"):
        check_images(note, load_images(str(images)), str(images))


def test_a_set_known_by_its_name_does_not_become_a_folder(images: Path) -> None:
    before = RunConfig(dataset="digits")
    now = replace(before, dataset=str(images))
    assert with_moved_images(now, before) == now


@pytest.mark.slow
@pytest.mark.parametrize("option", ["--data", "--dataset"])
def test_a_run_goes_on_with_moved_images_and_not_with_others(
    images: Path, tmp_path: Path, option: str, capfd: pytest.CaptureFixture[str]
) -> None:
    start = ["--preset", "smoke", "--space", "nasbench201", "--provider", "cpu", "--quiet"]
    out = tmp_path / "run"
    call([*start, "--dataset", str(images), "--out", str(out)], 0)
    ranking = (out / "ranking.csv").read_bytes()
    moved = images.rename(tmp_path / "moved")
    call(["--resume", str(out), option, str(moved)], 0)
    assert (out / "ranking.csv").read_bytes() == ranking
    exchange(moved / "test" / "dog" / "0.png")
    capfd.readouterr()
    call(["--resume", str(out), option, str(moved)], 2)
    assert "has other images than those that this run began with" in capfd.readouterr().err


def call(arguments: list[str], code: int) -> None:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert (caught.value.code or 0) == code
