"""What developers and `.ci/run` do, each in one place.

`nox` does lint, types and the tests of the README, and `nox -s cpp` checks C++. With
`--no-venv --no-install` it takes the active environment as it is.
"""

from pathlib import Path

import nox

nox.options.sessions = ["lint", "types", "tests"]
nox.options.default_venv_backend = "venv"
nox.options.reuse_existing_virtualenvs = True
nox.options.error_on_external_run = False


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
def sdist(session: nox.Session) -> None:
    """Make the source distribution."""
    session.install("build")
    folder = Path(session.create_tmp()).resolve()
    session.run("python", "-m", "build", "--sdist", "--outdir", str(folder), ".", silent=True)
    if not list(folder.glob("ctnas-*.tar.gz")):
        session.error("no source distribution was made")
