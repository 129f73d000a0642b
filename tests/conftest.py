"""Where the published measurements are, for tests that compare with them."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

# Workers of pytest-xdist share the cores: threads of theirs would wait for one another.
if "PYTEST_XDIST_WORKER" in os.environ:
    os.environ.setdefault("OMP_NUM_THREADS", "1")

_CHECKOUT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def published_data() -> Callable[[str], Path]:
    """Return the path of a file of published data; the test is skipped where there is none."""
    folder = Path(os.environ.get("CTNAS_DATA", _CHECKOUT.parent / "shared" / "data"))

    def find(name: str) -> Path:
        if not (folder / name).is_file():
            pytest.skip(f"no {name} in {folder}; set CTNAS_DATA to the folder that has it")
        return folder / name

    return find
