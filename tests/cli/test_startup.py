"""Commands answer at once, and load PyTorch only when they need it."""

import subprocess
import sys
from pathlib import Path
from time import perf_counter

import pytest

COMMANDS = {
    "ctnas-rank": "ctnas.cli.rank",
    "ctnas-search": "ctnas.cli.search",
    "ctnas-train": "ctnas.cli.train",
}
HEAVY = {"torch", "optuna", "matplotlib", "onnx", "onnxruntime", "sklearn", "scipy", "jinja2"}

# Runs a command in a process of its own and prints its exit code and the modules that it loaded.
WATCH = """
import sys
from importlib import import_module
try:
    import_module(sys.argv[1]).main(sys.argv[2:])
except SystemExit as end:
    code = end.code or 0
print(code, *sys.modules, file=sys.stderr)
"""


def watch(module: str, *arguments: str) -> tuple[int, set[str], str]:
    """Return exit code, top-level modules and standard output of a command."""
    process = subprocess.run(
        [sys.executable, "-c", WATCH, module, *arguments],
        capture_output=True,
        text=True,
        check=True,
    )
    code, *modules = process.stderr.split()
    return int(code), {name.partition(".")[0] for name in modules}, process.stdout


@pytest.mark.parametrize("command", COMMANDS)
def test_help_explains_every_option_and_loads_nothing_heavy(command: str) -> None:
    code, modules, out = watch(COMMANDS[command], "--help")
    assert code == 0
    assert not modules & (HEAVY | {"pyarrow"})
    assert f"Usage: {command}" in out
    for option in ("--threads", "--out", "--space", "--config", "--version"):
        assert option in out
    assert "default: auto" in " ".join(out.split())


def test_help_of_the_export_loads_nothing_heavy() -> None:
    code, modules, out = watch("ctnas.cli.export", "--help")
    assert code == 0
    assert not modules & (HEAVY | {"pyarrow"})
    for option in ("--check", "--triton", "--max-batch-size", "--config", "--version"):
        assert option in out


def test_help_of_a_worker_loads_nothing_heavy() -> None:
    code, modules, out = watch("ctnas.cli.label", "--help")
    assert code == 0
    assert not modules & (HEAVY | {"pyarrow", "sqlalchemy"})
    for option in ("--storage", "--study", "--labels", "--idle", "--config", "--version"):
        assert option in out


def test_checking_and_laying_out_a_comparator_never_load_torch(
    exported: Path, tmp_path: Path
) -> None:
    for arguments in (("--check", str(exported)), (str(exported), "--triton", str(tmp_path / "m"))):
        code, modules, _ = watch("ctnas.cli.export", *arguments)
        assert code == 0
        assert not modules & {"torch", "optuna", "matplotlib", "sklearn", "scipy"}


@pytest.mark.parametrize("command", [*COMMANDS, "ctnas-export", "ctnas-label"])
def test_help_answers_at_once(command: str) -> None:
    script = Path(sys.executable).parent / command
    if not script.exists():
        pytest.skip(f"{command} is not installed beside {sys.executable}")
    seconds = []
    for _ in range(3):
        start = perf_counter()
        subprocess.run([script, "--help"], capture_output=True, check=True)
        seconds.append(perf_counter() - start)
    # Half a second is what a user should wait; the machine of a test may be busy.
    assert min(seconds) < 1.5


def test_ranking_loads_nothing_heavy(exported: Path, tables: dict[str, Path]) -> None:
    arguments = (str(exported), "--architectures", str(tables["csv"]), "--top", "3")
    code, modules, out = watch("ctnas.cli.rank", *arguments)
    assert code == 0
    assert not modules & HEAVY
    assert len(out.splitlines()) == 4
