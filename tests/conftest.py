"""Where the published measurements are, for tests that compare with them."""

import os
import subprocess
from collections.abc import Callable, Iterator
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


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Return a directory on a disk of its own, of 16 MB; fill it by writing to a file there."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", str(folder)]
    if os.geteuid() != 0:
        pytest.skip("only root can mount a small disk")
    mounted = subprocess.run(mount, capture_output=True, text=True, check=False)
    if mounted.returncode:
        pytest.skip(f"no small disk can be mounted here: {mounted.stderr.strip()}")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)
