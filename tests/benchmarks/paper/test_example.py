"""The example of a space of one's own runs and finds what is best in it."""

import importlib.util
from pathlib import Path

import pytest

EXAMPLE = Path(__file__).resolve().parents[3] / "examples" / "own_space.py"


@pytest.mark.slow
def test_a_space_of_ones_own_is_ranked_from_a_csv(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spec = importlib.util.spec_from_file_location("own_space", EXAMPLE)
    assert spec is not None
    assert spec.loader is not None
    example = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(example)
    example.main(tmp_path)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 10
    assert lines[0].endswith("first=conv5x5,second=conv5x5,third=conv5x5,shortcut=yes")
    assert {path.name for path in tmp_path.iterdir()} == {
        "labels.csv",
        "comparator.onnx",
        "ranker.onnx",
    }
