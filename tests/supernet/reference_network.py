"""The DARTS network as it is published, with the weights of a supernet: slow and plain."""

import torch
from torch.nn import functional

from ctnas.spaces.darts.costs import DARTS_OPERATIONS


def forward(supernet, images, path):
    """Return the logits of one path; batch normalization normalizes by the batch."""
    weights = dict(supernet.named_parameters())
    scaled = (images.float() - supernet.mean) / supernet.deviation
    stem = functional.conv2d(scaled, weights["stem.weight"], padding=1)
    before = last = _norm(stem, weights, "stem_norm")
    cells = supernet.layout.cells
    reductions = {cells // 3, 2 * cells // 3}
    for position in range(cells):
        inputs = (
            _fit(before, weights, f"cells.{position}.fit_first"),
            _fit(last, weights, f"cells.{position}.fit_second"),
        )
        reduction = position in reductions
        arrays = path.inputs[int(reduction)], path.operations[int(reduction)]
        before, last = last, _cell(inputs, weights, position, reduction, *arrays)
    pooled = functional.adaptive_avg_pool2d(last, 1).flatten(1)
    return functional.linear(pooled, weights["classifier.weight"], weights["classifier.bias"])


def _cell(inputs, weights, position, reduction, sources, operations):
    nodes = list(inputs)
    for node in range(4):
        total = 0
        for source, operation in zip(sources[node], operations[node], strict=True):
            stride = 2 if reduction and source < 2 else 1
            name = DARTS_OPERATIONS[operation]
            prefix = f"cells.{position}.operations.{name}_{source}_to_{node + 2}"
            total = total + _operation(name, nodes[source], weights, prefix, stride)
        nodes.append(total)
    return torch.cat(nodes[2:], dim=1)


def _operation(name, values, weights, prefix, stride):
    if name == "none":
        return torch.zeros_like(values)[:, :, ::stride, ::stride]
    if name == "max_pool_3x3":
        return _norm(functional.max_pool2d(values, 3, stride, 1))
    if name == "avg_pool_3x3":
        pooled = functional.avg_pool2d(values, 3, stride, 1, count_include_pad=False)
        return _norm(pooled)
    if name == "skip_connect":
        return values if stride == 1 else _fit(values, weights, prefix)
    if name.startswith("dil"):
        return _separable(values, weights, f"{prefix}.conv", stride, dilation=2)
    values = _separable(values, weights, f"{prefix}.first", stride, dilation=1)
    return _separable(values, weights, f"{prefix}.second", 1, dilation=1)


def _separable(values, weights, prefix, stride, dilation):
    depthwise = weights[f"{prefix}.depthwise.weight"]
    padding = dilation * (depthwise.shape[-1] // 2)
    values = functional.conv2d(
        functional.relu(values),
        depthwise,
        stride=stride,
        padding=padding,
        dilation=dilation,
        groups=len(depthwise),
    )
    values = functional.conv2d(values, _as_1x1(weights[f"{prefix}.pointwise.weight"]))
    return _norm(values, weights, f"{prefix}.norm")


def _fit(values, weights, prefix):
    values = functional.relu(values)
    if f"{prefix}.conv.weight" in weights:
        fitted = functional.conv2d(values, _as_1x1(weights[f"{prefix}.conv.weight"]))
    else:
        even = _as_1x1(weights[f"{prefix}.even.weight"])
        odd = _as_1x1(weights[f"{prefix}.odd.weight"])
        if values.shape[-1] % 2:
            values = functional.pad(values, (0, 1, 0, 1))
        halves = [
            functional.conv2d(values[:, :, :-1, :-1], even, stride=2),
            functional.conv2d(values[:, :, 1:, 1:], odd, stride=2),
        ]
        fitted = torch.cat(halves, dim=1)
    return _norm(fitted, weights, f"{prefix}.norm")


def _norm(values, weights=None, prefix=""):
    scale, shift = (weights or {}).get(f"{prefix}.weight"), (weights or {}).get(f"{prefix}.bias")
    return functional.batch_norm(values, None, None, scale, shift, training=True)


def _as_1x1(weight):
    return weight[:, :, None, None]
