import pytest
import torch

from ctnas.spaces import MobileNetV3Space
from ctnas.spaces.mobilenetv3.costs import MobileNetV3Layout
from ctnas.spaces.mobilenetv3.network import MobileNetV3Supernet


@pytest.fixture(autouse=True)
def _one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def layout():
    return MobileNetV3Layout(
        width=0.35, image_size=16, classes=4, stem_stride=1, unit_strides=(1, 2, 2, 1, 2)
    )


@pytest.fixture(scope="session")
def space(layout):
    return MobileNetV3Space(layout)


@pytest.fixture
def supernet(layout):
    """A supernet of random weights; those of batch normalization differ by channel.

    In double precision: 20 normalized layers of random weights enlarge what is rounded.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(3)
        made = MobileNetV3Supernet(layout, [100.0, 110.0, 120.0], [60.0, 50.0, 40.0])
        with torch.no_grad():
            for name, weight in made.named_parameters():
                if "norm" in name or "transforms" in name or "bias" in name:
                    weight.add_(0.2 * torch.randn_like(weight))
        return made.double()


@pytest.fixture(scope="session")
def pixels():
    generator = torch.Generator().manual_seed(0)
    return torch.randint(0, 256, (12, 3, 16, 16), dtype=torch.uint8, generator=generator)
