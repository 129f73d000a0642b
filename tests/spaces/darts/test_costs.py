"""Costs of DARTS networks against networks that are really built, and against published figures."""

import numpy as np
import pytest
import torch
from torch import nn

from ctnas.errors import ConfigurationError
from ctnas.spaces import DartsSpace
from ctnas.spaces.darts.costs import DARTS_OPERATIONS, DartsLayout

DARTS_V2 = (
    "normal:|sep_conv_3x3~0|sep_conv_3x3~1|+|sep_conv_3x3~0|sep_conv_3x3~1|"
    "+|skip_connect~0|sep_conv_3x3~1|+|skip_connect~0|dil_conv_3x3~2| "
    "reduction:|max_pool_3x3~0|max_pool_3x3~1|+|max_pool_3x3~1|skip_connect~2|"
    "+|max_pool_3x3~0|skip_connect~2|+|max_pool_3x3~1|skip_connect~2|"
)


def _normalized(channels, *layers):
    return nn.Sequential(nn.ReLU(), *layers, nn.BatchNorm2d(channels))


class _FactorizedReduce(nn.Module):
    def __init__(self, c_in, c_out):
        super().__init__()
        self.even = nn.Conv2d(c_in, c_out // 2, 1, stride=2, bias=False)
        self.odd = nn.Conv2d(c_in, c_out - c_out // 2, 1, stride=2, bias=False)
        self.norm = nn.BatchNorm2d(c_out)

    def forward(self, x):
        shifted = nn.functional.pad(x, (0, 1, 0, 1))[:, :, 1:, 1:]
        return self.norm(torch.cat([self.even(x), self.odd(shifted)], dim=1))


def _block(c, kernel, stride, dilation):
    padding = dilation * (kernel // 2)
    depthwise = nn.Conv2d(c, c, kernel, stride, padding, dilation, groups=c, bias=False)
    return _normalized(c, depthwise, nn.Conv2d(c, c, 1, bias=False))


def _operation(name, c, stride):
    match name:
        case "none":
            return nn.AvgPool2d(1, stride)
        case "max_pool_3x3":
            return nn.MaxPool2d(3, stride, 1)
        case "avg_pool_3x3":
            return nn.AvgPool2d(3, stride, 1, count_include_pad=False)
        case "skip_connect":
            return nn.Identity() if stride == 1 else _FactorizedReduce(c, c)
    kernel = int(name[-1])
    if name.startswith("dil"):
        return _block(c, kernel, stride, 2)
    return nn.Sequential(_block(c, kernel, stride, 1), _block(c, kernel, 1, 1))


class _Cell(nn.Module):
    def __init__(self, edges, c_pp, c_p, c, reduction, after_reduction):
        super().__init__()
        self.sources = [source for source, _ in edges]
        self.first = (
            _FactorizedReduce(c_pp, c)
            if after_reduction
            else _normalized(c, nn.Conv2d(c_pp, c, 1, bias=False))
        )
        self.second = _normalized(c, nn.Conv2d(c_p, c, 1, bias=False))
        self.operations = nn.ModuleList(
            _operation(name, c, 2 if reduction and source < 2 else 1) for source, name in edges
        )

    def forward(self, s0, s1):
        states = [self.first(s0), self.second(s1)]
        for node in range(4):
            a, b = (self.operations[k](states[self.sources[k]]) for k in (2 * node, 2 * node + 1))
            states.append(a + b)
        return torch.cat(states[2:], dim=1)


class _Network(nn.Module):
    """The network of the DARTS paper, written down independently of the code under test."""

    def __init__(self, layout, normal, reduction):
        super().__init__()
        stem = layout.stem_multiplier * layout.channels
        self.stem = nn.Sequential(
            nn.Conv2d(layout.image_channels, stem, 3, padding=1, bias=False), nn.BatchNorm2d(stem)
        )
        c_pp, c_p, c, after = stem, stem, layout.channels, False
        self.cells = nn.ModuleList()
        for position in range(layout.cells):
            reduce = position in (layout.cells // 3, 2 * layout.cells // 3)
            c = 2 * c if reduce else c
            self.cells.append(_Cell(reduction if reduce else normal, c_pp, c_p, c, reduce, after))
            c_pp, c_p, after = c_p, 4 * c, reduce
        self.classifier = nn.Linear(c_p, layout.classes)

    def forward(self, x):
        s0 = s1 = self.stem(x)
        for cell in self.cells:
            s0, s1 = s1, cell(s0, s1)
        return self.classifier(s1.mean(dim=(2, 3)))


def _counted(space, batch):
    """Return (multiply-adds, parameters) of the networks, counted while they run."""
    counted = []
    for inputs, operations in zip(*space.edges(batch), strict=True):
        cells = [
            [(int(s), DARTS_OPERATIONS[o]) for s, o in zip(i.ravel(), k.ravel(), strict=True)]
            for i, k in zip(inputs, operations, strict=True)
        ]
        network = _Network(space.layout, *cells).eval()
        madds = 0

        def count(module, _, output):
            nonlocal madds
            per_output = module.weight[0].numel()
            madds += per_output * output[0].numel()

        for module in network.modules():
            if isinstance(module, nn.Conv2d | nn.Linear):
                module.register_forward_hook(count)
        layout = space.layout
        size = layout.image_size
        with torch.inference_mode():
            network(torch.zeros(1, layout.image_channels, size, size))
        counted.append((madds, sum(p.numel() for p in network.parameters())))
    return np.array(counted, dtype=np.float64).T


def test_darts_v2_has_the_published_number_of_parameters():
    space = DartsSpace()
    costs = space.costs(space.parse([DARTS_V2]))
    # What the published code counts without the auxiliary head; 3.3 million in the DARTS paper.
    assert costs.parameters.tolist() == [3_349_342]
    madds, parameters = _counted(space, space.parse([DARTS_V2]))
    assert costs.madds.tolist() == madds.tolist()
    assert costs.parameters.tolist() == parameters.tolist()


@pytest.mark.parametrize(
    "layout",
    [
        DartsLayout(cells=1, channels=4, image_size=8, image_channels=1),
        DartsLayout(cells=2, channels=5, image_size=9, classes=3),
        DartsLayout(cells=5, channels=6, image_size=11, stem_multiplier=1),
        DartsLayout(cells=6, channels=4, image_size=16),
    ],
    ids=lambda layout: f"{layout.cells} cells",
)
def test_costs_are_those_of_the_networks_that_are_built(layout):
    space = DartsSpace(layout)
    batch = space.sample(4, seed=0)
    costs = space.costs(batch)
    madds, parameters = _counted(space, batch)
    assert costs.madds.tolist() == madds.tolist()
    assert costs.parameters.tolist() == parameters.tolist()


def test_reductions_stand_at_one_and_two_thirds():
    assert DartsLayout().reductions == {6, 13}
    assert DartsLayout(cells=8).reductions == {2, 5}
    shapes = DartsLayout().cell_shapes
    assert [shape.size for shape in shapes] == [32] * 6 + [16] * 7 + [8] * 7
    assert [shape.channels for shape in shapes] == [36] * 6 + [72] * 7 + [144] * 7
    assert [position for position, shape in enumerate(shapes) if shape.after_reduction] == [7, 14]


@pytest.mark.parametrize(
    ("setting", "value"),
    [("cells", 0), ("channels", 1), ("image_size", -8), ("classes", 2.0), ("image_channels", True)],
)
def test_layout_refuses_what_cannot_be_built(setting, value):
    with pytest.raises(ConfigurationError, match=rf"{setting} must be .* not {value!r}"):
        DartsLayout(**{setting: value})
