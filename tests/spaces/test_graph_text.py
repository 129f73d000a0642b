import numpy as np
import pytest

from ctnas.errors import SpaceError
from ctnas.spaces import GraphSpace, get_space
from ctnas.spaces.graph_text import graph_texts


def test_cells_of_nasbench101_are_written_as_their_space_writes_them() -> None:
    space = get_space("nasbench101")
    batch = space.sample(200, seed=0)
    assert graph_texts(space, batch) == space.format(batch)


@pytest.mark.parametrize("name", ["nasbench201", "darts"])
def test_a_text_holds_the_whole_graph(name: str) -> None:
    space = get_space(name)
    batch = space.sample(50, seed=0)
    graphs = space.graphs(batch)
    for row, text in enumerate(graph_texts(space, batch)):
        triangle, operations = text.split(" ")
        ids = [space.vocabulary.index(operation) for operation in operations.split("|")]
        count = len(ids)
        assert graphs.operations[row].tolist() == ids + [0] * (space.nodes - count)
        edges = np.zeros((space.nodes, space.nodes), np.uint8)
        edges[np.triu_indices(count, 1)] = [int(bit) for bit in triangle.replace(".", "")]
        np.testing.assert_array_equal(graphs.adjacency[row], edges)


def test_a_name_that_could_not_be_read_again_is_refused() -> None:
    space = GraphSpace(
        "odd",
        {"first": ["a|b", "c"]},
        lambda c: (["input", c["first"], "output"], [(0, 1), (1, 2)]),
    )
    with pytest.raises(SpaceError, match=r"operation 'a\|b' of space 'odd' has '\|' in its name"):
        graph_texts(space, space.enumerate())
