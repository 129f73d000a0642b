"""What developers and `.ci/run` do, each in one place.

`nox` does lint, types and the tests of the README, and `nox -s cpp` checks C++. With
`--no-venv --no-install` it takes the active environment as it is.
"""

import shutil
import sys
from pathlib import Path

import nox

nox.options.sessions = ["lint", "types", "tests"]
nox.options.default_venv_backend = "venv"
nox.options.reuse_existing_virtualenvs = True
nox.options.error_on_external_run = False

VERSION = "import ctnas; print(ctnas.__version__)"
SITES = "import sys; print(*(each for each in sys.path if each.endswith('-packages')), sep='\\n')"
LOWEST = (
    *("tests/settings", "tests/labels/test_tables.py", "tests/labels/test_ledger.py"),
    *("tests/cli/test_rank.py", "tests/cli/test_report.py", "tests/comparator/test_export.py"),
    *("tests/comparator/test_fitting.py", "tests/report/test_page.py", "tests/searching"),
)
"""Tests that touch every dependency whose lowest version is tried."""


def sources(session: nox.Session, *patterns: str) -> list[str]:
    """Return the files under version control that have such names."""
    listed = session.run("git", "ls-files", *patterns, external=True, silent=True)
    return str(listed).split()


@nox.session
def lint(session: nox.Session) -> None:
    """Check style and layout of Python and C++."""
    session.install("ruff>=0.8", "clang-format>=18")
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")
    files = sources(session, "*.cpp", "*.hpp")
    session.run("clang-format", "--dry-run", "-Werror", *files, log=False)


@nox.session
def types(session: nox.Session) -> None:
    """Check types."""
    session.install(".[dev]")
    session.run("mypy")


@nox.session
def tests(session: nox.Session) -> None:
    """Run the tests that the README names; others with arguments, such as `-- -m ''`."""
    session.install(".[test]")
    session.run("python", "-m", "pytest", *session.posargs)


@nox.session
def cpp(session: nox.Session) -> None:
    """Check C++ with clang-tidy, run its tests in several builds, and fuzz it."""
    session.install(".[test,dev]")
    build = Path(session.create_tmp()).resolve()
    environment = {"PYTHON": "python"}
    session.run(
        *("cmake", "-S", ".", "-B", str(build / "tidy"), "-G", "Ninja"),
        "-DCTNAS_BUILD_PYTHON=OFF",
    )
    # Loops over vector registers are arrays of them, and use nothing of the standard library.
    files = rf"{Path.cwd()}/cpp/src/(?!.*kernels_(avx\d+|baseline)\.cpp)"
    session.run("run-clang-tidy", "-quiet", "-p", str(build / "tidy"), files, external=True)
    folders = (str(build / "asan"), str(build / "tsan"), str(build / "portable"))
    session.run("sh", "tests/cpp/run.sh", *folders, env=environment, external=True)
    session.run("sh", "tests/fuzz/run.sh", str(build / "fuzz"), env=environment, external=True)


@nox.session
def docs(session: nox.Session) -> None:
    """Build the site into `build/docs/site`; a warning is an error. Needs Graphviz's `dot`."""
    session.install(".[docs]")
    command = ("-W", "--keep-going", "--quiet", "-d", "build/docs/read")
    session.run("python", "-m", "sphinx", *command, "docs", "build/docs/site")


def fresh_environment(session: nox.Session, name: str, *packages: str) -> Path:
    """Return the programs of a new environment that has the packages, and what else is active.

    What these packages need is installed with them, or taken from the active environment where
    nox was told to install nothing.
    """
    folder = Path(session.create_tmp()).resolve() / name
    shutil.rmtree(folder, ignore_errors=True)
    session.run("python", "-m", "venv", str(folder))
    programs = folder / ("Scripts" if sys.platform == "win32" else "bin")
    if session.venv_backend in (None, "none"):
        packages = ("--no-deps", *packages)
        listed = session.run("python", "-c", SITES, silent=True)
        (where,) = folder.glob("lib/python*/site-packages")
        lines = [f"import site; site.addsitedir({each!r})" for each in str(listed).splitlines()]
        (where / "active.pth").write_text("\n".join(lines))
    pip = str(programs / "python")
    session.run(pip, "-m", "pip", "install", "--quiet", *packages, external=True)
    return programs


@nox.session
def wheel(session: nox.Session) -> None:
    """Make both distributions, and use the wheel where there is no compiler."""
    session.install("build>=1.2", "cibuildwheel>=3.4")
    for platform in ("linux", "macos", "windows"):
        settings = ("--platform", platform, "--print-build-identifiers", ".")
        session.run("python", "-m", "cibuildwheel", *settings, silent=True)
    folder = Path(session.create_tmp()).resolve() / "dist"
    shutil.rmtree(folder, ignore_errors=True)
    session.run("python", "-m", "build", "--outdir", str(folder), ".", silent=True)
    (source,), (made,) = folder.glob("ctnas-*.tar.gz"), folder.glob("ctnas-*.whl")
    programs = fresh_environment(session, "wheel", str(made))
    # Nothing is found there but what the environment has: no compiler, no CMake.
    alone = {"PATH": str(programs), "OMP_NUM_THREADS": "1"}
    session.chdir(session.create_tmp())
    shutil.rmtree("run", ignore_errors=True)
    version = str(session.run("python", "-c", VERSION, env=alone, silent=True)).strip()
    if source.name != f"ctnas-{version}.tar.gz" or f"-{version}-" not in made.name:
        session.error(f"{made.name} and {source.name} say that they are version {version}")
    session.run("ctnas-search", "--preset", "smoke", "--out", "run", "--quiet", env=alone)
    session.run("ctnas-export", "--check", "run", env=alone)
    session.run("ctnas-rank", "run", "--architectures", "run/ranking.csv", env=alone, silent=True)
    session.run("ctnas-report", "run", env=alone)


@nox.session
def lowest(session: nox.Session) -> None:
    """Run tests with the lowest versions that `pyproject.toml` allows, but for PyTorch."""
    session.install(".[test]")
    versions = str(session.run("python", ".ci/lowest_versions.py", silent=True)).split()
    programs = fresh_environment(session, "lowest", *versions)
    python = str(programs / "python")
    # What old versions use of others may have been deprecated since.
    quiet = ("-W", "ignore::DeprecationWarning")
    session.run(python, "-m", "pytest", "-m", "not slow", *quiet, *LOWEST, external=True)
