"""Connecting to a Ray cluster, or starting one on this machine. Ray is imported by that alone."""

from __future__ import annotations

import os
from contextlib import contextmanager
from logging import ERROR
from typing import TYPE_CHECKING, Any

from ctnas.errors import ConfigurationError
from ctnas.extras import missing_package, require_package

if TYPE_CHECKING:
    from collections.abc import Iterator

_USER = "--engine ray"


def check_ray() -> None:
    """Refuse, before any work, what will need Ray.

    Raises:
        MissingPackageError: if it is not installed.
    """
    require_package("ray", _USER)


@contextmanager
def ray_cluster(address: str | None = None) -> Iterator[None]:
    """Connect to a cluster, or start one on this machine for as long as the block lasts.

    A connection that the process has already is used and left open. Ray's usage statistics are
    off: nothing is sent anywhere.

    Args:
        address: as `ray.init` takes it, such as `auto` or `ray://host:10001`; None for a cluster of
            this machine's own.

    Raises:
        MissingPackageError: if Ray is not installed.
        ConfigurationError: if there is no cluster at the address.
    """
    # Ray reads this when it is imported.
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    try:
        import ray
        import ray.data
    except ImportError:
        raise missing_package("ray", _USER) from None
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
