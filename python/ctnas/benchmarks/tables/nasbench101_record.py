"""One record of the official NAS-Bench-101 file: JSON around a protocol buffer message."""

from __future__ import annotations

import json
from binascii import a2b_base64
from dataclasses import dataclass
from functools import cache
from reprlib import repr as shown
from typing import Any

from ctnas.errors import LabelError

_DOUBLES = (
    "current_epoch",
    "training_time",
    "train_accuracy",
    "validation_accuracy",
    "test_accuracy",
)
_FINAL = 2
"""Place of the last of the evaluations: before training, half-way, at the end."""


@dataclass(frozen=True, slots=True)
class TrainingRun:
    """A cell and one run of training it.

    Attributes:
        digest: the published hash of the cell, in hex.
        epochs: how long it was trained.
        matrix: the adjacency matrix as a text of 0 and 1, row by row.
        operations: names of the operations, separated by commas.
        metrics: the measurements, still encoded.
    """

    digest: str
    epochs: int
    matrix: str
    operations: str
    metrics: str

    def accuracy(self, name: str) -> float:
        """Return an accuracy at the end of training, such as `"test_accuracy"`.

        Raises:
            LabelError: if it was not measured, or the measurements cannot be decoded.
        """
        from google.protobuf.message import DecodeError

        try:
            message = _model_metrics().FromString(a2b_base64(self.metrics, strict_mode=True))
        except (ValueError, DecodeError) as error:
            raise LabelError(f"its metrics cannot be decoded: {error}") from None
        evaluations = message.evaluation_data
        if len(evaluations) <= _FINAL:
            raise LabelError(f"it has {len(evaluations)} evaluations: the final one is missing")
        final = evaluations[_FINAL]
        if not final.HasField(name):
            raise LabelError(f"its final evaluation has no {name}")
        return float(getattr(final, name))


def decode_record(payload: bytes) -> TrainingRun:
    """Return what a record holds.

    Raises:
        LabelError: if it is no record of NAS-Bench-101.
    """
    try:
        fields = json.loads(payload.decode())
    except (ValueError, RecursionError) as error:
        raise LabelError(f"it is not JSON: {error}") from None
    match fields:
        case [str(digest), int(epochs), str(matrix), str(operations), str(metrics)]:
            return TrainingRun(digest, epochs, matrix, operations, metrics)
    raise LabelError(
        f"it is not a list of hash, epochs, adjacency, operations and metrics, but {shown(fields)}"
    )


@cache
def _model_metrics() -> Any:
    """Return the message class of the metrics, `nasbench.ModelMetrics`."""
    from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

    kind = descriptor_pb2.FieldDescriptorProto
    one, many = kind.LABEL_OPTIONAL, kind.LABEL_REPEATED
    file = descriptor_pb2.FileDescriptorProto(
        name="model_metrics.proto", package="nasbench", syntax="proto2"
    )
    evaluation = file.message_type.add(name="EvaluationData")
    for number, name in enumerate(_DOUBLES, start=1):
        evaluation.field.add(name=name, number=number, type=kind.TYPE_DOUBLE, label=one)
    # The checkpoint's path, field 6, is left among the unknown fields.
    metrics = file.message_type.add(name="ModelMetrics")
    metrics.field.add(
        name="evaluation_data",
        number=1,
        type=kind.TYPE_MESSAGE,
        type_name=".nasbench.EvaluationData",
        label=many,
    )
    # A pool of its own: the published package registers the same names in the default one.
    pool = descriptor_pool.DescriptorPool()
    pool.AddSerializedFile(file.SerializeToString())
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("nasbench.ModelMetrics"))
