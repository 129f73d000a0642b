"""Ask and tell: the search as an Optuna sampler, for objectives of the user's own."""

from ctnas.sampler.sampler import CTNASSampler

__all__ = ["CTNASSampler"]
