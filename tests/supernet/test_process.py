"""A supernet depends on its seed alone, not on the process around it."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import torch

from ctnas.supernet import Evaluator, train_supernet


def measured(space, splits, config):
    """Return weights of a trained supernet and what two architectures achieve with them."""
    supernet = train_supernet(space, splits, config, seed=3)
    evaluator = Evaluator(supernet, splits, calibration_images=20, seed=0)
    found = evaluator.measure(space.sample(2, seed=0), "validation")
    weights = [weight.sum().item() for weight in supernet.state_dict().values()]
    return weights + [each.log_likelihood for each in found]


def test_training_and_measuring_do_not_notice_the_process(space, splits, config):
    expected = measured(space, splits, config)
    torch.manual_seed(99)
    before = torch.get_rng_state(), torch.get_num_threads()
    torch.set_default_dtype(torch.float64)
    try:
        with np.errstate(all="raise"), torch.no_grad():
            found = measured(space, splits, config)
        assert torch.get_default_dtype() == torch.float64
    finally:
        torch.set_default_dtype(torch.float32)
    assert found == expected
    assert torch.equal(torch.get_rng_state(), before[0])
    assert torch.get_num_threads() == before[1]


def test_two_trainings_at_once_are_equal(space, splits, config):
    expected = measured(space, splits, config)
    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(lambda _: measured(space, splits, config), range(2)))
    assert found == [expected, expected]
