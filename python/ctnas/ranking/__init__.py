"""Large candidate sets: ranked piece by piece, in memory that is bounded by a few bytes a row."""

from ctnas.ranking.local import CandidatePool, RankedRows

__all__ = ["CandidatePool", "RankedRows"]
