"""Exported comparators on their way into other programs: checked, and laid out for servers."""

from ctnas.deployment.check import Finding, check_comparator
from ctnas.deployment.triton import TritonOptions, write_triton_repository

__all__ = ["Finding", "TritonOptions", "check_comparator", "write_triton_repository"]
