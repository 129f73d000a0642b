from pathlib import Path

import pytest

from ctnas.errors import ConfigurationError
from ctnas.run.config import RunConfig
from ctnas.settings.quantity import parse_quantity
from ctnas.settings.toml import read_toml


@pytest.mark.parametrize(
    ("text", "value"),
    [("600M", 6e8), ("600m", 6e8), ("1.5G", 1.5e9), ("20k", 2e4), ("6e8", 6e8), (" 7 ", 7.0)],
)
def test_a_quantity_may_have_a_unit(text: str, value: float) -> None:
    assert parse_quantity(text) == value


@pytest.mark.parametrize("text", ["", "M", "600MB", "many", "6T"])
def test_what_is_no_quantity_is_refused(text: str) -> None:
    with pytest.raises(ConfigurationError, match="may end in K, M or G, such as 600M, not"):
        parse_quantity(text)


@pytest.mark.parametrize("written", ['"600M"', "600000000", "6e8"])
def test_a_file_may_write_a_limit_in_any_way(tmp_path: Path, written: str) -> None:
    (tmp_path / "run.toml").write_text(f'space = "mobilenetv3"\nmax-madds = {written}\n')
    assert read_toml(tmp_path / "run.toml", RunConfig).max_madds == 6e8
