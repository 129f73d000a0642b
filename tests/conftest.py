"""Published measurements, disks and images for tests, and what their processes begin with."""

import os
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

pytest_plugins = ["pytester", "whole_suite"]

# Workers of pytest-xdist share the cores: threads of theirs would wait for one another.
if "PYTEST_XDIST_WORKER" in os.environ:
    os.environ.setdefault("OMP_NUM_THREADS", "1")

_CHECKOUT = Path(__file__).resolve().parents[1]


def pytest_xdist_auto_num_workers() -> int:
    """Return one worker more than cores: many tests wait for processes, or for clocks."""
    return (os.cpu_count() or 1) + 1


@pytest.fixture(scope="session", autouse=True)
def interruptible() -> Iterator[None]:
    """Let processes of tests be interrupted.

    What a shell starts in the background ignores SIGINT, and so would all that is started here.
    """
    is_main = threading.current_thread() is threading.main_thread()
    if not is_main or signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        yield
        return
    signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, signal.SIG_IGN)


@pytest.fixture(scope="session")
def published_data() -> Callable[[str], Path]:
    """Return the path of a file of published data; the test is skipped where there is none."""
    folder = Path(os.environ.get("CTNAS_DATA", _CHECKOUT.parent / "shared" / "data"))

    def find(name: str) -> Path:
        if not (folder / name).is_file():
            pytest.skip(f"no {name} in {folder}; set CTNAS_DATA to the folder that has it")
        return folder / name

    return find


@pytest.fixture(scope="session")
def finished_smoke_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a finished run of preset smoke that tests only read; all processes share one."""
    from filelock import FileLock

    from ctnas.app.console import TerminalProgress
    from ctnas.run.config import preset_config
    from ctnas.run.directory import RunDirectory
    from ctnas.run.pipeline import run

    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent
    path = folder / "finished-smoke-run"
    with FileLock(folder / "finished-smoke-run.lock"):
        if not (path / "report.html").exists():
            config = preset_config(
                "smoke", objective="accuracy,madds", provider="cpu", threads=1, out=path
            )
            run(config, RunDirectory.create(config), TerminalProgress(quiet=True, silent=True))
    return path


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
        pytest.skip(f"no disk can be mounted here: {mounted.stderr.strip()}")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.fixture
def write_image_folder(tmp_path):
    """Return a function that writes an image folder and returns it."""
    import numpy as np
    from PIL import Image

    def write(classes=("cat", "dog"), counts=None, size=(10, 12), mode="RGB", suffix="png"):
        generator = np.random.default_rng(0)
        folder = tmp_path / "images"
        counts = counts or dict.fromkeys(classes, 6)
        for part in ("train", "test"):
            for name, count in counts.items():
                place = folder / part / name
                place.mkdir(parents=True)
                for number in range(count):
                    pixels = generator.integers(0, 256, (*size, 3)).astype(np.uint8)
                    image = Image.fromarray(pixels).convert(mode)
                    image.save(place / f"{number}.{suffix}")
        return folder

    return write


@pytest.fixture
def require_folder():
    """Return a function that skips the test where a folder of real data is absent."""

    def require(folder):
        if not Path(folder).is_dir():
            pytest.skip(f"{folder} is absent")

    return require
