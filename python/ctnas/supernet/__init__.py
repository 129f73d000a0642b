"""How labels are made: a supernet, its training, and the evaluation of single architectures.

Names are imported when they are first used, so that settings can be read without PyTorch.

Example:
    >>> splits, config = load_images("digits"), SupernetConfig()
    >>> space = DartsSpace(config.layout(splits))
    >>> supernet = train_supernet(space, splits, config, seed=0)
    >>> for measured in Evaluator(supernet, splits).measure(space.sample(10, seed=1)):
    ...     print(measured.accuracy, measured.log_likelihood)
"""

from typing import TYPE_CHECKING

from ctnas.app.lazy import lazy_names

if TYPE_CHECKING:
    from ctnas.supernet.build import build_supernet
    from ctnas.supernet.checkpoint import load_supernet, save_supernet
    from ctnas.supernet.config import SupernetConfig
    from ctnas.supernet.evaluation import Evaluator, Measurement, extract_subnet
    from ctnas.supernet.network import Supernet
    from ctnas.supernet.training import train_supernet, train_supernets
    from ctnas.training.image_set import ImageSet, ImageSplits
    from ctnas.training.images import load_images

__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "Evaluator": "ctnas.supernet.evaluation",
        "ImageSet": "ctnas.training.image_set",
        "ImageSplits": "ctnas.training.image_set",
        "Measurement": "ctnas.supernet.evaluation",
        "SupernetConfig": "ctnas.supernet.config",
        "build_supernet": "ctnas.supernet.build",
        "extract_subnet": "ctnas.supernet.evaluation",
        "load_images": "ctnas.training.images",
        "load_supernet": "ctnas.supernet.checkpoint",
        "save_supernet": "ctnas.supernet.checkpoint",
        "Supernet": "ctnas.supernet.network",
        "train_supernet": "ctnas.supernet.training",
        "train_supernets": "ctnas.supernet.training",
    },
)

__all__ = [
    "Evaluator",
    "ImageSet",
    "ImageSplits",
    "Measurement",
    "Supernet",
    "SupernetConfig",
    "build_supernet",
    "extract_subnet",
    "load_images",
    "load_supernet",
    "save_supernet",
    "train_supernet",
    "train_supernets",
]
