"""Columns of a table as the decisions of a space."""

import numpy as np
import pytest

import ctnas
from ctnas.errors import LabelError
from ctnas.labels.decision_table import space_of_table
from ctnas.labels.label_tables import whole_table
from ctnas.testing import check_space

ROWS = [
    "code0,code1,rate,op,same,accuracy,params",
    "16,3,0.5,a,7,91.5,1.0",
    "8,5,1.0,b,7,92.5,1.5",
    "16,5,1,a,7,93.0,1.7",
    "128,3,0.5,b,7,90.0,9.5",
]


@pytest.fixture
def table(tmp_path):
    def write(lines=ROWS):
        path = tmp_path / "measured.csv"
        path.write_text("\n".join(lines) + "\n")
        return path

    return write


def read(path, decisions, metric="accuracy"):
    return space_of_table(path, whole_table(path), decisions, metric)


def test_columns_become_decisions_numbers_as_numbers(table):
    space, line = read(table(), ["code*", "rate", "op"])
    assert space.name == "measured"
    choices = {decision.name: decision.choices for decision in space.decisions}
    assert choices == {"code0": (8, 16, 128), "code1": (3, 5), "rate": (0.5, 1), "op": ("a", "b")}
    check_space(space)
    assert line == (
        f"Space: 4 columns of {table()}, 3 of numbers and 1 of names: "
        "code0 (8, 16, 128), code1 (3, 5), rate (0.5, 1), op (a, b)"
    )


def test_a_pattern_leaves_out_the_metric_and_what_never_varies(table):
    space, line = read(table(), ["*"])
    names = [decision.name for decision in space.decisions]
    assert names == ["code0", "code1", "rate", "op", "params"]
    assert line.endswith("and 1 more; the same in every row: same")


def test_labels_are_read_by_the_columns_of_the_decisions(table):
    path = table()
    space, _ = read(path, ["code*", "rate", "op"])
    labels = ctnas.LabelSet.read(path, space, "accuracy", minimum=2)
    assert space.format(labels.architectures) == [
        "code0=16,code1=3,rate=0.5,op=a",
        "code0=8,code1=5,rate=1,op=b",
        "code0=16,code1=5,rate=1,op=a",
        "code0=128,code1=3,rate=0.5,op=b",
    ]
    assert labels.values.tolist() == [91.5, 92.5, 93.0, 90.0]


def test_columns_of_inactive_decisions_may_be_empty(table):
    space = ctnas.DecisionSpace(
        "deep", {"depth": [1, 2], "width1": [8, 16], "width2": [8, 16]}, {"width2": {"depth": 2}}
    )
    path = table(["depth,width1,width2,accuracy", "1,8,,0.5", "2,8,16,0.75"])
    labels = ctnas.LabelSet.read(path, space, minimum=2, metric="accuracy")
    assert space.format(labels.architectures) == ["depth=1,width1=8", "depth=2,width1=8,width2=16"]
    path = table(["depth,width1,width2,accuracy", "1,8,,0.5", "2,8,,0.75"])
    with pytest.raises(LabelError, match=r"row 3.*decision 'width2' is missing"):
        ctnas.LabelSet.read(path, space, minimum=2, metric="accuracy")


def test_a_table_that_contradicts_the_space_names_the_nearest(table):
    space = ctnas.DecisionSpace("mine", {"code0": [8, 16, 64], "code1": [3, 5]})
    with pytest.raises(LabelError, match=r"row 5.*'code0' has no choice '128' \(the nearest is 64"):
        ctnas.LabelSet.read(table(), space, "accuracy", minimum=2)


@pytest.mark.parametrize(
    ("decisions", "change", "message"),
    [
        (["code9"], {}, "has no column 'code9'; its columns are code0, code1, rate, op, same"),
        (["kernel*"], {}, r"has no column 'kernel\*'"),
        (["same"], {}, "column 'same' is 7 in every row: there is nothing to decide"),
        (["s*"], {}, "every column that --decisions names is the same in every row"),
        (["code0", "accuracy"], {}, "column 'accuracy' is the metric and cannot be a decision"),
        (
            ["code0"],
            {2: "wide,5,1.0,b,7,92.5,1.5"},
            "'wide' in row 3, 16 in row 2",
        ),
        (["code0"], {3: ",5,1,a,7,93.0,1.7"}, "row 4: code0 is empty"),
        (["op"], {1: '16,3,0.5,"a=b",7,91.5,1.0'}, "'a=b' must be text without"),
    ],
)
def test_columns_that_are_no_decisions_are_refused(table, decisions, change, message):
    lines = [change.get(at, line) for at, line in enumerate(ROWS)]
    with pytest.raises(LabelError, match=message):
        read(table(lines), decisions)


def test_a_space_of_columns_can_be_written_and_read_again(table, tmp_path):
    space, _ = read(table(), ["code*", "rate", "op"])
    (tmp_path / "space.toml").write_text(space.to_toml())
    again = ctnas.GraphSpace.from_toml(tmp_path / "space.toml")
    assert (again.name, again.decisions) == (space.name, space.decisions)
    conditional = ctnas.DecisionSpace(
        'odd "name"', {"depth": [1, 2], "é.w": [0.25, 8], "op": ["a", "b"]}, {"op": {"depth": [2]}}
    )
    (tmp_path / "space.toml").write_text(conditional.to_toml())
    again = ctnas.GraphSpace.from_toml(tmp_path / "space.toml")
    assert again.active_when == conditional.active_when
    assert again.decisions == conditional.decisions
    assert np.array_equal(again.enumerate().decisions, conditional.enumerate().decisions)
