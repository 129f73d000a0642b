"""Large candidate sets: ranked piece by piece, in memory that is bounded by a few bytes a row."""

from ctnas.ranking.candidates import expand_files, iterate_files, iterate_space
from ctnas.ranking.limits import CostLimits
from ctnas.ranking.local import CandidatePool, EncodedChunk, RankedRows, encode_chunk

__all__ = [
    "CandidatePool",
    "CostLimits",
    "EncodedChunk",
    "RankedRows",
    "encode_chunk",
    "expand_files",
    "iterate_files",
    "iterate_space",
]
