"""What a preset chooses where the user does not, on the command line, in files and in Python."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, get_args

import pytest
from cyclopts import Parameter

from ctnas.cli.command import run_command
from ctnas.comparator.presets import PresetName, comparator_preset
from ctnas.errors import ConfigurationError
from ctnas.run.config import RunConfig, preset_config, preset_options
from ctnas.searching.config import search_preset
from ctnas.settings.presets import preset_layer
from ctnas.settings.toml import to_toml

LAYER = preset_layer(get_args(PresetName), preset_options)

Parsed = Callable[..., RunConfig]


@pytest.fixture
def parsed() -> Parsed:
    """Return the settings that a command line makes."""

    def parse(*arguments: str) -> RunConfig:
        found = []

        def command(
            *,
            config: Annotated[RunConfig, Parameter(name="*")] = RunConfig(),  # noqa: B008
        ) -> None:
            found.append(config)

        assert run_command("command", "", command, arguments, layers=(LAYER,)) == 0
        return found[0]

    return parse


def test_command_line_and_python_give_the_same_settings(parsed: Parsed) -> None:
    assert parsed("--preset", "smoke") == preset_config("smoke")
    assert parsed("--preset=paper") == preset_config("paper") == RunConfig(preset="paper")
    assert parsed() == preset_config("default") == RunConfig()


def test_what_is_given_stands_whatever_the_preset(parsed: Parsed) -> None:
    # Also where it is the default of another preset.
    default = RunConfig()
    config = parsed("--queries", "300", "--supernet.epochs", "60", "--preset", "smoke")
    assert (config.queries, config.supernet.epochs) == (300, default.supernet.epochs)
    assert default.total_queries == 300
    assert config == preset_config("smoke", queries=300, supernet={"epochs": 60})
    assert config.supernet.channels == preset_config("smoke").supernet.channels


def test_a_file_names_a_preset_and_options_beside_it(parsed: Parsed, tmp_path: Path) -> None:
    file = tmp_path / "small.toml"
    file.write_text('preset = "smoke"\nqueries = 33\n[supernet]\nchannels = 6\n')
    expected = preset_config("smoke", queries=33, supernet={"channels": 6})
    assert parsed("--config", str(file)) == expected
    assert parsed(str(file), "--queries", "44").queries == 44
    other = RunConfig(
        queries=33, supernet=preset_config("default", supernet={"channels": 6}).supernet
    )
    assert parsed(str(file), "--preset", "default") == other


def test_settings_that_a_run_wrote_are_read_as_they_are(parsed: Parsed, tmp_path: Path) -> None:
    config = preset_config("smoke", queries=300, iterations=7)
    (tmp_path / "config.toml").write_text(to_toml(config))
    assert parsed("--config", str(tmp_path / "config.toml")) == config


def test_smoke_is_smaller_in_every_part_and_leaves_none_out() -> None:
    smoke, default = comparator_preset("smoke"), comparator_preset("default")
    assert smoke.encoder.width < default.encoder.width
    assert smoke.fit.for_labels(100).steps < default.fit.steps
    assert smoke.distillation is not None
    assert default.distillation is not None
    assert smoke.distillation.pool < default.distillation.pool
    assert search_preset("smoke").iterations < search_preset("default").iterations
    assert preset_config("smoke").supernet.epochs < RunConfig().supernet.epochs
    assert preset_config("smoke").total_queries < RunConfig().total_queries


def test_unknown_preset_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="unknown preset 'best'; known are default, paper"):
        preset_options("best")
