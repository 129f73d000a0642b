"""The controller learns from rewards alone."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from ctnas.architecture import ArchitectureBatch, Float64Array
from ctnas.searching.config import SearchConfig
from ctnas.searching.controller import Controller
from ctnas.spaces import SearchSpace

CONFIG = SearchConfig(
    policy_samples=32, policy_learning_rate=1e-2, policy_width=16, kept_entropy=0.0
)


def share_of_last_choices(batch: ArchitectureBatch, space: SearchSpace) -> Float64Array:
    """A toy reward in [0, 1]: the share of decisions at their last choice."""
    return (batch.decisions == space.choices - 1).mean(axis=1)


def learn(
    controller: Controller, space: SearchSpace, steps: int
) -> tuple[list[float], list[float]]:
    """Return the mean reward and the entropy of every step."""
    rewards, entropies = [], []
    for _ in range(steps):
        sample = controller.sample(32)
        reward = share_of_last_choices(sample.architectures, space)
        rewards.append(float(reward.mean()))
        entropies.append(controller.update(sample, reward))
    return rewards, entropies


def test_policy_gradient_raises_the_reward(space: SearchSpace) -> None:
    rewards, entropies = learn(Controller(space, CONFIG, seed=0), space, 200)
    assert np.mean(rewards[:5]) == pytest.approx(0.2, abs=0.06)
    assert np.mean(rewards[-5:]) > 0.9
    assert entropies[0] == pytest.approx(6 * np.log(5), rel=1e-4)
    assert entropies[-1] < 2


def test_entropy_bonus_keeps_the_policy_open(space: SearchSpace) -> None:
    config = replace(CONFIG, entropy_weight=5.0)
    _, entropies = learn(Controller(space, config, seed=0), space, 60)
    assert entropies[-1] > 0.95 * entropies[0]


def test_equal_rewards_teach_nothing(space: SearchSpace) -> None:
    """The average is subtracted: only a reward above it makes an architecture likelier."""
    controller = Controller(space, replace(CONFIG, entropy_weight=0.0), seed=0)
    before = {name: value.clone() for name, value in controller.policy.state_dict().items()}
    for _ in range(3):
        controller.update(controller.sample(8), np.full(8, 0.7))
    for name, value in controller.policy.state_dict().items():
        torch.testing.assert_close(value, before[name], rtol=0, atol=1e-6)


def test_one_step_makes_what_was_rewarded_likelier(space: SearchSpace) -> None:
    controller = Controller(space, replace(CONFIG, entropy_weight=0.0), seed=0)
    for _ in range(3):
        sample = controller.sample(200)
        high = sample.architectures.decisions[:, 0] == 0
        controller.update(sample, high.astype(np.float64))
    drawn = controller.explore(4000).decisions[:, 0]
    assert (drawn == 0).mean() > 0.21


def test_equal_seeds_learn_the_same(space: SearchSpace) -> None:
    controllers = []
    for disturbance in (1, 2):
        torch.manual_seed(disturbance)
        controllers.append(Controller(space, CONFIG, seed=4))
        learn(controllers[-1], space, 5)
    assert controllers[0].explore(20) == controllers[1].explore(20)
    assert controllers[0].explore(20) != Controller(space, CONFIG, seed=5).explore(20)


def test_global_generator_is_left_alone(space: SearchSpace) -> None:
    before = torch.get_rng_state()
    learn(Controller(space, CONFIG, seed=4), space, 2)
    assert torch.equal(torch.get_rng_state(), before)


def test_the_policy_keeps_the_entropy_that_it_has_to(space: SearchSpace) -> None:
    config = replace(CONFIG, kept_entropy=0.4)
    rewards, entropies = learn(Controller(space, config, seed=0), space, 300)
    uniform = 6 * np.log(5)
    assert 0.3 * uniform < np.mean(entropies[-50:]) < 0.55 * uniform
    assert np.mean(rewards[-50:]) > 0.5
