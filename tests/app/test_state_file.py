import pickle
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from ctnas.app.state_file import read_state, write_state
from ctnas.errors import ModelError, OutputError


def test_nested_state_comes_back(tmp_path: Path) -> None:
    state = {
        "optimizer": {0: {"step": torch.tensor(3.0), "average": torch.randn(2, 3)}},
        "groups": [{"betas": (0.9, 0.999), "maximize": False, "params": [0, 1]}],
        "seed": 2**120 + 1,
        "average": None,
        "generator": torch.Generator().get_state(),
        "empty": torch.empty(0, 5, dtype=torch.int16),
        "text": "é",
    }
    write_state(tmp_path / "state", "test", state)
    back = read_state(tmp_path / "state", "test")
    for part in (state, back):
        part["tensors"] = [
            part.pop("generator").tolist(),
            part["optimizer"][0].pop("average").tolist(),
            part["optimizer"][0].pop("step").item(),
        ]
        assert part.pop("empty").shape == (0, 5)
    assert back == state


def test_optimizer_goes_on_alike(tmp_path: Path) -> None:
    def steps(weight: torch.Tensor, adam: torch.optim.Adam) -> None:
        for _ in range(3):
            weight.grad = weight.detach().clone()
            adam.step()

    weight = torch.ones(4, requires_grad=True)
    adam = torch.optim.Adam([weight], lr=0.1)
    steps(weight, adam)
    write_state(tmp_path / "state", "test", {"weight": weight, "adam": adam.state_dict()})
    kept = read_state(tmp_path / "state", "test")
    again = kept["weight"].requires_grad_()
    other = torch.optim.Adam([again], lr=0.5)
    other.load_state_dict(kept["adam"])
    steps(weight, adam)
    steps(again, other)
    assert torch.equal(weight, again)


def test_other_files_are_named_and_never_executed(tmp_path: Path) -> None:
    class Trap:
        def __reduce__(self) -> tuple[object, ...]:
            return Path.touch, (tmp_path / "executed",)

    path = tmp_path / "state"
    path.write_bytes(pickle.dumps(Trap()))
    with pytest.raises(ModelError, match="is not a state file"):
        read_state(path, "test")
    torch.save({"trap": Trap()}, path)
    with pytest.raises(ModelError, match="is not a state file"):
        read_state(path, "test")
    save_file({"a": torch.ones(1)}, path)
    with pytest.raises(ModelError, match="is not a state file"):
        read_state(path, "test")
    assert not (tmp_path / "executed").exists()


def test_kind_and_version_are_checked(tmp_path: Path) -> None:
    path = tmp_path / "state"
    write_state(path, "search", {"a": 1})
    with pytest.raises(ModelError, match="is of kind 'search', not 'comparator'"):
        read_state(path, "comparator")
    content = path.read_bytes()
    path.write_bytes(content.replace(b'\\"format\\": 1', b'\\"format\\": 2'))
    with pytest.raises(ModelError, match="has format 2; this version reads 1"):
        read_state(path, "search")


@pytest.mark.parametrize("length", [0, 5, 40, -1])
def test_truncated_file_is_refused(tmp_path: Path, length: int) -> None:
    path = tmp_path / "state"
    write_state(path, "test", {"a": torch.ones(10)})
    path.write_bytes(path.read_bytes()[:length])
    with pytest.raises(ModelError):
        read_state(path, "test")


def test_unwritable_place_is_named(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="nowhere"):
        write_state(tmp_path / "nowhere" / "state", "test", {})
