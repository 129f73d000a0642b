"""What was measured: labels in memory, in tables and in the ledger of a run.

Names are imported when they are first used, so that ranking a table loads no ledger.
"""

from typing import TYPE_CHECKING

from ctnas.app.lazy import lazy_names

if TYPE_CHECKING:
    from ctnas.labels.blocks import InvalidRow
    from ctnas.labels.label_set import LabelSet
    from ctnas.labels.ledger import Ledger
    from ctnas.labels.measurements import MINIMUM_LABELS
    from ctnas.labels.reading import ArchitectureChunk, iterate_architectures, read_architectures

__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "MINIMUM_LABELS": "ctnas.labels.measurements",
        "ArchitectureChunk": "ctnas.labels.reading",
        "InvalidRow": "ctnas.labels.blocks",
        "LabelSet": "ctnas.labels.label_set",
        "Ledger": "ctnas.labels.ledger",
        "iterate_architectures": "ctnas.labels.reading",
        "read_architectures": "ctnas.labels.reading",
    },
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
