"""The public names, and what importing them costs."""

import pkgutil
import subprocess
import sys
from importlib.metadata import version

import pytest

import ctnas
from ctnas import _core

LIGHT = """
import sys
import ctnas
from ctnas.errors import CtnasError
import ctnas.ranking, ctnas.testing
space = ctnas.get_space("nasbench201")
batch = space.sample(20, seed=0)
labels = ctnas.LabelSet(space, batch, range(20))
names = [ctnas.Comparator, ctnas.Ranking, ctnas.ArchitectureBatch, ctnas.GraphSpace]
print(*sys.modules)
"""
HEAVY = {"torch", "optuna", "matplotlib", "pyarrow", "onnx", "onnxruntime", "scipy", "sklearn"}


@pytest.mark.parametrize("name", ctnas.__all__)
def test_every_public_name_exists(name: str) -> None:
    assert getattr(ctnas, name) is not None
    assert name in dir(ctnas)


def test_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'ctnas' has no attribute 'serach'"):
        ctnas.serach  # noqa: B018


def test_version_is_that_of_the_package_and_the_core() -> None:
    assert ctnas.__version__ == version("ctnas") == _core.__version__


def test_no_public_name_is_that_of_a_module() -> None:
    # Importing the module would hide the name behind it.
    modules = {module.name for module in pkgutil.iter_modules(ctnas.__path__)}
    assert not modules & set(ctnas.__all__)


def test_everything_but_learning_is_light() -> None:
    process = subprocess.run(
        [sys.executable, "-c", LIGHT], capture_output=True, text=True, check=True
    )
    loaded = {name.partition(".")[0] for name in process.stdout.split()}
    assert not loaded & HEAVY
