"""Processes that answer the queries of a ledger, on this machine and on others."""

from ctnas.workers.worker import Measure, work

__all__ = ["Measure", "work"]
