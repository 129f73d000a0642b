from pathlib import Path

import pytest

from ctnas.cli.export import main

from .conftest import Run


def test_a_sound_comparator_passes_with_a_line_for_each_check(run: Run, exported: Path) -> None:
    outcome = run(main, "--check", exported, "--architectures", 50)
    assert (outcome.code, outcome.err) == (0, "")
    lines = outcome.out.splitlines()
    assert len(lines) == 9
    assert all(line.startswith("ok      ") for line in lines)


def test_a_failed_check_ends_with_code_one(run: Run, exported: Path, tmp_path: Path) -> None:
    for file in ("comparator.onnx", "ranker.onnx"):
        content = (exported / file).read_bytes()
        (tmp_path / file).write_bytes(content if file == "ranker.onnx" else content[:500])
    outcome = run(main, "--check", tmp_path)
    assert outcome.code == 1
    (line,) = outcome.out.splitlines()
    assert line.startswith("FAILED  files: ")
    assert "comparator.onnx" in line


def test_a_model_repository_is_written_and_its_models_named(
    run: Run, exported: Path, tmp_path: Path
) -> None:
    outcome = run(main, exported, "--triton", tmp_path / "models", "--max-batch-size", 64)
    assert outcome.code == 0
    written = [Path(line) for line in outcome.out.splitlines()]
    assert [path.name for path in written] == ["ctnas_comparator", "ctnas_ranker"]
    for path in written:
        assert "max_batch_size: 64\n" in (path / "config.pbtxt").read_text()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "give either --network, --check or --triton"),
        (("--check", "a", "--triton", "b"), "give either --network, --check or --triton"),
        (("--triton", "b"), "--triton needs the directory of a comparator"),
        (("a", "--check", "b"), "--check takes a run beside it for a network only"),
        (("--check", "a", "--architectures", "0"), "architectures must be at least 1, not 0"),
        (("--check", "nowhere"), "no directory 'nowhere'"),
    ],
)
def test_what_makes_no_sense_is_refused(run: Run, arguments: tuple[str, ...], message: str) -> None:
    outcome = run(main, *arguments)
    assert outcome.code == 2
    assert message in outcome.err
