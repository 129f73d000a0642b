"""Read and encode candidates on a Ray cluster, with results as if it were done here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ctnas.errors import ConfigurationError
from ctnas.labels.streams import STANDARD_INPUT
from ctnas.ranking.shards import ShardEncoder, ShardOptions, ShardPiece, read_piece

if TYPE_CHECKING:
    from collections.abc import Iterator


def check_shards(files: list[str]) -> None:
    """Refuse what only this machine can read.

    Raises:
        ConfigurationError: if standard input is among the files.
    """
    if STANDARD_INPUT in files:
        raise ConfigurationError("standard input cannot be read with --engine ray: name files")


def encode_shards(files: list[str], options: ShardOptions) -> Iterator[ShardPiece]:
    """Encode tables on the cluster that this process is connected to, a table a piece of work.

    An actor that dies is started again, and what it had not finished is done again: Ray Data does
    so without limit by default.

    Args:
        files: paths that every machine of the cluster can read, or URIs.
        options: of all of them.

    Yields:
        Parts in the order of the files.

    Raises:
        CtnasError: as reading and encoding here would; the first one that arrives.
    """
    import ray
    from ray.data import ActorPoolStrategy, DataContext

    context = DataContext.get_current()
    context.execution_options.preserve_order = True
    context.enable_progress_bars = False
    shards = [{"shard": number, "file": file} for number, file in enumerate(files)]
    resources: Any = ray.cluster_resources
    cores = int(resources().get("CPU", 1))
    most = max(1, min(len(shards), cores // options.threads))
    dataset = ray.data.from_items(shards, override_num_blocks=len(shards)).map_batches(
        ShardEncoder,
        fn_constructor_args=(options,),
        batch_size=1,
        compute=ActorPoolStrategy(min_size=1, max_size=most),
        num_cpus=options.threads,
        num_gpus=1 if options.provider == "cuda" else None,
    )
    for row in dataset.iter_rows():
        yield read_piece(_plain(row), files)


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row of plain Python values."""
    return {name: cell.item() if hasattr(cell, "item") else cell for name, cell in row.items()}
