"""NAS-Bench-101 records written by encoders of their own: TFRecord, JSON and protocol buffers."""

import json
from base64 import b64encode
from collections.abc import Callable, Iterable
from struct import pack
from typing import Any, TypeAlias

Cell: TypeAlias = dict[str, Any]


def crc32c(data: bytes) -> int:
    """The checksum bit by bit, as RFC 3720 defines it."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def masked(crc: int) -> int:
    return (((crc >> 15) | (crc << 17)) + 0xA282EAD8) % (1 << 32)


def frame(payload: bytes, checksum: Callable[[bytes], int] = crc32c) -> bytes:
    """One record of a TFRecord file."""
    length = pack("<Q", len(payload))
    head = length + pack("<I", masked(checksum(length)))
    return head + payload + pack("<I", masked(checksum(payload)))


def varint(value: int) -> bytes:
    low, rest = value & 0x7F, value >> 7
    return bytes([low | 0x80]) + varint(rest) if rest else bytes([low])


def evaluation(epoch: float, seconds: float, accuracies: Iterable[float]) -> bytes:
    """The message of one evaluation: current_epoch, training_time, train, validation, test."""
    numbers = [epoch, seconds, *accuracies]
    doubles = b"".join(pack("<Bd", at << 3 | 1, value) for at, value in enumerate(numbers, 1))
    checkpoint = b"/checkpoints/some-cell/model.ckpt-1"
    message = doubles + b"\x32" + varint(len(checkpoint)) + checkpoint
    return b"\x0a" + varint(len(message)) + message


def metrics(cell: Cell, run: dict[str, float], epochs: int) -> bytes:
    parts = ("train_accuracy", "validation_accuracy", "test_accuracy")
    seconds = [run["halfway_training_time"], run["final_training_time"]]
    return (
        evaluation(0.0, 0.0, [0.1, 0.11, 0.12])
        + evaluation(epochs / 2, seconds[0], [run[f"halfway_{part}"] for part in parts])
        + evaluation(epochs, seconds[1], [run[f"final_{part}"] for part in parts])
        + b"\x10"
        + varint(cell["trainable_parameters"])
        + pack("<Bd", 3 << 3 | 1, seconds[1] + 1.5)
    )


def payload(cell: Cell, run: dict[str, float], epochs: int = 108) -> bytes:
    """What the official file holds of one run of training a cell."""
    fields = [
        cell["module_hash"],
        epochs,
        "".join(str(bit) for row in cell["module_adjacency"] for bit in row),
        ",".join(cell["module_operations"]),
        b64encode(metrics(cell, run, epochs)).decode(),
    ]
    return json.dumps(fields).encode()
