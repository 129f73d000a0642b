"""Labels from a table of once-for-all subnets."""

import re

import pytest

import ctnas
from ctnas.errors import LabelError

SPACE = ctnas.get_space("mobilenetv3")
HEADER = "depths,kernel_sizes,expand_ratios,madds,imagenet_top1"
LAYERS = "-".join(["3"] * 10)


def write(tmp_path, *rows):
    path = tmp_path / "subnets.csv"
    path.write_text("\n".join([HEADER, *rows]) + "\n")
    return path


def test_published_table_is_read_whole(published_data):
    path = published_data("ofa_mobilenetv3_imagenet.csv")
    labels = ctnas.LabelSet.read(path, SPACE, metric="imagenet_top1")
    assert len(labels) == 1500
    assert labels.values[0] == 75.634
    first = SPACE.format(labels.architectures[[0]])[0]
    assert first.startswith("k3e3-k5e3-k3e3|k5e4-k5e4-k3e3-k3e4|")


def test_rows_of_ten_layers_are_architectures(tmp_path):
    kernels = ["-".join([*"3333333333"][:n] + [*"7777777777"][n:]) for n in range(10)]
    path = write(tmp_path, *(f"2-2-2-2-2,{k},{LAYERS},1,{70 + i}" for i, k in enumerate(kernels)))
    labels = ctnas.LabelSet.read(path, SPACE, metric="imagenet_top1")
    assert SPACE.format(labels.architectures[[9]])[0].endswith("k3e3|k3e3-k7e3")


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (f"2-2-2-2-9,{LAYERS},{LAYERS},1,70", "d must be 5 depths out of (2, 3, 4)"),
        (f"2-2-2-2-2,3-3,{LAYERS},1,70", "ks must have 10 values"),
        (f"2-2-2-2-2,{LAYERS},three,1,70", "a once-for-all dict is written"),
    ],
)
def test_bad_row_is_named(tmp_path, row, message):
    with pytest.raises(LabelError, match=r"subnets\.csv, row 2: .*" + re.escape(message)):
        ctnas.LabelSet.read(write(tmp_path, row), SPACE, metric="imagenet_top1")
