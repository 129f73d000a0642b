"""Classify image files with an exported network, by NumPy and ONNX Runtime alone.

classify.py network.onnx FILE...: prints the class of every PNG, PGM, PPM or NPY file, and of
whatever else Pillow can read where it is installed. A FILE may be a folder; if the images in it
lie in folders that are named as the classes are, the accuracy is printed as well.
"""

import json
import struct
import sys
import zlib
from pathlib import Path

import numpy as np
import onnxruntime

SUFFIXES = {".bmp", ".jpeg", ".jpg", ".npy", ".pgm", ".png", ".ppm", ".webp"}
BATCH = 64


def read_image(path):
    """Return pixels uint8 [H, W, C]; C is 1 (grey), 3 (color) or 4 (with transparency)."""
    content = path.read_bytes()
    if path.suffix == ".npy":
        pixels = np.load(path)
        return pixels if pixels.ndim == 3 else pixels[:, :, None]
    if content[:2] in (b"P5", b"P6"):
        return read_netpbm(content)
    try:
        from PIL import Image
    except ImportError:
        if content[:4] == b"\x89PNG":
            return read_png(content)
        raise SystemExit(f"{path}: needs Pillow; NumPy alone reads PNG, PGM, PPM and NPY") from None
    with Image.open(path) as image:
        grey = image.mode in ("1", "L", "LA", "I", "F")
        pixels = np.asarray(image.convert("L" if grey else "RGB"))
    return pixels if pixels.ndim == 3 else pixels[:, :, None]


def read_netpbm(content):
    """Return the pixels of a binary PGM or PPM file of 8 bits."""
    words, at = [], 0
    while len(words) < 4:
        if content[at : at + 1] == b"#":
            at = content.index(b"\n", at)
        elif content[at : at + 1].isspace():
            at += 1
        else:
            start = at
            while not content[at : at + 1].isspace():
                at += 1
            words.append(content[start:at])
    width, height, largest = map(int, words[1:])
    channels = 1 if words[0] == b"P5" else 3
    if largest > 255:
        raise SystemExit("PGM and PPM files of more than 8 bits are not read")
    pixels = np.frombuffer(content, np.uint8, height * width * channels, at + 1)
    scaled = np.rint(pixels * (255 / largest)).astype(np.uint8)
    return scaled.reshape(height, width, channels)


def read_png(content):
    """Return the pixels of a PNG file of 8 bits that is not interlaced."""
    at, data, palette = 8, b"", None
    while at < len(content):
        (length,), kind = struct.unpack(">I", content[at : at + 4]), content[at + 4 : at + 8]
        chunk = content[at + 8 : at + 8 + length]
        if kind == b"IHDR":
            width, height, depth, color, _, _, interlaced = struct.unpack(">IIBBBBB", chunk)
        elif kind == b"PLTE":
            palette = np.frombuffer(chunk, np.uint8).reshape(-1, 3)
        elif kind == b"IDAT":
            data += chunk
        at += length + 12
    if depth != 8 or interlaced:
        raise SystemExit("PNG files of other than 8 bits, or interlaced, need Pillow")
    channels = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[color]
    rows = np.frombuffer(zlib.decompress(data), np.uint8).reshape(height, -1)
    pixels = unfiltered(rows, channels).reshape(height, width, channels)
    if palette is not None and color == 3:
        return palette[pixels[:, :, 0]]
    return pixels[:, :, :1] if channels == 2 else pixels


def unfiltered(rows, step):
    """Undo the prediction of each row of a PNG file from the pixels above and on the left."""
    above = [0] * (rows.shape[1] - 1)
    result = []
    for kind, *row in rows.tolist():
        for place, value in enumerate(row):
            left, up = (row[place - step] if place >= step else 0), above[place]
            corner = above[place - step] if place >= step else 0
            row[place] = (
                value + (0, left, up, (left + up) // 2, paeth(left, up, corner))[kind]
            ) % 256
        result.append(row)
        above = row
    return np.array(result, dtype=np.uint8)


def paeth(left, up, corner):
    """Return that of three neighbours which is nearest to left + up - corner."""
    estimate = left + up - corner
    return min((left, up, corner), key=lambda neighbour: abs(estimate - neighbour))


def fitted(pixels, size, crop):
    """Return pixels resized, so that the middle of them is a square of so many pixels."""
    shorter = min(pixels.shape[:2])
    scaled = int(np.ceil(size / crop))
    if shorter != scaled:
        height, width = (side * scaled // shorter for side in pixels.shape[:2])
        pixels = resized(resized(pixels.astype(np.float64), width, 1), height, 0)
    top, left = (round((side - size) / 2) for side in pixels.shape[:2])
    return np.clip(np.rint(pixels), 0, 255)[top : top + size, left : left + size].astype(np.uint8)


def resized(pixels, count, axis):
    """Return pixels resampled along an axis by a triangle, wide where it shrinks."""
    scale = pixels.shape[axis] / count
    reach = max(scale, 1.0)
    centers = (np.arange(count)[:, None] + 0.5) * scale
    places = np.arange(pixels.shape[axis])[None, :] + 0.5
    weights = np.maximum(0, 1 - abs(places - centers) / reach)
    weights /= weights.sum(axis=1, keepdims=True)
    return np.moveaxis(np.tensordot(weights, pixels, (1, axis)), 0, axis)


def in_channels(pixels, channels):
    """Return pixels as grey or color."""
    pixels = pixels[:, :, :3]
    if pixels.shape[2] == channels:
        return pixels
    if channels == 3:
        return pixels.repeat(3, axis=2)
    grey = pixels @ np.array([0.299, 0.587, 0.114])
    return np.rint(grey)[:, :, None].astype(np.uint8)


def prepared(path, taken):
    """Return one image as the network wants it, uint8 [C, H, W]."""
    pixels = in_channels(read_image(path), int(taken["channels"]))
    return fitted(pixels, int(taken["height"]), float(taken["crop"])).transpose(2, 0, 1)


def files_of(arguments):
    for argument in map(Path, arguments):
        if argument.is_dir():
            yield from sorted(path for path in argument.rglob("*") if path.suffix in SUFFIXES)
        else:
            yield argument


def main(model, *arguments):
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    properties = session.get_modelmeta().custom_metadata_map
    classes = json.loads(properties["ctnas.classes"])
    prefix = "ctnas.input."
    taken = {key.removeprefix(prefix): properties[key] for key in properties if prefix in key}
    files, right, judged = list(files_of(arguments)), 0, 0
    for start in range(0, len(files), BATCH):
        batch = files[start : start + BATCH]
        images = np.stack([prepared(path, taken) for path in batch])
        (logits,) = session.run(None, {taken["name"]: images})
        shares = np.exp(logits - logits.max(axis=1, keepdims=True))
        shares /= shares.sum(axis=1, keepdims=True)
        for path, best, share in zip(batch, logits.argmax(axis=1), shares.max(axis=1), strict=True):
            print(f"{path}: {classes[best]} ({share:.1%})")
            judged += path.parent.name in classes
            right += path.parent.name == classes[best]
    if judged:
        print(f"{right} of {judged} are of the class that their folder names: {right / judged:.2%}")


if __name__ == "__main__":
    if len(sys.argv) < 3:
        raise SystemExit(__doc__)
    main(*sys.argv[1:])
