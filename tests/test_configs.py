"""The TOML files of settings that come with the package are read by their commands."""

import re
from pathlib import Path

import pytest

from ctnas.cli.command import run_command
from ctnas.cli.search import search_command
from ctnas.cli.train import train_command
from ctnas.spaces import get_space

CONFIGS = Path(__file__).resolve().parents[1] / "configs"
DARTS, NASBENCH201, NASBENCH101 = (
    get_space(name).format(get_space(name).sample(1, 0))[0]
    for name in ("darts", "nasbench201", "nasbench101")
)


def dry(command, name: str, *arguments: str) -> int:
    config = str(CONFIGS / name)
    return run_command("ctnas", "", command, [config, *arguments, "--dry-run", "--threads", "1"])


@pytest.mark.parametrize(
    ("name", "steps"),
    [
        # 120 epochs of 25,000 images in batches of 96, and 16 of 12,000 in batches of 16.
        ("cifar10_darts.toml", 120 * (25_000 // 96)),
        ("cifar10_darts_small.toml", 16 * (12_000 // 16)),
    ],
)
def test_a_search_is_what_its_file_says(
    name: str, steps: int, capsys: pytest.CaptureFixture[str]
) -> None:
    # Small images keep a full-size network quick; the number of steps is the same.
    assert dry(search_command, name, "--supernet.image-size", "8") == 0
    out = capsys.readouterr().out
    assert f"{steps:,} steps" in out
    assert "The paper: 0.2 GPU days for the supernet, 0.1 for the search" in out


@pytest.mark.parametrize(
    ("name", "epochs", "images", "batch", "options"),
    [
        # 590 epochs and 20 to warm up, of all but 10,000 of 1,281,167 images.
        ("imagenet_mobilenetv3.toml", 610, 1_271_167, 64, ["--supernet.image-size", "32"]),
        ("cifar10_mobilenetv3_small.toml", 17, 9_800, 32, []),
    ],
)
def test_progressive_shrinking_is_what_its_file_says(
    name: str,
    epochs: int,
    images: int,
    batch: int,
    options: list[str],
    capsys: pytest.CaptureFixture[str],
) -> None:
    few = ["--supernet.batch-size", str(batch), "--supernet.workers", "0", *options]
    assert dry(search_command, name, *few) == 0
    out = capsys.readouterr().out
    assert f"{epochs * (images // batch):,} steps" in out
    assert "The paper: 50 GPU days for the supernet" in out
    assert re.search(r"Seconds a step by stage: largest [\d.]+, kernel .*, depth .*, width", out)


# Small batches keep a full-size network quick; they change the number of steps only.
@pytest.mark.parametrize(
    ("name", "architecture", "epochs", "images", "options"),
    [
        ("cifar10_darts_train.toml", DARTS, 600, 50_000, []),
        ("imagenet_darts_train.toml", DARTS, 250, 1_281_167, ["--image-size", "64"]),
        ("cifar10_nasbench201_train.toml", NASBENCH201, 200, 50_000, []),
        ("cifar10_nasbench101_train.toml", NASBENCH101, 108, 50_000, ["--image-size", "16"]),
    ],
)
def test_a_training_is_what_its_file_says(
    name: str,
    architecture: str,
    epochs: int,
    images: int,
    options: list[str],
    capsys: pytest.CaptureFixture[str],
) -> None:
    few = ["--batch-size", "4", "--workers", "0", *options]
    assert dry(train_command, name, architecture, *few) == 0
    out = capsys.readouterr().out
    share = re.search(r"validation-share = ([\d.]+)", (CONFIGS / name).read_text())
    learned = round(images * (1 - float(share[1] if share else 0)))
    assert f"{epochs * (learned // 4):,} steps" in out
