"""The test run itself: what it leaves out, and what it starts."""

import os
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

TESTS = """
import pytest

def test_good(): pass

@pytest.mark.skip(reason="psycopg is not installed")
def test_avoidable(): pass

def test_unavoidable(): pytest.skip("no GPU to run on")

@pytest.mark.xfail
def test_known(): assert False
"""
INTERRUPTED = Path(__file__).parent / "core" / "test_processes.py"

Run = Callable[..., dict[str, int]]


@pytest.fixture
def run(pytester: pytest.Pytester) -> Run:
    """Return a way to run four tests with options of the plugin; gives the outcomes."""
    pytester.makepyfile(TESTS)

    def run(*options: object) -> dict[str, int]:
        arguments = ("-p", "whole_suite", "-p", "no:cacheprovider", *map(str, options))
        return pytester.runpytest_inprocess(*arguments).parseoutcomes()

    return run


def test_skip_fails_where_everything_is_there(run: Run) -> None:
    assert run() == {"passed": 1, "skipped": 2, "xfailed": 1}
    assert run("--no-skips") == {"passed": 1, "skipped": 1, "errors": 1, "xfailed": 1}


def test_what_passed_is_not_run_again_and_what_was_skipped_is(run: Run, tmp_path: Path) -> None:
    run(f"--note-passed={tmp_path / 'passed'}")
    assert (tmp_path / "passed").read_text().count("\n") == 1
    again = run(f"--but-passed={tmp_path / 'passed'}", "--no-skips")
    assert again == {"deselected": 1, "skipped": 1, "errors": 1, "xfailed": 1}


@pytest.mark.skipif(os.name != "posix", reason="there is no POSIX shell here")
def test_processes_of_tests_can_be_interrupted_where_the_shell_ignores_interrupts() -> None:
    # As `pytest &` in a script, and nohup for hangups: what is ignored stays so in children.
    command = [sys.executable, "-m", "pytest", "-n0", "-q", str(INTERRUPTED), "-k", "ctrl_c"]
    script = f"trap '' INT; exec {shlex.join(command)}"
    environment = {name: os.environ[name] for name in os.environ if name != "PYTEST_ADDOPTS"}
    done = subprocess.run(
        ["sh", "-c", script],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        env=environment,
    )
    assert done.returncode == 0, done.stdout
