"""Several graphs of one architecture, each of which shows other architectures as its equals.

As it stands, a graph tells where an operation is that passes on what it gets. With edges in the
place of such operations, architectures that compute the same look alike, and what was learned of
one holds for all. Neither is better for every space: who looks at both learns more from few labels.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ctnas.architecture import without_identities

if TYPE_CHECKING:
    from ctnas.architecture import ArchitectureBatch, GraphBatch
    from ctnas.spaces import SearchSpace


def graph_views(space: SearchSpace, batch: ArchitectureBatch) -> list[GraphBatch]:
    """Return the graphs of N architectures and, where the space has identities, those without."""
    graphs = space.graphs(batch)
    if not space.identities:
        return [graphs]
    identities = [space.vocabulary.index(name) for name in space.identities]
    return [graphs, without_identities(graphs, identities)]
