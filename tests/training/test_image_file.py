"""Images of every depth, type and byte order, and files that are damaged."""

import struct

import numpy as np
import pytest
import torch
from PIL import Image

from ctnas.errors import DatasetError
from ctnas.training.image_file import ValueRanges, decode, read_header
from ctnas.training.image_folder import read_image_folder

RAMP = np.arange(64, dtype=np.uint8).reshape(8, 8) * 4
"""A picture of 64 shades in 8 bits, that files of other depths hold in their own range."""

FULL = np.linspace(0, 1, 64).reshape(8, 8)


def write_tiff(path, pixels, sample_format, order="<", bits=None, photometric=1):
    """Write an uncompressed TIFF [H, W] by hand: the header that each type and order has."""
    height, width = pixels.shape
    data = pixels if isinstance(pixels, bytes) else pixels.astype(pixels.dtype.newbyteorder(order))
    body = data.tobytes()
    bits = bits or pixels.dtype.itemsize * 8
    entries = [
        *((256, 3, width), (257, 3, height), (258, 3, bits), (259, 3, 1), (262, 3, photometric)),
        *((273, 4, 8), (277, 3, 1), (278, 3, height), (279, 4, len(body)), (339, 3, sample_format)),
    ]
    directory = struct.pack(order + "H", len(entries))
    for tag, kind, value in entries:
        packed = struct.pack(order + ("HH" if kind == 3 else "I"), *([value, 0][: 4 - kind + 1]))
        directory += struct.pack(order + "HHI", tag, kind, 1) + packed
    mark = {"<": b"II", ">": b"MM"}[order]
    head = mark + struct.pack(order + "HI", 42, 8 + len(body))
    path.write_bytes(head + body + directory + struct.pack(order + "I", 0))


def shades(path, channels=1):
    """Return the pixels of one file as a data set of that file alone would read it."""
    header = read_header(str(path))
    ranges = ValueRanges.of([header.extremes] if header.extremes else [])
    return decode(str(path), ranges, channels, None)[0].numpy()


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize(
    ("dtype", "sample_format", "black", "white"),
    [
        (np.uint8, 1, 0, 255),
        (np.int8, 2, -128, 127),
        (np.uint16, 1, 0, 65535),
        (np.int16, 2, -32768, 32767),
        (np.int32, 2, 0, 65535),
        (np.int32, 2, 0, 255),
        (np.int32, 2, -(2**31), 2**31 - 1),
        (np.float32, 3, 0.0, 1.0),
        (np.float32, 3, 0.0, 255.0),
    ],
)
def test_a_tiff_of_any_type_and_order_has_the_shades_of_its_range(
    tmp_path, dtype, sample_format, black, white, order
):
    pixels = black + FULL * (white - black)
    if sample_format != 3:
        pixels = np.floor(pixels)
    write_tiff(tmp_path / "a.tif", pixels.astype(dtype), sample_format, order)
    expected = np.rint(FULL * 255)
    assert np.abs(shades(tmp_path / "a.tif").astype(int) - expected).max() <= 1


def test_unsigned_pixels_of_32_bits_do_not_become_negative(tmp_path):
    write_tiff(tmp_path / "a.tif", (RAMP.astype(np.uint32) << 24), 1)
    assert np.array_equal(shades(tmp_path / "a.tif"), RAMP)


def test_twelve_bits_have_4095_as_white(tmp_path):
    pair = np.array([4095, 2048])
    packed = bytes([pair[0] >> 4, ((pair[0] & 15) << 4) | (pair[1] >> 8), pair[1] & 255] * 32)
    height_by_bytes = np.frombuffer(packed, np.uint8).reshape(8, 12)
    write_tiff(tmp_path / "a.tif", height_by_bytes, 1, bits=12)
    data = (tmp_path / "a.tif").read_bytes()
    width = struct.pack("<HHIHH", 256, 3, 1, 12, 0)
    (tmp_path / "a.tif").write_bytes(data.replace(width, struct.pack("<HHIHH", 256, 3, 1, 8, 0)))
    assert shades(tmp_path / "a.tif").tolist() == [[255, 128] * 4] * 8


def test_sixteen_bits_where_white_is_zero_are_turned_round(tmp_path):
    write_tiff(tmp_path / "a.tif", RAMP.astype(np.uint16) << 8, 1, photometric=0)
    assert np.array_equal(shades(tmp_path / "a.tif"), 255 - RAMP)


@pytest.mark.parametrize("white", [255, 1023, 4095, 65535])
@pytest.mark.parametrize(("magic", "channels"), [("P5", 1), ("P6", 3), ("P2", 1)])
def test_netpbm_of_any_depth_has_the_shades_of_its_maximum(tmp_path, white, magic, channels):
    pixels = np.rint(FULL * white).astype(np.uint16)
    pixels = np.repeat(pixels[:, :, None], channels, axis=2)
    body = pixels.astype(">u2" if white > 255 else np.uint8).tobytes()
    if magic == "P2":
        body = " ".join(map(str, pixels.ravel().tolist())).encode()
    file = tmp_path / "a.ppm"
    file.write_bytes(f"{magic}\n8 8\n{white}\n".encode() + body)
    expected = np.rint(FULL * 255)
    assert np.abs(shades(file, channels).astype(int) - expected).max() <= 1


@pytest.mark.parametrize("dtype", [np.uint16, np.uint8])
@pytest.mark.parametrize("suffix", ["png", "tif", "pgm"])
def test_equal_pictures_in_8_and_16_bits_are_equal(tmp_path, dtype, suffix):
    file = tmp_path / f"a.{suffix}"
    deep = RAMP.astype(dtype) * (257 if dtype == np.uint16 else 1)
    Image.fromarray(deep).save(file)
    assert np.array_equal(shades(file), RAMP)


@pytest.mark.parametrize(
    ("pixels", "reason"),
    [
        (FULL.astype(np.float32) * 4000, "values from 0 to 4000"),
        (-FULL.astype(np.float32), "values from -1 to 0"),
        (np.where(FULL > 0.5, np.nan, 0).astype(np.float32), "not finite"),
    ],
)
def test_what_has_no_known_range_is_refused_by_name(write_image_folder, pixels, reason):
    folder = write_image_folder()
    write_tiff(folder / "train" / "cat" / "x.tif", pixels, 3)
    with pytest.raises(DatasetError, match=rf"train/cat/x\.tif cannot be scaled.*{reason}"):
        read_image_folder(folder, None)
    skipped = []
    read_image_folder(folder, None, skipped)
    assert skipped == [str(folder / "train" / "cat" / "x.tif")]


def test_integers_of_32_bits_that_fill_20_are_refused_not_made_black(write_image_folder):
    folder = write_image_folder()
    write_tiff(folder / "train" / "cat" / "x.tif", (FULL * 2**20).astype(np.int32), 2)
    with pytest.raises(DatasetError, match=r"x\.tif cannot be scaled"):
        read_image_folder(folder, None)


def test_one_range_holds_for_all_images_so_that_equal_values_are_equally_bright(
    write_image_folder,
):
    folder = write_image_folder(mode="L", size=(8, 8))
    dark = np.full((8, 8), 200, np.int32)
    bright = dark.copy()
    bright[0] = 60_000
    write_tiff(folder / "train" / "cat" / "0.tif", dark, 2)
    write_tiff(folder / "test" / "dog" / "0.tif", bright, 2)
    _, train, test = read_image_folder(folder, None)
    names = [file.rpartition("/")[2] for file in train.files]
    assert train.batch([names.index("0.tif")])[0].unique().tolist() == [0]
    at = [i for i, file in enumerate(test.files) if file.endswith("dog/0.tif")]
    assert test.batch(at)[0].unique().tolist() == [0, 60_000 // 256]


def test_transparency_does_not_change_colors(tmp_path):
    palette = Image.new("P", (8, 8), 1)
    palette.putpalette([0, 0, 0, 10, 200, 30])
    palette.save(tmp_path / "p.png", transparency=1)
    grey = Image.fromarray(RAMP)
    grey.putalpha(0)
    grey.save(tmp_path / "la.png")
    Image.fromarray(np.stack([RAMP] * 3, axis=2)).save(tmp_path / "t.png", transparency=(0, 0, 0))
    deep = Image.fromarray(RAMP.astype(np.uint16) * 257)
    deep.save(tmp_path / "deep.png", transparency=0)
    assert decode(str(tmp_path / "p.png"), ValueRanges(), 3, None)[:, 0, 0].tolist() == [
        *(10, 200, 30)
    ]
    for name in ("la", "t", "deep"):
        assert np.array_equal(shades(tmp_path / f"{name}.png", 3), RAMP), name


def png(tmp_path):
    Image.fromarray(RAMP).save(tmp_path / "whole.png")
    return (tmp_path / "whole.png").read_bytes()


DAMAGED = {
    "zero_width.pgm": b"P5\n0 8\n255\n" + bytes(64),
    "no_size.ppm": b"P6\n",
    "letters.pgm": b"P2\nx y\n255\n",
    "short.pgm": b"P5\n8 8\n65535\n" + bytes(20),
    "huge.pgm": b"P5\n99999 99999\n255\n",
    "huge.bmp": b"BM"
    + struct.pack("<IHHI", 70, 0, 0, 54)
    + struct.pack("<IiiHHIIiiII", 40, 2**30, 2**30, 1, 24, 0, 0, 0, 0, 0, 0),
    "empty.png": b"",
    "text.jpg": b"<html>not found</html>",
    "pointer.tif": b"II*\0" + struct.pack("<I", 2**31),
    "loop.tif": b"II*\0" + struct.pack("<I", 8) + struct.pack("<H", 0) + struct.pack("<I", 8),
    "webp.webp": b"RIFF\x10\0\0\0WEBPVP8 \0\0\0\0",
    "half.png": "half",
    "flipped.png": "flipped",
}


@pytest.mark.parametrize("name", DAMAGED)
def test_whatever_a_reader_raises_is_an_error_of_the_file(write_image_folder, tmp_path, name):
    folder = write_image_folder(size=(8, 8))
    content = DAMAGED[name]
    whole = png(tmp_path)
    if content == "half":
        content = whole[: len(whole) // 2]
    elif content == "flipped":
        content = whole[:40] + bytes([whole[40] ^ 255]) + whole[41:]
    file = folder / "train" / "cat" / name
    file.write_bytes(content)
    with pytest.raises(DatasetError, match=rf"train/cat/{name} is not a readable image"):
        read_image_folder(folder, None)[1].batch(range(7))
    skipped = []
    train = read_image_folder(folder, None, skipped)[1]
    assert skipped == [str(file)]
    assert len(train.batch(range(12))[0]) == 12


def test_the_content_says_what_a_file_is_not_its_name(tmp_path):
    Image.fromarray(RAMP).save(tmp_path / "a.png")
    (tmp_path / "a.png").rename(tmp_path / "a.jpg")
    assert torch.equal(
        decode(str(tmp_path / "a.jpg"), ValueRanges(), 1, None)[0], torch.from_numpy(RAMP)
    )
