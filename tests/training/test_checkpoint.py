from contextlib import suppress
from pathlib import Path

import pytest
import torch

from ctnas.errors import OutputError
from ctnas.training.checkpoint import TrainingState


def state(value: float) -> TrainingState:
    network = torch.nn.Linear(10, 10)
    torch.nn.init.constant_(network.weight, value)
    return TrainingState({"seed": 0}, network, torch.optim.SGD(network.parameters(), 0.1))


def test_full_disk_is_called_so_and_the_last_checkpoint_stays(small_disk: Path) -> None:
    path = small_disk / "training.pt"
    state(1.0).save(path)
    with suppress(OSError), (small_disk / "filler").open("wb", buffering=0) as filler:
        while True:
            filler.write(bytes(4096))
    with pytest.raises(OutputError) as caught:
        state(2.0).save(path)
    assert str(caught.value) == f"cannot write {str(path)!r}: No space left on device"
    assert sorted(entry.name for entry in small_disk.iterdir()) == ["filler", "training.pt"]
    restored = state(3.0)
    restored.restore(path)
    assert restored.network.weight.unique().item() == 1.0
