"""`ctnas-rank`: order architectures with an exported comparator."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from ctnas.cli.command import run_command
from ctnas.cli.rank_options import RankConfig
from ctnas.cli.ranking_engine import encoded_here, encoded_on_ray

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from ctnas.architecture import Float32Array
    from ctnas.comparator.runtime import Comparator
    from ctnas.labels.blocks import InvalidRow
    from ctnas.ranking import CandidatePool, EncodedChunk
    from ctnas.spaces import SearchSpace

SUMMARY = """Rank architectures with an exported comparator.

Every architecture is compared with all the others; the ones that win most stand first.
"""

_HYPHEN = "standard input"


def rank_command(
    comparator: Path, /, *, config: Annotated[RankConfig | None, Parameter(name="*")] = None
) -> None:
    """Rank files, or a whole space.

    Args:
        comparator: the directory of an exported comparator, or its ranker.onnx.
        config: the options.
    """
    from ctnas.cli.ranking_output import print_ranking, write_ranking, write_scores
    from ctnas.comparator.runtime import Comparator
    from ctnas.ranking import CostLimits, expand_files

    config = config or RankConfig()
    files = expand_files(map(_place, config.architectures))
    against = expand_files(map(_place, config.against))
    loaded = Comparator.load(comparator, config.provider, config.threads, _declared(config.space))
    if config.values:
        loaded.require_values()
    limits = CostLimits(loaded.space, config.max_madds, config.max_params)
    with ExitStack() as stack:
        on_invalid = _invalid_rows(config, stack)
        opponents = _opponents(loaded, against) if against else None
        if config.engine == "ray":
            source = encoded_on_ray(loaded, comparator, files, limits, on_invalid, config)
        else:
            source = encoded_here(loaded, files, limits, on_invalid)
        pool = _filled_pool(loaded, source, opponents)
        if limits.left_out:
            _say(
                f"{limits.left_out:,} architectures left out: they cost more than the limits allow"
            )
        won = pool.win_probability()
        ranked = pool.best(config.top, won)
        with_files = len(files) > 1
        predicted = None
        if config.values:
            predicted = loaded.predict(loaded.space.parse(ranked.architectures))
        if config.scores is not None:
            write_scores(config.scores, pool.scored(won))
        if config.out is not None:
            write_ranking(config.out, ranked, predicted, with_files=with_files)
        elif config.scores is None:
            print_ranking(ranked, predicted, with_files=with_files)


def _invalid_rows(config: RankConfig, stack: ExitStack) -> Callable[[InvalidRow], None] | None:
    """Return what is done with an invalid row, or None where it is an error."""
    if not config.skip_invalid or config.side_file is None:
        return None
    from ctnas.ranking.invalid import listing_invalid

    listed = stack.enter_context(listing_invalid(config.side_file))

    def tell(kind: type[BaseException] | None, *_: object) -> None:
        if kind is None and listed.count:
            _say(f"{listed.count:,} invalid rows left out; they are listed in {config.side_file}")

    stack.push(tell)
    return listed.add


def _filled_pool(
    comparator: Comparator, source: Iterator[EncodedChunk], opponents: Float32Array | None
) -> CandidatePool:
    """Take in all candidates."""
    from ctnas.ranking import CandidatePool

    pool = CandidatePool(comparator, opponents)
    for chunk in _watched(source):
        pool.add_encoded(chunk)
    return pool


def _watched(source: Iterator[EncodedChunk]) -> Iterator[EncodedChunk]:
    """Show how many rows were encoded, and how many a second, where a terminal is watched."""
    if not sys.stderr.isatty():
        yield from source
        return
    from ctnas.app.console import counting_rows

    with counting_rows() as advance:
        for chunk in source:
            yield chunk
            advance(len(chunk))


def _opponents(comparator: Comparator, files: Sequence[str]) -> Float32Array:
    """Return the opponent logits of the architectures in tables."""
    import numpy as np

    from ctnas.errors import ArchitectureError
    from ctnas.ranking import iterate_files

    chunks = [
        comparator.encode(chunk.architectures)[1]
        for _, chunk in iterate_files(files, comparator.space)
    ]
    if not chunks:
        raise ArchitectureError(f"{', '.join(files)}: there is no opponent to compare with")
    return np.concatenate(chunks)


def _place(token: str) -> str:
    """Return the place of a table; the inverse of what `main` does to a single hyphen."""
    from ctnas.labels.streams import STANDARD_INPUT

    return STANDARD_INPUT if token == _HYPHEN else token


def _declared(path: Path | None) -> SearchSpace | None:
    from ctnas.spaces import GraphSpace

    return None if path is None else GraphSpace.from_toml(path)


def _say(message: str) -> None:
    print(f"ctnas-rank: {message}", file=sys.stderr)


def main(arguments: Sequence[str] | None = None) -> None:
    """Entry point of `ctnas-rank`."""
    tokens = sys.argv[1:] if arguments is None else arguments
    # The parser takes a single hyphen for an option.
    tokens = [_HYPHEN if token == "-" else token for token in tokens]
    sys.exit(run_command("ctnas-rank", SUMMARY, rank_command, tokens))
