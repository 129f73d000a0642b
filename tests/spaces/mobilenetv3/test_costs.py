"""Costs of the MobileNetV3-like space, held to published counts."""

import csv
import re

import numpy as np
import pytest

from ctnas.errors import ConfigurationError
from ctnas.spaces import MobileNetV3Space
from ctnas.spaces.mobilenetv3.costs import MobileNetV3Layout, divisible_channels, layer_costs


def test_costs_of_1500_published_subnets_match_exactly(published_data):
    with published_data("ofa_mobilenetv3_imagenet.csv").open() as stream:
        rows = list(csv.DictReader(stream))
    lists = [
        {
            key: [int(value) for value in row[column].split("-")]
            for key, column in (("d", "depths"), ("ks", "kernel_sizes"), ("e", "expand_ratios"))
        }
        for row in rows
    ]
    space = MobileNetV3Space()
    costs = space.costs(space.parse([repr(entry) for entry in lists]))
    assert len(rows) == 1500
    assert costs.madds.tolist() == [float(row["madds"]) for row in rows]
    assert costs.parameters.tolist() == [float(row["parameters"]) for row in rows]


def test_cheapest_and_largest_bound_the_whole_space():
    space = MobileNetV3Space()
    drawn = space.costs(space.sample(2000, seed=0))
    low, high = space.costs(space.cheapest()), space.costs(space.largest())
    assert (low.madds < drawn.madds).all()
    assert (drawn.madds < high.madds).all()
    # Every choice but the first of a layer costs more, and so does every further layer.
    table = layer_costs(space.layout)[..., 0]
    assert (table > 0).all()
    assert (np.diff(table, axis=2) > 0).all()
    assert (np.diff(table, axis=3) > 0).all()


@pytest.mark.parametrize(("channels", "rounded"), [(3, 8), (12, 16), (16, 16), (20, 24), (36, 40)])
def test_channels_are_multiples_of_eight_within_a_tenth(channels, rounded):
    assert divisible_channels(channels) == rounded


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"width": 0.0}, "width must be above 0"),
        ({"image_size": 1.5}, "image_size must be a whole number"),
        ({"stem_stride": 3}, "a stride must be 1 or 2, not 3"),
        ({"unit_strides": (2, 2)}, "unit_strides must be 5 numbers, not 2"),
    ],
)
def test_layout_refuses_what_cannot_be_built(settings, message):
    with pytest.raises(ConfigurationError, match=re.escape(message)):
        MobileNetV3Layout(**settings)
