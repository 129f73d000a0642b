"""An unfinished search on disk."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from time import monotonic
from typing import TYPE_CHECKING, Any

from ctnas.app.state_file import read_state, write_state
from ctnas.settings.option import option_values

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ctnas.labels import LabelSet
    from ctnas.searching.config import SearchConfig

_KIND = "search"
INTERVAL = 5.0
"""Seconds between two times that the state is written."""


class SearchFile:
    """Keeps the state of a search, for one that goes on from it to the same result.

    Args:
        path: the file; nothing is kept if None.
        identity: digest of all that the state depends on. A state of another identity is passed
            over, and replaced.
    """

    def __init__(self, path: Path | None, identity: str) -> None:
        self._path, self._identity = path, identity
        self._written = monotonic()

    def read(self) -> dict[str, Any] | None:
        """Return the state that was kept last, if it is of this search.

        Raises:
            ModelError: if the file is corrupt.
        """
        if self._path is None or not self._path.exists():
            return None
        content = read_state(self._path, _KIND)
        return content["search"] if content["identity"] == self._identity else None

    def keep(self, state: Callable[[], dict[str, Any]], *, now: bool) -> None:
        """Write the state, if that is due or must be now.

        Raises:
            OutputError: if it cannot be written.
        """
        if self._path is None or not (now or monotonic() - self._written >= INTERVAL):
            return
        write_state(self._path, _KIND, {"identity": self._identity, "search": state()})
        self._written = monotonic()


def search_identity(config: SearchConfig, *labels: LabelSet | None, **settings: object) -> str:
    """Return a digest of labels and settings; totals may grow."""
    totals = {each.name for each, _ in option_values(config) if each.option.resumed == "total"}
    kept = {name: value for name, value in asdict(config).items() if name not in totals}
    digest = hashlib.sha256(json.dumps([kept, settings], default=str, sort_keys=True).encode())
    for part in labels:
        if part is None:
            continue
        texts = part.space.format(part.architectures)
        digest.update(json.dumps([part.space.name, part.metric, texts]).encode())
        digest.update(part.values.tobytes())
        if part.counts.max(initial=1) > 1:
            digest.update(part.counts.tobytes() + part.spreads.tobytes())
    return digest.hexdigest()
