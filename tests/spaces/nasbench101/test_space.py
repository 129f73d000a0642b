"""The NAS-Bench-101 space against the published table and an own reading of its definitions."""

import hashlib
import json
from itertools import permutations

import numpy as np
import pytest
import torch
from torch import nn

import ctnas
from ctnas.architecture import GraphBatch
from ctnas.errors import ArchitectureError, SpaceError
from ctnas.spaces import NasBench101Space
from ctnas.testing import check_space

SPACE = NasBench101Space()
CONV3, CONV1, POOL = "conv3x3-bn-relu", "conv1x1-bn-relu", "maxpool3x3"


@pytest.fixture(scope="module")
def everything():
    return SPACE.enumerate()


def _arbitrary(count, seed):
    generator = np.random.default_rng(seed)
    shape = (count, len(SPACE.decisions))
    return SPACE.batch(generator.integers(0, SPACE.choices, size=shape, dtype=np.int16))


def _published_hash(matrix, operations):
    """The hash as the benchmark's authors define it, in their terms."""
    labels = [{"input": -1, "output": -2, CONV3: 0, CONV1: 1, POOL: 2}[name] for name in operations]
    vertices = len(labels)
    degrees = zip(matrix.sum(axis=1).tolist(), matrix.sum(axis=0).tolist(), labels, strict=True)
    hashes = [hashlib.md5(str(vertex).encode()).hexdigest() for vertex in degrees]
    for _ in range(vertices):
        hashes = [
            hashlib.md5(
                (
                    "".join(sorted(hashes[w] for w in range(vertices) if matrix[w, v]))
                    + "|"
                    + "".join(sorted(hashes[w] for w in range(vertices) if matrix[v, w]))
                    + "|"
                    + hashes[v]
                ).encode()
            ).hexdigest()
            for v in range(vertices)
        ]
    return hashlib.md5(str(sorted(hashes)).encode()).hexdigest()


def test_space_keeps_every_invariant():
    check_space(SPACE)


def test_enumeration_is_the_published_table(everything, published_data):
    table = np.load(published_data("nasbench101.npz"))
    hashes = np.frombuffer(bytes.fromhex("".join(SPACE.hashes(everything))), dtype=np.uint8)
    assert len(everything) == SPACE.size == 423_624
    assert np.array_equal(hashes.reshape(-1, 16), table["hash"])


def test_published_cells_have_their_published_hashes(published_data):
    table = np.load(published_data("nasbench101.npz"))
    vertices = table["num_vertices"].astype(np.int64)
    operations = np.zeros((len(vertices), 7), dtype=np.int64)
    operations[:, 1:6] = table["operations"] + 3
    operations[np.arange(7) >= vertices[:, None] - 1] = 0
    operations[np.arange(len(vertices)), vertices - 1] = 2
    operations[:, 0] = 1
    batch = SPACE.from_graphs(GraphBatch(table["adjacency"].astype(np.uint8), operations))
    assert SPACE.hashes(batch[::20]) == [row.tobytes().hex() for row in table["hash"][::20]]


def test_parameters_are_those_of_the_published_table(everything, published_data):
    published = np.load(published_data("nasbench101.npz"))["trainable_parameters"]
    assert np.array_equal(SPACE.costs(everything).parameters, published)


def test_official_records_have_the_hash_and_parameters_of_their_cells(published_data):
    records = json.loads(published_data("nasbench101_official_records.json").read_text())
    batch = ctnas.ArchitectureBatch.concatenate(
        [SPACE.from_matrix(r["module_adjacency"], r["module_operations"]) for r in records]
    )
    assert SPACE.hashes(batch) == [record["module_hash"] for record in records]
    published = [record["trainable_parameters"] for record in records]
    assert SPACE.costs(batch).parameters.tolist() == published


def test_hashes_agree_with_the_definition():
    batch = _arbitrary(300, seed=1)
    expected = [_published_hash(*cell) for cell in SPACE.to_matrix(batch)]
    assert SPACE.hashes(batch) == expected


def test_isomorphic_cells_are_one_architecture():
    (matrix, operations), *_ = SPACE.to_matrix(SPACE.sample(1, seed=2))
    last = len(operations) - 1
    renamed = []
    for interior in permutations(range(1, last)):
        order = [0, *interior, last]
        permuted = matrix[np.ix_(order, order)]
        if not np.tril(permuted).any():
            renamed.append(SPACE.from_matrix(permuted, [operations[v] for v in order]))
    batch = ctnas.ArchitectureBatch.concatenate(renamed)
    assert len(set(SPACE.hashes(batch))) == 1
    assert SPACE.is_distinct(batch).sum() == 1


def test_text_of_every_cell_round_trips(everything):
    chosen = everything[::50]
    assert SPACE.parse(SPACE.format(chosen)) == chosen


def test_sampling_is_uniform_over_cells_that_are_not_isomorphic(everything):
    batch = SPACE.sample(20_000, seed=3)
    assert SPACE.is_distinct(batch).all()
    sizes = np.count_nonzero(SPACE.graphs(batch).operations, axis=1)
    # 359,082 of the cells have seven vertices; standard deviation of the share is 0.0025.
    assert (
        np.count_nonzero(SPACE.graphs(everything).operations, axis=1).tolist().count(7) == 359_082
    )
    assert abs((sizes == 7).mean() - 359_082 / 423_624) < 0.012


def test_more_cells_than_there_are_cannot_be_drawn():
    with pytest.raises(SpaceError, match="423,624"):
        SPACE.sample(423_625, seed=0)


def test_example_of_the_class_is_the_cell_it_shows():
    text = "1100.010.01.1 input|conv3x3-bn-relu|maxpool3x3|conv1x1-bn-relu|output"
    matrix = [[0, 1, 1, 0, 0], [0, 0, 0, 1, 0], [0, 0, 0, 0, 1], [0, 0, 0, 0, 1], [0] * 5]
    batch = SPACE.from_matrix(matrix, ["input", CONV3, POOL, CONV1, "output"])
    assert SPACE.format(batch) == [text]
    assert SPACE.parse([text]) == batch
    ((again, operations),) = SPACE.to_matrix(batch)
    assert again.tolist() == matrix
    assert operations == ["input", CONV3, POOL, CONV1, "output"]


def test_dead_vertices_are_pruned_before_limits_hold():
    # Eight vertices, of which the second leads nowhere.
    matrix = np.zeros((8, 8), dtype=int)
    matrix[0, 1] = 1
    matrix[0, 2] = 1
    for v in range(2, 7):
        matrix[v, v + 1] = 1
    batch = SPACE.from_matrix(matrix, ["input", POOL, *[CONV3] * 5, "output"])
    assert SPACE.format(batch) == ["100000.10000.1000.100.10.1 input|" + f"{CONV3}|" * 5 + "output"]
    written = "1000000.00000.0000.000.00.0".replace("1000000", "110000")
    written = f"{written} input|{POOL}|{CONV1}|{CONV1}|{CONV1}|{CONV1}|output"
    with pytest.raises(ArchitectureError, match="not connected"):
        SPACE.parse([written])
    dead = SPACE.parse([f"110.00.1 input|{POOL}|{CONV1}|output"])
    assert SPACE.format(dead) == [f"10.1 input|{CONV1}|output"]


@pytest.mark.parametrize(
    ("matrix", "operations", "complaint"),
    [
        ([[0, 1], [1, 0]], ["input", "output"], "edge from vertex 1 to 0 does not lead forward"),
        ([[0, 1], [0, 1]], ["input", "output"], "edge from vertex 1 to 1 does not lead forward"),
        (np.triu(np.ones((5, 5)), 1), ["input", *[CONV3] * 3, "output"], "9 edges, not 10"),
        (np.eye(8, k=1), ["input", *[CONV3] * 6, "output"], "at most 7 vertices, not 8"),
        (np.eye(3, k=1), ["input", "conv5x5", "output"], "unknown operation 'conv5x5'; allowed"),
        (np.eye(3, k=1), ["input", CONV3, CONV3], "end with 'output'"),
        (np.eye(3, k=1), ["input", "output"], "3 vertices need as many operations, not 2"),
        ([[0, 1, 0], [0, 0, 0], [0, 0, 0]], ["input", POOL, "output"], "input is not connected"),
        (np.eye(3, k=1)[:2], ["input", POOL, "output"], r"square, not of shape (2, 3)"),
        ([[0, 2], [0, 0]], ["input", "output"], "holds 0 and 1"),
    ],
)
def test_matrix_that_is_no_cell_is_refused_with_the_rule(matrix, operations, complaint):
    with pytest.raises(ArchitectureError) as raised:
        SPACE.from_matrix(matrix, operations)
    assert complaint in str(raised.value)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "a cell is written"),
        ("1 input|output more", "a cell is written"),
        (f"10.10 input|{POOL}|output", "rows of falling length"),
        (f"12.1 input|{POOL}|output", "rows of falling length"),
        ("10.1 input|pool|output", "unknown operation 'pool'"),
        (f"10.1 input|{POOL}|{POOL}|output", "3 vertices need as many operations, not 4"),
        (f"111.11.1 input|{POOL}|output", "4 vertices need as many operations, not 3"),
    ],
)
def test_text_that_is_no_cell_is_refused_with_its_row(text, complaint):
    with pytest.raises(ArchitectureError, match=r"^row 2: ") as raised:
        SPACE.parse(["1 input|output", text])
    assert complaint in str(raised.value)


def test_graph_that_is_no_cell_is_refused_with_its_row():
    graphs = SPACE.graphs(SPACE.sample(3, seed=0))
    graphs.adjacency[1, 0] = 0
    with pytest.raises(ArchitectureError, match=r"row 1: a vertex lies on no path"):
        SPACE.from_graphs(graphs)


def _cell(**choices):
    """Return the text of a row: decisions by name, the first choice where none is named."""
    row = [
        decision.choices.index(choices.get(decision.name.replace(".", "_"), decision.choices[0]))
        for decision in SPACE.decisions
    ]
    return SPACE.format(SPACE.batch(np.array([row], dtype=np.int16)))[0]


def test_row_without_operations_joins_input_and_output():
    assert _cell() == "1 input|output"


def test_vertex_without_operation_hands_on_its_predecessor():
    text = _cell(
        vertex1_operation=CONV3,
        vertex2_predecessor="vertex1",
        vertex3_operation=POOL,
        vertex3_predecessor="vertex2",
        output_predecessor="vertex3",
    )
    assert text == f"100.10.1 input|{CONV3}|{POOL}|output"


def test_vertex_that_feeds_nothing_feeds_the_output():
    text = _cell(vertex1_operation=CONV3, vertex2_operation=POOL)
    assert text == f"111.01.1 input|{CONV3}|{POOL}|output"


def test_further_edges_join_vertices_that_exist():
    text = _cell(
        vertex1_operation=CONV3,
        vertex2_operation=POOL,
        edge2="vertex1-vertex2",
        edge3="input-vertex3",
    )
    assert text == f"111.10.1 input|{CONV3}|{POOL}|output"


def test_last_further_edges_give_way_to_the_limit_of_nine_edges():
    chain = {f"vertex{v}_operation": CONV1 for v in range(1, 6)}
    chain |= {f"vertex{v}_predecessor": f"vertex{v - 1}" for v in range(2, 6)}
    chain["output_predecessor"] = "vertex5"
    further = ["input-vertex2", "input-vertex3", "input-vertex4", "input-vertex5", "input-output"]
    text = _cell(**chain, **{f"edge{k}": edge for k, edge in enumerate(further, start=1)})
    assert text.split()[0] == "111100.10000.1000.100.10.1"


def test_last_vertices_that_feed_nothing_give_way_to_the_limit_of_nine_edges():
    # Five vertices side by side and the direct edge are eleven edges, four are nine.
    star = {f"vertex{v}_operation": CONV1 for v in range(1, 6)}
    assert _cell(**star).split()[0] == "11111.0001.001.01.1"
    # Five vertices side by side are ten edges.
    assert _cell(**star, output_predecessor="vertex5").split()[0] == "11110.0001.001.01.1"


def test_every_cell_can_be_written_as_a_row_of_decisions(everything):
    assert np.array_equal(
        SPACE.from_graphs(SPACE.graphs(everything)).decisions, everything.decisions
    )


def _conv(c_in, c_out, kernel):
    convolution = nn.Conv2d(c_in, c_out, kernel, padding=kernel // 2, bias=False)
    return nn.Sequential(convolution, nn.BatchNorm2d(c_out), nn.ReLU())


class _Cell(nn.Module):
    """A cell as the benchmark builds it: the input is projected, other inputs are truncated."""

    def __init__(self, matrix, operations, c_in, c_out):
        super().__init__()
        self.matrix, self.last = matrix, len(operations) - 1
        self.channels = self._channels(c_in, c_out)
        self.projections, self.operations = nn.ModuleDict(), nn.ModuleDict()
        for v in range(1, self.last + 1):
            c = self.channels[v]
            if matrix[0, v]:
                self.projections[str(v)] = _conv(c_in, c, 1)
            if v < self.last:
                self.operations[str(v)] = {
                    CONV3: lambda c=c: _conv(c, c, 3),
                    CONV1: lambda c=c: _conv(c, c, 1),
                    POOL: lambda: nn.MaxPool2d(3, 1, 1),
                }[operations[v]]()

    def _channels(self, c_in, c_out):
        channels = [c_in, *[0] * (self.last - 1), c_out]
        feeding = [v for v in range(1, self.last) if self.matrix[v, self.last]]
        for rank, v in enumerate(feeding):
            channels[v] = c_out // len(feeding) + (rank < c_out % len(feeding))
        for v in range(self.last - 1, 0, -1):
            if v not in feeding:
                channels[v] = max(channels[w] for w in range(v + 1, self.last) if self.matrix[v, w])
        return channels

    def forward(self, x):
        values = [x]
        for v in range(1, self.last):
            terms = [values[w][:, : self.channels[v]] for w in range(1, v) if self.matrix[w, v]]
            if self.matrix[0, v]:
                terms.append(self.projections[str(v)](x))
            values.append(self.operations[str(v)](sum(terms)))
        parts = [values[v] for v in range(1, self.last) if self.matrix[v, self.last]]
        outputs = [torch.cat(parts, dim=1)] if parts else []
        if self.matrix[0, self.last]:
            outputs.append(self.projections[str(self.last)](x))
        return sum(outputs)


def _network(matrix, operations):
    layers, c_in = [_conv(3, 128, 3)], 128
    for stack, c in enumerate((128, 256, 512)):
        if stack:
            layers.append(nn.MaxPool2d(2))
        for _ in range(3):
            layers.append(_Cell(matrix, operations, c_in, c))
            c_in = c
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(512, 10))


def test_costs_are_those_of_the_networks_that_are_built():
    batch = SPACE.batch(
        np.concatenate([SPACE.sample(3, seed=5).decisions, _arbitrary(5, seed=5).decisions])
    )
    costs = SPACE.costs(batch)
    for row, cell in enumerate(SPACE.to_matrix(batch)):
        with torch.device("meta"):
            network = _network(*cell).eval()
            madds = 0

            def count(module, _, output):
                nonlocal madds
                madds += module.weight[0].numel() * output[0].numel()

            for module in network.modules():
                if isinstance(module, nn.Conv2d | nn.Linear):
                    module.register_forward_hook(count)
            network(torch.zeros(1, 3, 32, 32))
        assert costs.madds[row] == madds
        assert costs.parameters[row] == sum(p.numel() for p in network.parameters())


def test_space_is_found_by_name():
    assert isinstance(ctnas.get_space("nasbench101"), NasBench101Space)
