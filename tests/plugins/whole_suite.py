"""Options with which two environments together run every test, and none is left out unnoticed."""

from pathlib import Path

import pytest

UNAVOIDABLE = (
    "no GPU",
    "a GPU works here",
    "cannot happen as root",
    "no disk can be mounted here",
)
"""How the reasons begin for which a test may be skipped on a machine that has everything else."""


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("whole suite")
    group.addoption(
        "--no-skips", action="store_true", help="let a skipped test fail, but for a few reasons"
    )
    group.addoption("--note-passed", type=Path, help="write the names of passed tests to a file")
    group.addoption("--but-passed", type=Path, help="leave out tests that such a file names")


def pytest_configure(config: pytest.Config) -> None:
    file = config.getoption("note_passed")
    # Reports of all workers arrive in the process that started them.
    if file is not None and not hasattr(config, "workerinput"):
        config.pluginmanager.register(_Notes(file))


class _Notes:
    """Writes down what has passed.

    Args:
        file: where.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._passed: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call" and report.passed:
            self._passed.append(report.nodeid)

    def pytest_sessionfinish(self) -> None:
        self._file.write_text("".join(f"{name!r}\n" for name in sorted(self._passed)))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    file = config.getoption("but_passed")
    if file is None:
        return
    passed = set(file.read_text().splitlines())
    again = [item for item in items if repr(item.nodeid) in passed]
    config.hook.pytest_deselected(items=again)
    items[:] = [item for item in items if repr(item.nodeid) not in passed]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item):
    report = yield
    if item.config.getoption("no_skips") and report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2].removeprefix("Skipped: ")
        if not reason.startswith(UNAVOIDABLE):
            report.outcome = "failed"
            report.longrepr = f"{item.nodeid} must not be skipped: {reason}"
    return report
