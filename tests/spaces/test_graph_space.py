"""Search spaces of one's own: by a function, and declared in a file."""

import pickle

import numpy as np
import pytest

import ctnas
from ctnas.errors import ArchitectureError, InputFileError, SpaceError
from ctnas.testing import check_space

OPERATIONS = ["conv3x3", "conv1x1", "none"]
DECISIONS = {"first": OPERATIONS, "second": OPERATIONS, "shortcut": ["yes", "no"]}
CHAIN = """
name = "chain"
nodes = [
    { name = "in", operation = "input" },
    { name = "a", operation = "first" },
    { name = "b", operation = "second" },
    { name = "out", operation = "output" },
]
edges = [
    { from = "in", to = "a" },
    { from = "a", to = "b" },
    { from = "b", to = "out" },
    { from = "in", to = "out", when = { shortcut = "yes" } },
]
[decisions]
first = ["conv3x3", "conv1x1", "none"]
second = ["conv3x3", "conv1x1", "none"]
shortcut = ["yes", "no"]
"""


def wire_chain(choice):
    edges = [(0, 1), (1, 2), (2, 3)]
    if choice["shortcut"] == "yes":
        edges.append((0, 3))
    return ["input", choice["first"], choice["second"], "output"], edges


@pytest.fixture
def chain():
    return ctnas.GraphSpace("chain", DECISIONS, wire_chain)


@pytest.fixture
def toml(tmp_path):
    def write(text):
        path = tmp_path / "space.toml"
        path.write_text(text)
        return path

    return write


def test_space_of_a_function_keeps_every_invariant(chain):
    check_space(chain)


def test_declared_space_keeps_every_invariant(toml):
    check_space(ctnas.GraphSpace.from_toml(toml(CHAIN)))


def test_declared_space_equals_the_space_of_the_same_function(chain, toml):
    declared = ctnas.GraphSpace.from_toml(toml(CHAIN))
    assert (declared.name, declared.decisions) == (chain.name, chain.decisions)
    assert (declared.vocabulary, declared.nodes) == (chain.vocabulary, chain.nodes)
    batch = chain.enumerate()
    ours, theirs = chain.graphs(batch), declared.graphs(batch)
    assert np.array_equal(ours.adjacency, theirs.adjacency)
    assert np.array_equal(ours.operations, theirs.operations)
    assert chain.format(batch) == declared.format(batch)


def test_decisions_are_parsed_in_any_order(chain):
    texts = ["first=none,second=conv1x1,shortcut=no", "shortcut=no , second=conv1x1,first=none"]
    batch = chain.parse(texts)
    assert batch.decisions.tolist() == [[2, 1, 1]] * 2
    assert chain.format(batch) == [texts[0]] * 2


def test_none_is_no_node(chain):
    graphs = chain.graphs(chain.parse(["first=none,second=conv1x1,shortcut=yes"]))
    assert graphs.operations.tolist() == [[1, 2, 0, 0]]
    assert np.argwhere(graphs.adjacency[0]).tolist() == [[0, 1]]


def test_function_is_called_once_for_an_architecture():
    calls = []

    def wire(choice):
        calls.append(dict(choice))
        return wire_chain(choice)

    space = ctnas.GraphSpace("chain", DECISIONS, wire, vocabulary=OPERATIONS, nodes=4)
    assert not calls
    for _ in range(3):
        space.graphs(space.enumerate())
    assert len(calls) == space.size == 18


def test_space_of_a_module_function_can_be_sent_to_another_process():
    # A class of one's own is found again under its name, as Ray and multiprocessing need it.
    space = ctnas.GraphSpace("chain", {"op": OPERATIONS}, _single)
    again = pickle.loads(pickle.dumps(space))
    assert again.parse(["op=none"]) == space.parse(["op=none"])


def _single(choice):
    return ["input", choice["op"], "output"], [(0, 1), (1, 2)]


def test_vocabulary_of_a_large_space_is_collected_from_every_choice():
    decisions = {f"op{k}": [f"kind{k}_{i}" for i in range(9)] for k in range(8)}

    def wire(choice):
        nodes = ["input", *choice.values(), "output"]
        return nodes, [(i, i + 1) for i in range(9)]

    space = ctnas.GraphSpace("large", decisions, wire)
    assert len(space.vocabulary) == 3 + 72
    check_space(space)


def test_graphs_of_more_than_256_operations_are_told_apart():
    operations = [f"op{number}" for number in range(300)]
    space = ctnas.GraphSpace(
        "wide",
        {"only": operations},
        lambda choice: (["input", choice["only"], "output"], [(0, 1), (1, 2)]),
    )
    assert space.is_distinct(space.enumerate()).all()


def test_operation_outside_of_a_given_vocabulary_is_refused_with_the_architecture():
    space = ctnas.GraphSpace("chain", DECISIONS, wire_chain, vocabulary=["conv3x3"], nodes=4)
    with pytest.raises(SpaceError, match=r"second=conv1x1.*'conv1x1' is not in the voc"):
        space.graphs(space.enumerate())


def test_more_nodes_than_given_are_refused_with_the_architecture():
    space = ctnas.GraphSpace("chain", DECISIONS, wire_chain, nodes=3)
    with pytest.raises(SpaceError, match=r"4 nodes are more than 3; give the space nodes=4"):
        space.graphs(space.enumerate())


@pytest.mark.parametrize(
    ("returned", "complaint"),
    [
        ((["input", "output"], [(1, 0)]), r"edge \(1, 0\) does not lead forward"),
        ((["input", "output"], [(0, 2)]), r"edge \(0, 2\) does not lead forward"),
        ((["input", "output", "output"], []), "exactly one 'output'"),
        ((["conv", "output"], []), "needs an 'input'"),
        (None, "wire failed with TypeError"),
    ],
)
def test_function_that_returns_no_graph_is_refused_with_the_architecture(returned, complaint):
    with pytest.raises(SpaceError, match=rf"space 'bad', architecture op=conv3x3: .*{complaint}"):
        ctnas.GraphSpace("bad", {"op": OPERATIONS}, lambda _: returned)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("first=none,second=none", "decision 'shortcut' is missing"),
        ("first=none,second=none,shortcut=maybe", "'shortcut' has no choice 'maybe'; allowed"),
        ("first=none,third=none", "'third=none' is no decision=choice; decisions are first"),
        ("first=none,first=none", "decision 'first' is made twice"),
    ],
)
def test_text_that_is_no_architecture_is_refused_with_its_row(chain, text, complaint):
    with pytest.raises(ArchitectureError, match=rf"row 1: .*{complaint}"):
        chain.parse([text])


@pytest.mark.parametrize(
    ("decisions", "complaint"),
    [
        ({}, "no decisions"),
        ({"op": "conv"}, "decision 'op' needs a list of choices, not 'conv'"),
        ({"op": ["a", "a"]}, "decision 'op' has a choice twice"),
        ({"op": ["a,b"]}, "decision 'op': 'a,b' must be text without"),
        ({"o=p": ["a"]}, "'o=p' must be text without"),
        ({"op": [3, "a"]}, "decision 'op': choices must be all names or all finite numbers; 'a'"),
    ],
)
def test_decisions_that_cannot_be_written_are_refused(decisions, complaint):
    with pytest.raises(SpaceError, match=complaint):
        ctnas.GraphSpace("bad", decisions, wire_chain)


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ('name = "chain"', "name = chain", r"not TOML: .*line 2"),
        ('name = "chain"', "", "a space has name, decisions, nodes, edges"),
        ('to = "a"', 'to = "c"', "edge from 'in' to 'c': no node 'c'; nodes are in, a, b, out"),
        ('from = "a", to = "b"', 'from = "b", to = "a"', "edge from 'b' to 'a': .*forward"),
        ('shortcut = "yes"', 'shortcut = "oui"', "'shortcut' has no choice 'oui'; allowed are yes"),
        ('shortcut = "yes"', 'cut = "yes"', "from 'in' to 'out': no decision 'cut'"),
        (', when = { shortcut = "yes" }', "", "'shortcut' is used by no node and no edge"),
        ('operation = "output"', 'operation = "conv"', "exactly one 'output'"),
        ('{ name = "b", operation = "second" }', '{ name = "b" }', "node 3 must have a name and"),
        ('from = "b", ', "", "edge 3 must have from, to"),
        ('["yes", "no"]', '"yes"', "decision 'shortcut' must be a list of names"),
        ('first = ["conv3x3"', 'first = ["output"', "node 'a': 'output' cannot be the choice"),
        ('name = "b"', 'name = "a"', "two nodes have the same name"),
        ("nodes = [", 'identities = "conv3x3"\nnodes = [', "list of operations, not 'conv3x3'"),
        ("nodes = [", 'identities = ["conv3x3", 1]\nnodes = [', "operations, not .'conv3x3', 1]"),
        ("nodes = [", 'identities = ["skip"]\nnodes = [', "no operation 'skip' .*conv1x1, conv3x3"),
        (
            "nodes = [",
            'identity = ["conv3x3"]\nnodes = [',
            "at most active, identities, text, .*, costs, not .*identity,",
        ),
    ],
)
def test_file_that_declares_no_space_is_refused_with_the_entry(toml, old, new, complaint):
    assert old in CHAIN
    path = toml(CHAIN.replace(old, new, 1))
    with pytest.raises(SpaceError, match=complaint) as raised:
        ctnas.GraphSpace.from_toml(path)
    assert str(raised.value).startswith(f"{path}: ")


def test_edge_may_depend_on_several_choices_of_several_decisions(toml):
    when = 'when = { shortcut = "yes", first = ["none", "conv1x1"] }'
    space = ctnas.GraphSpace.from_toml(toml(CHAIN.replace('when = { shortcut = "yes" }', when)))
    batch = space.parse([f"first={op},second=conv1x1,shortcut=yes" for op in OPERATIONS])
    graphs = space.graphs(batch)
    outputs = [row.tolist().index(2) for row in graphs.operations]
    direct = [int(graphs.adjacency[row, 0, out]) for row, out in enumerate(outputs)]
    assert direct == [0, 1, 1]


def test_missing_file_is_named(tmp_path):
    with pytest.raises(InputFileError, match=r"absent\.toml: cannot be read"):
        ctnas.GraphSpace.from_toml(tmp_path / "absent.toml")


def chosen_from(operations, **options):
    return ctnas.GraphSpace("choice", {"op": operations}, _single, **options)


@pytest.mark.parametrize("name", ["identity", "skip", "skip_connect"])
def test_operations_with_the_usual_names_pass_on_what_they_get(name):
    space = chosen_from(["conv", name, "none"])
    assert space.identities == (name,)
    check_space(space)


def test_operations_that_are_no_identities_by_name_are_none():
    assert chosen_from(["conv", "skip_conv", "none"]).identities == ()


@pytest.mark.parametrize("given", [["pool"], ["pool", "skip"], []])
def test_identities_that_are_given_are_taken_instead_of_the_usual_names(given):
    space = chosen_from(["conv", "skip", "pool"], identities=given)
    assert space.identities == tuple(given)
    check_space(space)


@pytest.mark.parametrize("name", ["copy", "none", "input", "output", "padding"])
def test_identity_that_is_no_operation_is_refused_with_those_there_are(name):
    complaint = rf"space 'choice' has no operation '{name}' .*operations are conv, skip$"
    with pytest.raises(SpaceError, match=complaint):
        chosen_from(["conv", "skip", "none"], identities=["skip", name])


@pytest.mark.parametrize(
    ("line", "identities"),
    [
        ("", ()),
        ('identities = ["conv1x1"]', ("conv1x1",)),
        ('identities = ["conv3x3", "conv1x1"]', ("conv3x3", "conv1x1")),
        ("identities = []", ()),
    ],
)
def test_file_may_name_identities(toml, line, identities):
    space = ctnas.GraphSpace.from_toml(toml(f"{line}\n{CHAIN}"))
    assert space.identities == identities
    check_space(space)


def test_file_without_identities_has_those_with_the_usual_names(toml):
    text = CHAIN.replace("conv1x1", "skip_connect")
    assert ctnas.GraphSpace.from_toml(toml(text)).identities == ("skip_connect",)
    none = ctnas.GraphSpace.from_toml(toml(f"identities = []\n{text}"))
    assert none.identities == ()


def test_a_function_gets_numbers_as_numbers():
    def wire(choice):
        layers = [f"conv.{choice['width'] * 2}"] * choice["depth"]
        return ["input", *layers, "output"], [(i, i + 1) for i in range(len(layers) + 1)]

    space = ctnas.GraphSpace("numbers", {"width": [16, 24], "depth": [1, 3]}, wire)
    check_space(space)
    assert space.vocabulary[3:] == ("conv.32", "conv.48")
    assert space.parse(["width=24,depth=3"]).decisions.tolist() == [[1, 1]]


def test_decisions_of_a_graph_space_may_be_inactive():
    def wire(choice):
        middle = [choice["first"], *([choice["second"]] if choice["depth"] == 2 else [])]
        return ["input", *middle, "output"], [(i, i + 1) for i in range(len(middle) + 1)]

    decisions = {"depth": [1, 2], "first": ["a", "b"], "second": ["a", "b"]}
    space = ctnas.GraphSpace("chain", decisions, wire, active={"second": {"depth": 2}})
    check_space(space)
    assert space.size == 2 + 4


@pytest.mark.parametrize("given", [None, ["padding", "conv"]])
def test_an_operation_called_padding_is_refused_before_a_node_vanishes(given):
    def wire(choice):
        return ["input", choice["first"], "output"], [(0, 1), (1, 2)]

    with pytest.raises(SpaceError, match="'padding' cannot be the name of an operation"):
        ctnas.GraphSpace("mine", {"first": ["conv", "padding"]}, wire, vocabulary=given)


def test_a_choice_called_padding_that_is_no_operation_is_taken():
    def wire(choice):
        name = "conv_padded" if choice["border"] == "padding" else "conv"
        return ["input", name, "output"], [(0, 1), (1, 2)]

    space = ctnas.GraphSpace("mine", {"border": ["crop", "padding"]}, wire)
    assert len(set(map(bytes, space.graphs(space.enumerate()).operations))) == 2


NUMBERS = """
name = "numbers"
nodes = [
    { name = "in", operation = "input" },
    { name = "a", operation = { op = "op", width = "width", stride = 2 } },
    { name = "b", operation = "width", when = { depth = 2 }, otherwise = "bypass" },
    { name = "c", operation = "pool", when = { depth = 2 } },
    { name = "out", operation = "output" },
]
edges = [
    { from = "in", to = "a" },
    { from = "a", to = "b" },
    { from = "b", to = "out" },
    { from = "in", to = "c" },
    { from = "c", to = "out", when = { rate = [0.5, 1.0] } },
]
[decisions]
depth = [1, 2]
op = ["conv", "mix"]
width = [16, 24]
rate = [0.25, 0.5, 1.0]
[active]
rate = { depth = 2 }
"""


def test_a_file_declares_numbers_fields_conditions_and_inactive_decisions(toml):
    space = ctnas.GraphSpace.from_toml(toml(NUMBERS))
    check_space(space)
    assert space.size == 2 * 2 * (1 + 3)
    graphs = space.graphs(
        space.parse(["depth=1,op=mix,width=24", "depth=2,op=mix,width=24,rate=1"])
    )
    names = [[space.vocabulary[id_] for id_ in ids if id_] for ids in graphs.operations]
    layer = "op=mix,width=24,stride=2"
    assert names == [["input", layer, "output"], ["input", layer, "width=24", "pool", "output"]]
    edges = [np.argwhere(adjacency).tolist() for adjacency in graphs.adjacency]
    assert edges == [[[0, 1], [1, 2]], [[0, 1], [0, 3], [1, 2], [2, 4], [3, 4]]]


def test_a_file_without_nodes_declares_decisions_alone(toml):
    space = ctnas.GraphSpace.from_toml(toml('name = "mine"\n[decisions]\nwidth = [16, 24]\n'))
    assert isinstance(space, ctnas.DecisionSpace)
    assert space.format(space.enumerate()) == ["width=16", "width=24"]
