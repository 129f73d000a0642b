"""Packages that only some users need: what is missing is said with what installs it."""

import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from ctnas.benchmarks.tables import analog_nasbench, nas_bench_graph
from ctnas.cli.rank import main as rank
from ctnas.cli.search import main as search
from ctnas.errors import LabelError, MissingPackageError
from ctnas.extras import EXTRAS
from ctnas.labels.storage import open_storage
from ctnas.workers.cluster import check_ray, ray_cluster

PYPROJECT = Path(__file__).parents[1] / "pyproject.toml"


@pytest.fixture
def without(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Return a way to hide a package, whether it is installed or not."""
    return lambda package: monkeypatch.setitem(sys.modules, package, None)


def open_database(url: str = "postgresql://me:secret@127.0.0.1:1/labels") -> None:
    with open_storage(url):
        pass


def open_cluster() -> None:
    with ray_cluster():
        pass


@pytest.mark.parametrize(
    ("package", "user", "extra", "use"),
    [
        ("psycopg", "postgresql://me@127.0.0.1:1/labels", "postgres", open_database),
        ("ray", "--engine ray", "ray", check_ray),
        ("ray", "--engine ray", "ray", open_cluster),
        (
            "nas_bench_graph",
            "'light/cora.bench'",
            "bench",
            lambda: nas_bench_graph("cora", "test_performance"),
        ),
        ("analognasbench", "", "bench", lambda: analog_nasbench("analog_accuracy")),
    ],
)
def test_missing_package_is_named_with_its_extra_and_who_needs_it(
    package: str,
    user: str,
    extra: str,
    use: Callable[[], object],
    without: Callable[[str], None],
) -> None:
    without(package)
    with pytest.raises(MissingPackageError) as caught:
        use()
    assert user in str(caught.value)
    assert f"needs the package {package}, which is not installed" in str(caught.value)
    assert f"pip install 'ctnas[{extra}]'" in str(caught.value)
    assert "secret" not in str(caught.value)
    assert isinstance(caught.value, ModuleNotFoundError)
    assert caught.value.name == package


def test_ranking_on_a_cluster_is_refused_before_any_file_is_read(
    without: Callable[[str], None], capsys: pytest.CaptureFixture[str]
) -> None:
    without("ray")
    with pytest.raises(SystemExit) as end:
        rank(["nowhere", "--architectures", "nowhere.csv", "--engine", "ray"])
    assert end.value.code == 2
    assert "pip install 'ctnas[ray]'" in capsys.readouterr().err


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg"])
def test_search_without_the_driver_of_its_database_is_refused_and_keeps_no_password(
    without: Callable[[str], None], capsys: pytest.CaptureFixture[str], tmp_path: Path, scheme: str
) -> None:
    without("psycopg")
    url = f"{scheme}://me:secret@127.0.0.1:1/labels"
    with pytest.raises(SystemExit) as end:
        search(["--storage", url, "--workers", "1", "--out", str(tmp_path / "run")])
    assert end.value.code == 2
    said = capsys.readouterr()
    assert "pip install 'ctnas[postgres]'" in said.err
    written = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
    assert len(written) > 1
    assert not any(b"secret" in content for content in [*written, repr(said).encode()])


def test_driver_that_no_extra_brings_is_left_to_the_user() -> None:
    with pytest.raises(LabelError, match=r"me@host/labels cannot be opened"):
        open_database("postgresql+pg8000://me:secret@host/labels")


def test_every_extra_that_is_named_is_one_of_the_package() -> None:
    extras = tomllib.loads(PYPROJECT.read_text())["project"]["optional-dependencies"]
    assert set(EXTRAS.values()) <= set(extras)
