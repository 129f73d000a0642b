"""Where `ctnas-rank` reads and encodes its candidates: here, or on a Ray cluster."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from ctnas.cli.rank_options import RankConfig
    from ctnas.comparator.runtime import Comparator
    from ctnas.labels.blocks import InvalidRow
    from ctnas.ranking import CostLimits, EncodedChunk


def encoded_here(
    comparator: Comparator,
    files: Sequence[str],
    limits: CostLimits,
    on_invalid: Callable[[InvalidRow], None] | None,
) -> Iterator[EncodedChunk]:
    """Yield the candidates of tables, or of the whole space without any, encoded here."""
    from ctnas.ranking import encode_chunk, iterate_files, iterate_space

    space = comparator.space
    source = iterate_files(files, space, on_invalid) if files else iterate_space(space)
    for file, chunk in source:
        yield encode_chunk(comparator, limits.within(chunk), file)


def encoded_on_ray(
    comparator: Comparator,
    path: Path,
    files: Sequence[str],
    limits: CostLimits,
    on_invalid: Callable[[InvalidRow], None] | None,
    config: RankConfig,
) -> Iterator[EncodedChunk]:
    """Yield the same candidates, in the same order, encoded on a Ray cluster."""
    from ctnas.comparator.runtime import RANKER_FILE
    from ctnas.ranking.ray_engine import check_shards, encode_shards
    from ctnas.ranking.shards import ShardOptions
    from ctnas.workers.cluster import ray_cluster

    check_shards([*files])
    options = ShardOptions(
        (path / RANKER_FILE if path.is_dir() else path).read_bytes(),
        comparator.space,
        comparator.provider,
        config.threads or 1,
        on_invalid is not None,
        config.max_madds,
        config.max_params,
    )
    with ray_cluster(config.address):
        for piece in encode_shards([*files], options):
            limits.left_out += piece.left_out
            for row in piece.invalid:
                if on_invalid is not None:
                    on_invalid(row)
            yield piece.chunk
