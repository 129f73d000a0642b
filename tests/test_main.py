"""`python -m ctnas` says where things are, and nothing else."""

from pathlib import Path

import pytest

import ctnas
from ctnas.__main__ import main


def run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as end:
        main(arguments)
    return int(end.value.code or 0)


def test_the_cmake_package_is_found_beside_the_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    directory = tmp_path / "cpp" / "cmake"
    directory.mkdir(parents=True)
    monkeypatch.setattr(ctnas, "__path__", ["/nowhere", str(tmp_path)])
    assert run("--cmake-dir") == 2
    assert "no CMake package at '/nowhere/cpp/cmake': install ctnas" in capsys.readouterr().err
    (directory / "ctnasConfig.cmake").touch()
    assert run("--cmake-dir") == 0
    assert capsys.readouterr().out == f"{directory}\n"


def test_the_library_of_the_installed_runtime_is_found_without_importing_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run("--onnxruntime") == 0
    library = Path(capsys.readouterr().out.strip())
    assert library.is_file()
    assert library.name.startswith(("libonnxruntime.", "onnxruntime."))


def test_a_missing_runtime_is_an_error(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    assert run("--onnxruntime") == 2
    assert "no package onnxruntime" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [[], ["--cmake-dir", "--onnxruntime"]])
def test_one_thing_is_asked_for(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(*arguments) == 2
    assert "give one of --cmake-dir and --onnxruntime" in capsys.readouterr().err
