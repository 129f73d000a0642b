"""What all commands share."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import pytest
from cyclopts import Parameter

from ctnas.cli.command import run_command
from ctnas.cli.search import main as search_main
from ctnas.errors import ConfigurationError, CtnasError, LabelError


@dataclass(frozen=True)
class Options:
    """Options of a command that does nothing.

    Attributes:
        count: how many.
        name: of what.
    """

    count: int = 3
    name: str = "nothing"

    def __post_init__(self) -> None:
        if self.count < 1:
            raise ConfigurationError(f"count must be at least 1, not {self.count}")


def run(*arguments: str, fails: BaseException | None = None) -> tuple[int, list[Options]]:
    """Return the exit code, and the options with which the command was called."""
    seen: list[Options] = []

    def command(*, options: Annotated[Options, Parameter(name="*")] = Options()) -> None:
        """Do nothing."""
        seen.append(options)
        if fails is not None:
            raise fails

    return run_command("ctnas-nothing", "Do nothing.", command, list(arguments)), seen


def test_options_come_from_the_command_line() -> None:
    assert run("--count", "5") == (0, [Options(count=5)])
    assert run() == (0, [Options()])


def test_options_come_from_a_file_unless_they_stand_on_the_command_line(tmp_path: Path) -> None:
    config = tmp_path / "options.toml"
    config.write_text('count = 7\nname = "file"\n')
    assert run("--config", str(config)) == (0, [Options(7, "file")])
    assert run("--config", str(config), "--count", "8") == (0, [Options(8, "file")])
    assert run(str(config), "--count", "8") == (0, [Options(8, "file")])


@pytest.mark.parametrize("option", ["--help", "-h", "--version"])
def test_questions_about_the_command_are_answered(
    option: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(option) == (0, [])
    captured = capsys.readouterr()
    assert captured.out
    assert captured.err == ""


@pytest.mark.parametrize("error", [CtnasError("one\n  two"), LabelError("one two")])
def test_our_errors_end_in_one_line_and_code_2(
    error: CtnasError, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(fails=error) == (2, [Options()])
    assert capsys.readouterr() == ("", "ctnas-nothing: error: one two\n")


def test_setting_that_is_not_allowed_ends_in_one_line_and_code_2(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run("--count", "0") == (2, [])
    expected = "ctnas-nothing: error: count must be at least 1, not 0\n"
    assert capsys.readouterr() == ("", expected)


def test_interruption_ends_in_one_line_and_code_130(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(fails=KeyboardInterrupt())[0] == 130
    assert capsys.readouterr().err == "ctnas-nothing: interrupted\n"
    assert run(fails=KeyboardInterrupt("interrupted; runs/1 keeps labels.db"))[0] == 130
    assert capsys.readouterr().err == "ctnas-nothing: interrupted; runs/1 keeps labels.db\n"


def test_errors_that_are_not_ours_are_not_hidden() -> None:
    with pytest.raises(ZeroDivisionError):
        run(fails=ZeroDivisionError())


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--space", "imagenet"], "unknown search space 'imagenet'"),
        (["--space", "mine.toml"], "give measured labels by --labels"),
        (["--queries", "9"], "queries must be at least 10, not 9"),
        (["--held-out", "1"], "held_out must be above 0 and below 1, not 1"),
        (["--queries", "11"], "held-out 0.2 of 11 queries leaves 9 labels to learn from"),
        (["--held-out", "0.001"], "leaves 100 labels to learn from and 0 to judge by"),
        (["--pseudo-label-ratio", "1"], "pseudo_label_ratio must be at least 0 and below 1, not 1"),
        (["--max-madds", "0"], "max_madds must be above 0, not 0"),
        (["--seed", "-1"], "seed must be at least 0 and"),
        (["--supernet.epochs", "0"], "epochs must be at least 1, not 0"),
        (["--preset", "best"], '"paper"'),
        (["--nonsense"], "--nonsense"),
    ],
)
def test_search_refuses_settings_before_it_makes_a_directory(
    arguments: list[str],
    message: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as caught:
        search_main(arguments)
    assert caught.value.code == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1
    assert list(tmp_path.iterdir()) == []
