from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ctnas.report.layout import Layout, layered_layout, longest_path_layers

GAP = 10.0


@st.composite
def graphs(draw: st.DrawFn) -> tuple[list[tuple[float, float]], list[tuple[int, int]]]:
    """Return sizes and edges of a small DAG in topological order."""
    nodes = draw(st.integers(1, 10))
    pairs = list(combinations(range(nodes), 2))
    edges = draw(st.lists(st.sampled_from(pairs), unique=True)) if pairs else []
    side = st.floats(5, 80)
    return draw(st.lists(st.tuples(side, side), min_size=nodes, max_size=nodes)), sorted(edges)


def lay_out(sizes: list[tuple[float, float]], edges: list[tuple[int, int]]) -> Layout:
    layers = longest_path_layers(len(sizes), edges)
    return layered_layout(sizes, edges, layers, layer_gap=20.0, node_gap=GAP)


def test_layer_is_the_longest_way_from_a_source() -> None:
    assert longest_path_layers(5, [(0, 1), (1, 2), (0, 2), (2, 4), (3, 4)]) == [0, 1, 2, 0, 3]


@settings(max_examples=40)
@given(graphs())
def test_nodes_keep_their_distance_and_stay_inside(
    graph: tuple[list[tuple[float, float]], list[tuple[int, int]]],
) -> None:
    sizes, edges = graph
    layout = lay_out(sizes, edges)
    for a, b in combinations(range(len(sizes)), 2):
        apart = np.abs(np.subtract(layout.centers[a], layout.centers[b]))
        needed = np.add(sizes[a], sizes[b]) / 2 + GAP
        assert (apart >= needed - 1e-6).any()
    for (x, y), (width, height) in zip(layout.centers, sizes, strict=True):
        assert x - width / 2 >= -1e-6
        assert x + width / 2 <= layout.width + 1e-6
        assert y - height / 2 >= -1e-6
        assert y + height / 2 <= layout.height + 1e-6


@settings(max_examples=40)
@given(graphs())
def test_edges_run_forward_past_all_other_nodes(
    graph: tuple[list[tuple[float, float]], list[tuple[int, int]]],
) -> None:
    sizes, edges = graph
    layout = lay_out(sizes, edges)
    for edge, route in zip(edges, layout.routes, strict=True):
        stops = [x for start, end in route for x in (start[0], end[0])]
        assert np.diff(stops).min() >= -1e-9
        assert route[0][0][1] == layout.centers[edge[0]][1]
        assert route[-1][1][1] == layout.centers[edge[1]][1]
        for node in set(range(len(sizes))) - set(edge):
            (x, y), (width, height) = layout.centers[node], sizes[node]
            for start, end in route:
                beside = end[0] <= x - width / 2 + 1e-6 or start[0] >= x + width / 2 - 1e-6
                assert beside or abs(start[1] - y) >= height / 2 - 1e-6


def test_edges_that_need_not_cross_do_not() -> None:
    # Two chains whose nodes stand in alternating order.
    edges = [(0, 3), (1, 2), (3, 4), (2, 5)]
    layout = lay_out([(10, 10)] * 6, edges)
    upper = [layout.centers[node][1] for node in (0, 3, 4)]
    lower = [layout.centers[node][1] for node in (1, 2, 5)]
    assert np.ptp(upper) == pytest.approx(0, abs=0.01)
    assert np.ptp(lower) == pytest.approx(0, abs=0.01)


def test_same_graph_gives_the_same_layout() -> None:
    edges = [(0, 1), (0, 2), (1, 3), (2, 3), (0, 3)]
    assert lay_out([(30, 10)] * 4, edges) == lay_out([(30, 10)] * 4, edges)


def test_turned_layout_runs_downward() -> None:
    layout = lay_out([(30, 10)] * 3, [(0, 1), (1, 2)]).turned()
    assert [x for x, _ in layout.centers] == [5, 5, 5]
    assert [y for _, y in layout.centers] == [15, 65, 115]
    assert (layout.width, layout.height) == (10, 130)
