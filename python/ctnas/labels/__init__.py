"""What was measured: labels in memory, in tables and in the ledger of a run."""

from ctnas.labels.blocks import InvalidRow
from ctnas.labels.label_set import MINIMUM_LABELS, LabelSet
from ctnas.labels.ledger import Ledger
from ctnas.labels.reading import (
    ArchitectureChunk,
    iterate_architectures,
    read_architectures,
)

__all__ = [
    "MINIMUM_LABELS",
    "ArchitectureChunk",
    "InvalidRow",
    "LabelSet",
    "Ledger",
    "iterate_architectures",
    "read_architectures",
]
