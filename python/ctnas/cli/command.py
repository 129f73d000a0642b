"""What all commands share: options from typed dataclasses, one line for an error, exit codes."""

from __future__ import annotations

import sys
import warnings
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

from cyclopts import App, CycloptsError, Parameter

from ctnas.app.signals import Terminated
from ctnas.app.text_file import expanded, unreachable
from ctnas.errors import ConfigurationError, CtnasError, InputFileError, LabelWarning
from ctnas.settings.toml import toml_options

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from cyclopts.argument import ArgumentCollection

    Layer: TypeAlias = Callable[[App, tuple[str, ...], ArgumentCollection], None]

EXIT_BAD_INPUT = 2
EXIT_INTERRUPTED = 130
EXIT_TERMINATED = 143


def run_command(
    name: str,
    summary: str,
    function: Callable[..., None],
    arguments: Sequence[str] | None,
    completed: Callable[[Sequence[str]], Sequence[str]] = list,
    layers: Sequence[Layer] = (),
) -> int:
    """Parse a command line and run a command.

    Args:
        name: of the command.
        summary: what it does, for `--help`.
        function: takes the options as keyword arguments.
        arguments: the command line without the command; that of the process if None.
        completed: adds what the command line implies.
        layers: give options that stand neither on the command line nor in its file.

    Returns:
        The exit code: 0, 2 for bad input (after one line on standard error), 130 when interrupted,
        143 when asked to end.
    """
    tokens = [expanded(each) for each in (sys.argv[1:] if arguments is None else arguments)]
    try:
        with _warnings_in_one_line(name):
            _app(name, summary, function, layers).meta(
                completed(tokens),
                exit_on_error=False,
                print_error=False,
                result_action="return_value",
            )
    except (CtnasError, CycloptsError) as error:
        return _refuse(name, error)
    except OSError as error:
        # What no place of a file can be, such as a name that is too long.
        if error.filename is None or error.strerror is None:
            raise
        return _refuse(name, InputFileError(unreachable(error.filename, error)))
    except KeyboardInterrupt as interrupt:
        print(f"{name}: {str(interrupt) or 'interrupted'}", file=sys.stderr)
        return EXIT_TERMINATED if isinstance(interrupt, Terminated) else EXIT_INTERRUPTED
    return 0


def with_value(tokens: Sequence[str], flag: str, value: str) -> list[str]:
    """Return a command line in which a flag that stands alone has a value.

    Args:
        tokens: the command line.
        flag: the flag, with its hyphens.
        value: given to it where nothing follows, or another flag.
    """
    completed = []
    for place, token in enumerate(tokens):
        completed.append(token)
        follows = "".join(tokens[place + 1 : place + 2])
        if token == flag and (not follows or follows.startswith("--")):
            completed.append(value)
    return completed


def stored_settings(
    settings: Callable[[Path], Path],
) -> Callable[[Sequence[str]], Sequence[str]]:
    """Return what adds to `--resume DIRECTORY` the settings that stand in that directory.

    Args:
        settings: returns their file.
    """

    def completed(tokens: Sequence[str]) -> Sequence[str]:
        given = [t.removeprefix("--resume=") for t in tokens if t.startswith("--resume=")]
        given += [after for token, after in pairwise(tokens) if token == "--resume"]
        if not given:
            return tokens
        if any(token.split("=")[0] == "--config" for token in tokens):
            raise ConfigurationError(
                "--config cannot be given with --resume: a run keeps its settings"
            )
        return [*tokens, "--config", str(settings(Path(given[-1])))]

    return completed


def _app(name: str, summary: str, function: Callable[..., None], layers: Sequence[Layer]) -> App:
    """Return a command with an option `--config` beside those of `function`."""
    app = App(name=name, help=summary, version=_version, result_action="return_value")
    for part in (app, app.meta):
        # The message of an interrupt says what was kept.
        part.suppress_keyboard_interrupt = False
    app.default(function)

    @app.meta.default
    def launch(
        *tokens: Annotated[str, Parameter(show=False, allow_leading_hyphen=True)],
        config: Path | None = None,
    ) -> Any:
        """Read options from a file first.

        Args:
            tokens: what the command itself parses.
            config: TOML file with any of the options, also as the first argument without this
                name; what stands on the command line wins.
        """
        if config is None and tokens and tokens[0].endswith(".toml"):
            config, tokens = Path(tokens[0]), tokens[1:]
        read = () if config is None else (toml_options(config),)
        app.config = (*read, *layers)
        return app(tokens, exit_on_error=False, print_error=False, result_action="return_value")

    return app


@contextmanager
def _warnings_in_one_line(name: str) -> Iterator[None]:
    """Print warnings about labels like errors, each once, whatever filters there are."""
    said: set[str] = set()
    with warnings.catch_warnings():
        warnings.simplefilter("always", LabelWarning)
        others = warnings.showwarning

        def show(message: Warning | str, category: type[Warning], *place: Any, **more: Any) -> None:
            if not issubclass(category, LabelWarning):
                others(message, category, *place, **more)
            elif str(message) not in said:
                said.add(str(message))
                print(f"{name}: warning: {message}", file=sys.stderr)

        warnings.showwarning = show
        yield


def _refuse(name: str, error: Exception) -> int:
    """Print an error in one line."""
    message = " ".join(str(error).split())
    print(f"{name}: error: {message}", file=sys.stderr)
    return EXIT_BAD_INPUT


def _version() -> str:
    from importlib.metadata import version

    return version("ctnas")
