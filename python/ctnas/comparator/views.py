"""Several graphs of one architecture, each of which shows other architectures as its equals.

As it stands, a graph tells where an operation is that passes on what it gets. With edges in the
place of such operations, architectures that compute the same look alike, and what was learned of
one holds for all. Neither is better for every space: who looks at both learns more from few labels.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ctnas.architecture import without_identities
from ctnas.comparator.encoders import PairNetwork

if TYPE_CHECKING:
    from torch import Tensor

    from ctnas.architecture import ArchitectureBatch, GraphBatch
    from ctnas.spaces import SearchSpace


def graph_views(space: SearchSpace, batch: ArchitectureBatch) -> list[GraphBatch]:
    """Return the graphs of N architectures and, where the space has identities, those without."""
    graphs = space.graphs(batch)
    if not space.identities:
        return [graphs]
    identities = [space.vocabulary.index(name) for name in space.identities]
    return [graphs, without_identities(graphs, identities)]


class AveragedViews(PairNetwork):
    """Looks at every view of an architecture with one network and averages what it says.

    Args:
        network: takes graphs [N, V, V] and [N, V].
    """

    def __init__(self, network: PairNetwork) -> None:
        super().__init__()
        self.network = network

    def forward(self, adjacency: Tensor, operations: Tensor) -> tuple[Tensor, Tensor]:
        """Encode architectures.

        Args:
            adjacency: float [N, W, V, V], W views of each.
            operations: int64 [N, W, V].

        Returns:
            challenger logits [..., N] and opponent logits [..., N].
        """
        count, views = operations.shape[:2]
        challenger, opponent = self.network(adjacency.flatten(0, 1), operations.flatten(0, 1))
        return (
            challenger.unflatten(-1, (count, views)).mean(dim=-1),
            opponent.unflatten(-1, (count, views)).mean(dim=-1),
        )
