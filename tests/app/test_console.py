"""Progress: bars on a terminal, plain lines elsewhere."""

import pytest

from ctnas.app import console
from ctnas.app.console import TerminalProgress


@pytest.fixture
def plain(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("FORCE_COLOR", "TTY_COMPATIBLE"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.usefixtures("plain")
def test_stage_is_told_when_it_begins_and_ends(capsys: pytest.CaptureFixture[str]) -> None:
    progress = TerminalProgress(quiet=False)
    with progress.stage("Measure 5 architectures") as advance:
        for done in range(1, 6):
            advance(done, 5)
    first, last = capsys.readouterr().out.splitlines()
    assert first == "Measure 5 architectures ..."
    assert last.startswith("Measure 5 architectures: done in ")


@pytest.mark.usefixtures("plain")
def test_long_stage_tells_how_much_is_left(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = iter([0.0, 4.0, 11.0, 14.0, 30.0, 31.0])
    monkeypatch.setattr(console, "perf_counter", lambda: next(clock))
    with TerminalProgress(quiet=False).stage("Fit") as advance:
        for done in range(1, 5):
            advance(done, 8)
    assert capsys.readouterr().out.splitlines() == [
        "Fit ...",
        # 11 s for 2 of 8.
        "Fit: 2 of 8, 33 s left",
        "Fit: 4 of 8, 30 s left",
        "Fit: done in 31.0 s",
    ]


@pytest.mark.usefixtures("plain")
def test_message_is_printed_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    message = "[bold]|conv~0|[/bold] " + 50 * "long "
    TerminalProgress(quiet=False).say(message)
    assert capsys.readouterr().out == message + "\n"


@pytest.mark.usefixtures("plain")
def test_stage_that_fails_is_not_told_to_be_done(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ZeroDivisionError), TerminalProgress(quiet=False).stage("Fit"):
        raise ZeroDivisionError
    assert capsys.readouterr().out == "Fit ...\n"


def test_terminal_shows_a_bar(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "100")
    with TerminalProgress(quiet=False).stage("Fit") as advance:
        advance(3, 8)
    assert "3/8" in capsys.readouterr().out


def test_quiet_terminal_shows_no_bar(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    with TerminalProgress(quiet=True).stage("Fit") as advance:
        advance(3, 8)
    out = capsys.readouterr().out
    assert "3/8" not in out
    assert out.startswith("Fit ...\n")
