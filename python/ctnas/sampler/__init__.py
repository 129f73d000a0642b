"""Ask and tell: the search as an Optuna sampler, for objectives of the user's own."""

from ctnas.sampler.distributions import labels_from_trials, space_from_distributions
from ctnas.sampler.sampler import CTNASSampler

__all__ = ["CTNASSampler", "labels_from_trials", "space_from_distributions"]
