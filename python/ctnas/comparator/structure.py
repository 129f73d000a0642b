"""What can be read off an architecture graph without training anything.

Few labels go further when a model does not have to discover counts, depths and paths by itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ctnas import _core
from ctnas.app.threads import processors

if TYPE_CHECKING:
    from ctnas.architecture import Float64Array, GraphBatch

MANY_OPERATIONS = 32
"""Above so many operation ids they are not told apart: there would be too many pairs and paths."""
NO_OPERATIONS = MANY_OPERATIONS + 1
"""Stands for a vocabulary whose operations are not told apart."""


def graph_features(graphs: GraphBatch, vocabulary: int) -> tuple[Float64Array, Float64Array]:
    """Return the structure of graphs, and what of each operation a path to the output meets.

    Args:
        graphs: N graphs without dead nodes.
        vocabulary: number of operation ids; above `MANY_OPERATIONS` they are not told apart.

    Returns:
        float64 [N, F], counts, degrees, depths and path statistics; F depends on the vocabulary
        only. float64 [N, 3 K] for K operations, or [N, 0]: how often an operation stands on a path,
        in the mean over all paths; on what share of the paths it does not stand; how often a walk
        meets it that starts at the output and goes on to any predecessor alike.
    """
    return _core.graph_features(
        np.ascontiguousarray(graphs.adjacency),
        np.ascontiguousarray(graphs.operations),
        vocabulary if vocabulary <= MANY_OPERATIONS else 0,
        processors(),
    )
