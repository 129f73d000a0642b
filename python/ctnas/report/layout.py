"""Layered layout of small directed acyclic graphs: layers, order within a layer, coordinates.

The method is Sugiyama's: an edge that spans several layers runs through an invisible point in each
of them; sweeps of barycenters order the layers so that few edges cross; then everything moves as
close to its neighbors as the order allows, which is a least-squares problem for each layer.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from scipy.optimize import isotonic_regression

if TYPE_CHECKING:
    from collections.abc import Sequence

Edge: TypeAlias = tuple[int, int]
Point: TypeAlias = tuple[float, float]
Size: TypeAlias = tuple[float, float]
Route: TypeAlias = list[tuple[Point, Point]]
"""The straight pieces of an edge, one for every layer that it touches; curves join them."""

_ORDER_SWEEPS = 24
_COORDINATE_SWEEPS = 120
_POINT_THICKNESS = 2.0
_STRAIGHT = 12.0
"""How much more it matters to keep a long edge straight than to keep a short one level."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Where everything goes; the origin is the upper left corner.

    Attributes:
        centers: center of every node.
        routes: for every edge its way from the border of one node to that of the other. Within a
            layer it runs straight, and so past the nodes there; between layers it may turn.
        width: extent of the drawing to the right.
        height: extent of the drawing downward.
    """

    centers: list[Point]
    routes: list[Route]
    width: float
    height: float

    def turned(self) -> Layout:
        """Return the layout that runs downward instead of to the right."""
        return Layout(
            [(y, x) for x, y in self.centers],
            [[((y, x), (v, u)) for (x, y), (u, v) in route] for route in self.routes],
            self.height,
            self.width,
        )


def longest_path_layers(nodes: int, edges: Sequence[Edge]) -> list[int]:
    """Return for every node how many edges the longest path to it has.

    Args:
        nodes: number of nodes, which stand in topological order.
        edges: pairs (from, to) with from < to.
    """
    layers = [0] * nodes
    for source, target in sorted(edges, key=lambda edge: edge[1]):
        layers[target] = max(layers[target], layers[source] + 1)
    return layers


def layered_layout(
    sizes: Sequence[Size],
    edges: Sequence[Edge],
    layers: Sequence[int],
    *,
    layer_gap: float,
    node_gap: float,
) -> Layout:
    """Lay a graph out from left to right.

    Args:
        sizes: width and height of every node.
        edges: pairs (from, to); every edge leads to a higher layer.
        layers: the layer of every node, counted from 0.
        layer_gap: free space between layers.
        node_gap: free space between the nodes of a layer.
    """
    graph = _Proper.of(sizes, edges, layers)
    graph.order()
    across = graph.across(node_gap)
    spans = _spans(graph.widths(sizes), layer_gap)
    middles = [sum(spans[layer]) / 2 for layer in layers]
    routes = [
        _route(chain, [spans[graph.layer_of[item]] for item in chain], across)
        for chain in graph.chains
    ]
    for (source, target), route in zip(edges, routes, strict=True):
        route[0] = ((middles[source] + sizes[source][0] / 2, across[source]), route[0][1])
        route[-1] = (route[-1][0], (middles[target] - sizes[target][0] / 2, across[target]))
    bottom = max(y + thickness / 2 for y, thickness in zip(across, graph.thickness, strict=True))
    return Layout(list(zip(middles, across, strict=False)), routes, spans[-1][1], bottom)


def _spans(widths: Sequence[float], gap: float) -> list[Point]:
    """Return where every layer begins and ends along the direction of flow."""
    spans, start = [], 0.0
    for width in widths:
        spans.append((start, start + width))
        start += width + gap
    return spans


def _route(chain: list[int], spans: list[Point], across: list[float]) -> Route:
    return [
        ((start, across[item]), (end, across[item]))
        for item, (start, end) in zip(chain, spans, strict=True)
    ]


@dataclass(slots=True)
class _Proper:
    """The graph with a point in every layer that an edge passes, so that edges span one layer.

    Items are the nodes, and after them the points.
    """

    thickness: list[float]
    layer_of: list[int]
    layers: list[list[int]]
    chains: list[list[int]]
    before: list[list[int]] = field(default_factory=list)
    after: list[list[int]] = field(default_factory=list)

    @staticmethod
    def of(sizes: Sequence[Size], edges: Sequence[Edge], layers: Sequence[int]) -> _Proper:
        thickness = [height for _, height in sizes]
        layer_of = list(layers)
        chains = []
        for source, target in edges:
            chain = [source]
            for layer in range(layers[source] + 1, layers[target]):
                chain.append(len(layer_of))
                layer_of.append(layer)
                thickness.append(_POINT_THICKNESS)
            chains.append([*chain, target])
        members: list[list[int]] = [[] for _ in range(max(layer_of) + 1)]
        for item, layer in enumerate(layer_of):
            members[layer].append(item)
        graph = _Proper(thickness, layer_of, members, chains)
        graph.before = [[] for _ in layer_of]
        graph.after = [[] for _ in layer_of]
        for chain in chains:
            for left, right in itertools.pairwise(chain):
                graph.after[left].append(right)
                graph.before[right].append(left)
        return graph

    def order(self) -> None:
        """Order every layer so that few edges cross."""
        best, fewest = [list(layer) for layer in self.layers], self._crossings()
        for sweep in range(_ORDER_SWEEPS):
            self._sort_by_barycenter(forward=sweep % 2 == 0)
            self._swap_neighbors()
            crossings = self._crossings()
            if crossings < fewest:
                best, fewest = [list(layer) for layer in self.layers], crossings
        self.layers = best

    def widths(self, sizes: Sequence[Size]) -> list[float]:
        """Return the width of every layer, that of its widest node."""
        nodes = range(len(sizes))
        return [
            max((sizes[i][0] for i in layer if i in nodes), default=0.0) for layer in self.layers
        ]

    def across(self, gap: float) -> list[float]:
        """Return the coordinate of every item across the layers, 0 being the first edge used."""
        position = [0.0] * len(self.layer_of)
        for layer in self.layers:
            self._settle(layer, [0.0] * len(layer), gap, position)
        for sweep in range(_COORDINATE_SWEEPS):
            for layer in self.layers if sweep % 2 == 0 else reversed(self.layers):
                wishes = [self._wish(item, position) for item in layer]
                self._settle(layer, wishes, gap, position)
        for chain in self.chains:
            self._straighten(chain[1:-1], gap, position)
        top = min(place - self.thickness[item] / 2 for item, place in enumerate(position))
        return [place - top for place in position]

    def _sort_by_barycenter(self, *, forward: bool) -> None:
        neighbors = self.before if forward else self.after
        for index in range(len(self.layers)) if forward else reversed(range(len(self.layers))):
            rank = self._ranks()
            own = {item: place for place, item in enumerate(self.layers[index])}

            def barycenter(
                item: int, rank: list[float] = rank, own: dict[int, int] = own
            ) -> tuple[float, int]:
                near = neighbors[item]
                mean = sum(rank[n] for n in near) / len(near) if near else rank[item]
                return mean, own[item]

            self.layers[index].sort(key=barycenter)

    def _swap_neighbors(self) -> None:
        """Exchange adjacent items of a layer as long as that removes crossings."""
        improved = True
        while improved:
            improved = False
            for layer in self.layers:
                for place in range(len(layer) - 1):
                    rank = self._ranks()
                    first, second = layer[place : place + 2]
                    kept = self._pair_crossings(first, second, rank)
                    if self._pair_crossings(second, first, rank) < kept:
                        layer[place : place + 2] = [second, first]
                        improved = True

    def _pair_crossings(self, upper: int, lower: int, rank: list[float]) -> int:
        """Return how often the edges of two items of a layer cross if `upper` stands above."""
        return sum(
            rank[a] > rank[b]
            for near in (self.before, self.after)
            for a in near[upper]
            for b in near[lower]
        )

    def _crossings(self) -> int:
        rank = self._ranks()
        return sum(
            self._pair_crossings(layer[i], layer[j], rank)
            for layer in self.layers
            for i in range(len(layer))
            for j in range(i + 1, len(layer))
        )

    def _ranks(self) -> list[float]:
        """Return the place of every item in its layer, from 0 to 1."""
        rank = [0.0] * len(self.layer_of)
        for layer in self.layers:
            for place, item in enumerate(layer):
                rank[item] = (place + 0.5) / len(layer)
        return rank

    def _wish(self, item: int, position: list[float]) -> float:
        """Return where an item would like to be: at the weighted mean of its neighbors."""
        nodes = len(self.layer_of) - sum(len(chain) - 2 for chain in self.chains)
        total = weights = 0.0
        for other in (*self.before[item], *self.after[item]):
            weight = _STRAIGHT if item >= nodes and other >= nodes else 1.0
            total += weight * position[other]
            weights += weight
        return total / weights if weights else position[item]

    def _settle(
        self, layer: list[int], wishes: list[float], gap: float, position: list[float]
    ) -> None:
        """Move the items of a layer as near to their wishes as order and gaps allow."""
        offsets = [0.0]
        for upper, lower in itertools.pairwise(layer):
            offsets.append(offsets[-1] + self._apart(upper, lower, gap))
        free = [wish - offset for wish, offset in zip(wishes, offsets, strict=True)]
        places = isotonic_regression(free).x.tolist()
        for item, place, offset in zip(layer, places, offsets, strict=True):
            position[item] = place + offset

    def _straighten(self, points: list[int], gap: float, position: list[float]) -> None:
        """Put the points of a long edge on one line, if there is room for it in every layer."""
        lowest, highest = float("-inf"), float("inf")
        for point in points:
            layer = self.layers[self.layer_of[point]]
            place = layer.index(point)
            for other in layer[max(place - 1, 0) : place]:
                lowest = max(lowest, position[other] + self._apart(other, point, gap))
            for other in layer[place + 1 : place + 2]:
                highest = min(highest, position[other] - self._apart(point, other, gap))
        if points and lowest <= highest:
            mean = sum(position[point] for point in points) / len(points)
            for point in points:
                position[point] = min(max(mean, lowest), highest)

    def _apart(self, upper: int, lower: int, gap: float) -> float:
        """Return how far apart two neighbors of a layer must be."""
        return (self.thickness[upper] + self.thickness[lower]) / 2 + gap
