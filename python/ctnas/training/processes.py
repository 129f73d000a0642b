"""Which of several training processes this one is. Importing this never imports PyTorch."""

from __future__ import annotations

import os


def is_first_process() -> bool:
    """Return whether this is the process that writes, also before others are started.

    Lightning Fabric, torchrun and cluster schedulers tell a process its place by these variables.
    """
    return all(int(os.environ.get(name, "0")) == 0 for name in ("RANK", "NODE_RANK", "LOCAL_RANK"))
