"""The example that needs NumPy and ONNX Runtime alone classifies files as the network does."""

import struct
import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from ctnas.networks import FoundNetwork

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "classify.py"
ALONE = """
import runpy, sys
class Hidden:
    def find_spec(self, name, *_):
        if name.split(".")[0] in ("ctnas", "torch", "PIL", "scipy"):
            raise ImportError(name)
sys.meta_path.insert(0, Hidden())
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")
"""


def write_ppm(path: Path, pixels: NDArray[np.uint8]) -> None:
    height, width, _ = pixels.shape
    path.write_bytes(b"P6\n# drawn\n%d %d\n255\n" % (width, height) + pixels.tobytes())


def write_png(path: Path, pixels: NDArray[np.uint8], kind: int) -> None:
    """Write a PNG file whose rows are predicted in the given way, by its specification."""
    height, width, channels = pixels.shape
    wide = np.zeros((height + 1, width + 1, channels), dtype=np.int64)
    wide[1:, 1:] = pixels
    left, up, corner = wide[1:, :-1], wide[:-1, 1:], wide[:-1, :-1]
    estimate = left + up - corner
    distances = np.stack([abs(estimate - each) for each in (left, up, corner)])
    nearest = np.choose(distances.argmin(axis=0), (left, up, corner))
    predicted = (np.zeros_like(left), left, up, (left + up) // 2, nearest)[kind]
    rows = ((pixels - predicted) % 256).astype(np.uint8).reshape(height, -1)
    data = b"".join(bytes([kind]) + row.tobytes() for row in rows)
    chunks = [
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(data)),
        (b"IEND", b""),
    ]
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n"
        + b"".join(
            struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
            for name, body in chunks
        )
    )


def classify(*arguments: object, alone: bool = True) -> str:
    start = ["-c", ALONE, str(EXAMPLE)] if alone else [str(EXAMPLE)]
    done = subprocess.run(
        [sys.executable, *start, *map(str, arguments)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_files_of_every_kind_are_classified_as_they_were_measured(
    written: Path, found: FoundNetwork, tmp_path: Path
) -> None:
    test = found.splits.test
    pixels = test.images[:20].permute(0, 2, 3, 1).numpy()
    for row, image in enumerate(pixels):
        if row < 10:
            write_png(tmp_path / f"{row:02}.png", image, row % 5)
        elif row < 15:
            write_ppm(tmp_path / f"{row:02}.ppm", image)
        else:
            np.save(tmp_path / f"{row:02}.npy", image)
    expected = found.measured(test.images[:20]).argmax(dim=1).tolist()
    for alone in (True, False):
        lines = classify(written / "network.onnx", tmp_path, alone=alone).splitlines()
        assert [line.split()[1] for line in lines] == ["abç"[label] for label in expected]


def test_folders_that_are_named_as_classes_give_the_accuracy(
    written: Path, found: FoundNetwork, tmp_path: Path
) -> None:
    test = found.splits.test
    for row, (image, label) in enumerate(zip(test.images, test.labels.tolist(), strict=True)):
        folder = tmp_path / "abç"[label]
        folder.mkdir(exist_ok=True)
        write_ppm(folder / f"{row}.ppm", image.permute(1, 2, 0).numpy())
    right = int((found.measured(test.images).argmax(dim=1) == test.labels).sum())
    last = classify(written / "network.onnx", tmp_path).splitlines()[-1]
    assert last.startswith(f"{right} of 40 are of the class that their folder names")


@pytest.mark.parametrize("size", [(9, 9), (20, 13), (6, 31)])
def test_an_image_is_fitted_as_those_that_were_measured(size: tuple[int, int]) -> None:
    import runpy

    import torch

    from ctnas.training.image_set import fit_to_square

    fitted = runpy.run_path(str(EXAMPLE))["fitted"]
    pixels = np.random.default_rng(0).integers(0, 256, (*size, 3), dtype=np.uint8)
    for crop in (1.0, 0.875):
        expected = fit_to_square(torch.from_numpy(pixels).permute(2, 0, 1), 9, crop)
        difference = abs(fitted(pixels, 9, crop).astype(int) - expected.permute(1, 2, 0).numpy())
        # PyTorch rounds the weights of 8-bit images, too.
        assert difference.max() <= 1
