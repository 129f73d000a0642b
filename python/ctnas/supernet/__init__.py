"""How labels are made: a supernet, its training, and the evaluation of single architectures.

Names are imported when they are first used, so that settings can be read without PyTorch.

Example:
    >>> splits, config = load_images("digits"), SupernetConfig()
    >>> space = DartsSpace(config.layout(splits))
    >>> supernet = train_supernet(space, splits, config, seed=0)
    >>> for measured in Evaluator(supernet, splits).measure(space.sample(10, seed=1)):
    ...     print(measured.accuracy, measured.log_likelihood)
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ctnas.supernet.build import build_supernet
    from ctnas.supernet.checkpoint import load_supernet, save_supernet
    from ctnas.supernet.config import SupernetConfig
    from ctnas.supernet.darts import DartsSupernet, Path, paths
    from ctnas.supernet.evaluation import Evaluator, Measurement
    from ctnas.supernet.image_set import ImageSet, ImageSplits
    from ctnas.supernet.images import load_images
    from ctnas.supernet.mobilenetv3.subnet import extract_subnet
    from ctnas.supernet.network import Supernet
    from ctnas.supernet.training import train_supernet, train_supernets

_HOME = {
    "DartsSupernet": "darts",
    "Evaluator": "evaluation",
    "ImageSet": "image_set",
    "ImageSplits": "image_set",
    "Measurement": "evaluation",
    "Path": "darts",
    "SupernetConfig": "config",
    "build_supernet": "build",
    "extract_subnet": "mobilenetv3.subnet",
    "load_images": "images",
    "load_supernet": "checkpoint",
    "paths": "darts",
    "save_supernet": "checkpoint",
    "Supernet": "network",
    "train_supernet": "training",
    "train_supernets": "training",
}

__all__ = [
    "DartsSupernet",
    "Evaluator",
    "ImageSet",
    "ImageSplits",
    "Measurement",
    "Path",
    "Supernet",
    "SupernetConfig",
    "build_supernet",
    "extract_subnet",
    "load_images",
    "load_supernet",
    "paths",
    "save_supernet",
    "train_supernet",
    "train_supernets",
]


def __getattr__(name: str) -> object:
    """Import a public name from the module that defines it."""
    if name in _HOME:
        return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
