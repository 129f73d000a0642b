"""Read and encode candidates on a Ray cluster, with results as if it were done here."""

from __future__ import annotations

import os
from contextlib import contextmanager
from logging import ERROR
from typing import TYPE_CHECKING, Any

from ctnas.errors import ConfigurationError
from ctnas.labels.opening import STANDARD_INPUT
from ctnas.ranking.shards import ShardEncoder, ShardOptions, ShardPiece, read_piece

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def ray_cluster(address: str | None = None) -> Iterator[None]:
    """Connect to a cluster, or start one on this machine for as long as the block lasts.

    A connection that the process has already is used and left open. Ray's usage statistics are
    off: nothing is sent anywhere.

    Args:
        address: as `ray.init` takes it, such as `auto` or `ray://host:10001`; None for a cluster of
            this machine's own.

    Raises:
        ConfigurationError: if Ray is not installed, or there is no cluster at the address.
    """
    # Ray reads this when it is imported.
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    try:
        import ray
        import ray.data
    except ImportError:
        raise ConfigurationError(
            "--engine ray needs Ray, which is not installed: pip install 'ctnas[ray]'"
        ) from None
    is_connected = ray.is_initialized()
    try:
        if not is_connected:
            # A cluster of one's own decides about its dashboard.
            own: dict[str, Any] = {} if address else {"include_dashboard": False}
            ray.init(address or "local", log_to_driver=False, logging_level=ERROR, **own)
    except (ConnectionError, ValueError, RuntimeError) as error:
        raise ConfigurationError(
            f"no Ray cluster at {address or 'this machine'!r}: {error}"
        ) from None
    try:
        yield
    finally:
        if not is_connected:
            ray.shutdown()


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
    so without limit unless it is told otherwise.

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
