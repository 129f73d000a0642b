import subprocess
import sys

import pytest

from ctnas.errors import ConfigurationError
from ctnas.spaces.darts.costs import DartsLayout
from ctnas.supernet import SupernetConfig, load_images


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("epochs", 0),
        ("epochs", 1.5),
        ("batch_size", 1),
        ("batch_size", True),
        ("learning_rate", 0.0),
        ("learning_rate", float("nan")),
        ("momentum", 1.0),
        ("momentum", -0.1),
        ("weight_decay", -1e-4),
        ("gradient_clip", 0.0),
        ("cells", 2),
        ("channels", 1),
        ("image_size", 7),
        ("calibration_images", 1),
        ("device", "tpu"),
        ("precision", "64-true"),
    ],
)
def test_a_wrong_setting_is_refused_by_name_and_value(name, value):
    with pytest.raises(ConfigurationError, match=f"{name} .*{value}"):
        SupernetConfig(**{name: value})


def test_the_layout_fits_the_images():
    config = SupernetConfig(cells=5, channels=4)
    assert config.layout(load_images("digits")) == DartsLayout(
        cells=5, channels=4, image_size=8, image_channels=1, classes=10
    )


def test_settings_are_read_without_pytorch():
    code = (
        "import sys; from ctnas.supernet import SupernetConfig; SupernetConfig(); "
        "assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
