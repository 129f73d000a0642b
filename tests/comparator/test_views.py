"""Graphs with and without identities."""

from itertools import permutations

import numpy as np

from ctnas.architecture import OUTPUT, PADDING, GraphBatch
from ctnas.comparator.views import graph_views
from ctnas.spaces import NasBench201Space, SearchSpace, get_space

EDGES = ((0, 1), (0, 2), (1, 2), (0, 3), (1, 3), (2, 3))
NONE, SKIP = 0, 1

Value = tuple[tuple[str, object], ...]


def computed(decisions: tuple[int, ...]) -> Value:
    """Evaluate a cell of NAS-Bench-201: a node is the sum of what its operations return."""
    values: list[Value] = [(("x", None),)]
    for node in (1, 2, 3):
        terms: list[tuple[str, object]] = []
        for (source, target), choice in zip(EDGES, decisions, strict=True):
            if target != node or choice == NONE or not values[source]:
                continue
            terms += values[source] if choice == SKIP else [(f"op{choice}", values[source])]
        values.append(tuple(sorted(terms, key=repr)))
    return values[-1]


def pairs_that_differ_in_where_an_identity_stands() -> list[tuple[tuple[int, ...], ...]]:
    """Return cells and what they are with an identity and an operation exchanged."""
    space = get_space("nasbench201")
    pairs = set()
    for row in space.sample(250, seed=0).decisions.tolist():
        for identity, operation in permutations(range(len(EDGES)), 2):
            if row[identity] != SKIP or row[operation] <= SKIP:
                continue
            other = list(row)
            other[identity], other[operation] = other[operation], other[identity]
            value = computed(tuple(row))
            if value and value == computed(tuple(other)):
                pairs.add((tuple(row), tuple(other)))
    return sorted(pairs)


def whatever_the_order(graphs: GraphBatch, row: int) -> tuple[bytes, bytes]:
    """Return the same for graphs that differ in the order of their nodes only."""
    operations, adjacency = graphs.operations[row], graphs.adjacency[row]
    count = int((operations != PADDING).sum())
    assert operations[count - 1] == OUTPUT
    orders = [[0, *inner, count - 1] for inner in permutations(range(1, count - 1))]
    return min((operations[o].tobytes(), adjacency[np.ix_(o, o)].tobytes()) for o in orders)


def test_a_space_without_identities_has_one_view() -> None:
    space = get_space("mobilenetv3")
    batch = space.sample(20, seed=0)
    (view,) = graph_views(space, batch)
    np.testing.assert_array_equal(view.adjacency, space.graphs(batch).adjacency)
    np.testing.assert_array_equal(view.operations, space.graphs(batch).operations)


def test_the_first_view_shows_identities_and_the_second_does_not(space: SearchSpace) -> None:
    batch = space.sample(100, seed=0)
    first, second = graph_views(space, batch)
    np.testing.assert_array_equal(first.adjacency, space.graphs(batch).adjacency)
    np.testing.assert_array_equal(first.operations, space.graphs(batch).operations)
    identity = space.vocabulary.index("skip_connect")
    assert (first.operations == identity).any()
    assert not (second.operations == identity).any()


def test_all_identities_of_a_space_are_taken_out() -> None:
    class TwoIdentities(NasBench201Space):
        identities = ("skip_connect", "avg_pool_3x3")

    space = TwoIdentities()
    _, second = graph_views(space, space.sample(200, seed=0))
    convolutions = [space.vocabulary.index(f"nor_conv_{size}x{size}") for size in (1, 3)]
    assert set(np.unique(second.operations)) == {0, 1, 2, *convolutions}


def test_an_identity_before_an_operation_looks_like_one_behind_it(space: SearchSpace) -> None:
    texts = [
        "|skip_connect~0|+|none~0|none~1|+|none~0|nor_conv_3x3~1|none~2|",
        "|nor_conv_3x3~0|+|none~0|none~1|+|none~0|skip_connect~1|none~2|",
    ]
    first, second = graph_views(space, space.parse(texts))
    assert first.operations[0].tolist() != first.operations[1].tolist()
    convolution = space.vocabulary.index("nor_conv_3x3")
    assert second.operations.tolist() == [[1, convolution, 2, *[PADDING] * 5]] * 2
    assert [np.argwhere(edges).tolist() for edges in second.adjacency] == [[[0, 1], [1, 2]]] * 2


def test_cells_that_compute_the_same_have_the_same_second_view(space: SearchSpace) -> None:
    pairs = pairs_that_differ_in_where_an_identity_stands()
    assert len(pairs) > 50
    rows = np.array(pairs, dtype=np.int16)
    (first, second), (other_first, other_second) = (
        graph_views(space, space.batch(rows[:, side])) for side in (0, 1)
    )
    told_apart = 0
    for row in range(len(pairs)):
        assert whatever_the_order(second, row) == whatever_the_order(other_second, row)
        told_apart += whatever_the_order(first, row) != whatever_the_order(other_first, row)
    assert told_apart > 25
