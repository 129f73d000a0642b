"""ONNX Runtime computes the logits that were measured, for networks of every space."""

import numpy as np
import pytest
import torch

from ctnas.errors import ModelError
from ctnas.networks.agreement import compare, logits_of, onnx_logits
from ctnas.networks.loading import TrainedNetwork
from ctnas.networks.onnx_conversion import onnx_model
from ctnas.networks.program import trace
from ctnas.retraining.config import TrainConfig
from ctnas.retraining.training import build_network
from ctnas.spaces import get_space

from .conftest import Make


@pytest.mark.parametrize("size", [8, 9])
@pytest.mark.parametrize("seed", [0, pytest.param(1, marks=pytest.mark.slow)])
@pytest.mark.parametrize("space", ["darts", "mobilenetv3", "nasbench101", "nasbench201"])
def test_a_subnet_is_what_its_supernet_computes(
    space: str, seed: int, size: int, make: Make
) -> None:
    found = make(space, seed, size)
    model = onnx_model(trace(found.network, found.splits.shape))
    test = found.splits.test
    expected, logits, alone = logits_of(
        test,
        found.measured,
        onnx_logits(model.SerializeToString()),
        lambda images: found.network(images).detach(),
    )
    np.testing.assert_allclose(alone, expected, atol=1e-4)
    np.testing.assert_allclose(logits, expected, atol=1e-4)
    assert (logits.argmax(axis=1) == expected.argmax(axis=1)).all()


NOTHING = "|none~0|none~1|+" * 3 + "|none~0|none~1|"


@pytest.mark.parametrize(
    ("space", "text"),
    [
        ("darts", f"normal:{NOTHING} reduction:{NOTHING}"),
        ("nasbench201", "|none~0|+|none~0|none~1|+|none~0|none~1|none~2|"),
        ("nasbench201", "|none~0|+|none~0|skip_connect~1|+|none~0|none~1|nor_conv_3x3~2|"),
    ],
)
def test_nodes_that_do_nothing_put_out_zeros_for_any_number_of_images(
    space: str, text: str, make: Make
) -> None:
    found = make(space, text=text)
    model = onnx_model(trace(found.network, found.splits.shape))
    compute = onnx_logits(model.SerializeToString())
    images = found.splits.test.batch(range(7))[0]
    np.testing.assert_allclose(compute(images), found.measured(images).numpy(), atol=1e-4)
    np.testing.assert_allclose(compute(images[:1]), compute(images)[:1], atol=1e-5)


@pytest.mark.parametrize("space", ["darts", "nasbench101", "nasbench201"])
def test_a_network_that_was_trained_from_scratch_is_the_same_under_onnx_runtime(space: str) -> None:
    architecture = get_space(space).sample(1, seed=3)
    config = TrainConfig(cells=3, channels=4)
    body = build_network(config, architecture, (3, 8, 8), 5, ([120.0] * 3, [60.0] * 3))
    images = torch.randint(0, 256, (32, 3, 8, 8), dtype=torch.uint8)
    body.train()(images)
    network = TrainedNetwork(body).eval()
    model = onnx_model(trace(network, (3, 8, 8)))
    found = onnx_logits(model.SerializeToString())(images)
    np.testing.assert_allclose(found, network(images).detach().numpy(), atol=1e-4)


def test_any_number_of_images_may_come_at_once(make: Make) -> None:
    found = make("nasbench201")
    compute = onnx_logits(onnx_model(trace(found.network, found.splits.shape)).SerializeToString())
    images = found.splits.test.images.numpy()
    together = compute(images)
    one_by_one = np.concatenate([compute(images[[row]]) for row in range(len(images))])
    np.testing.assert_allclose(one_by_one, together, atol=1e-5)


def test_the_graph_needs_an_old_runtime_only_and_names_weights_as_pytorch_does(make: Make) -> None:
    found = make("nasbench101")
    model = onnx_model(trace(found.network, found.splits.shape))
    assert (model.ir_version, model.opset_import[0].version) == (7, 13)
    named = {tensor.name for tensor in model.graph.initializer}
    assert set(dict(found.network.named_parameters())) <= named


def test_an_operation_that_no_network_has_is_refused_by_name() -> None:
    class Odd(torch.nn.Module):
        def forward(self, images: torch.Tensor) -> torch.Tensor:
            return images.float().cumsum(0).flatten(1)

    with pytest.raises(ModelError, match="no ONNX operator for aten"):
        onnx_model(trace(Odd(), (1, 2, 2)))


def test_a_class_that_rounding_alone_decides_is_no_disagreement() -> None:
    expected = np.array([[1.0, 1.0 + 1e-6, 0.0], [2.0, 0.0, 1.0]], dtype=np.float32)
    found = np.array([[1.0 + 1e-6, 1.0, 0.0], [2.0, 0.0, 1.0]], dtype=np.float32)
    agreement = compare(expected, found, np.array([0, 1]))
    assert agreement.passed
    assert (agreement.right, agreement.accuracy) == (1, 0.5)
    assert agreement.standard_error == pytest.approx(np.sqrt(0.5 * 0.5 / 2))
    assert not compare(expected, found[:, ::-1], np.array([0, 1])).passed
