"""A written network: every file, what it says of itself, and that it is checked."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch

from ctnas.errors import ModelError, OutputError
from ctnas.networks import FoundNetwork, check_network, export_network, load_network

from .conftest import QUICK

NAMES = {
    *("network.onnx", "network.pt2", "network.safetensors"),
    *("network.json", "reference.npz", "README.md"),
}
WITHOUT_CTNAS = """
import sys
class Hidden:
    def find_spec(self, name, *_):
        if name.split(".")[0] == "ctnas":
            raise ImportError(name)
sys.meta_path.insert(0, Hidden())
import numpy, torch
stored = numpy.load(sys.argv[2])
network = torch.export.load(sys.argv[1]).module()
logits = network(torch.from_numpy(stored["images"])).detach().numpy()
print(abs(logits - stored["logits"]).max())
"""


def test_every_file_is_there_and_passes_every_check(written: Path, found: FoundNetwork) -> None:
    assert {path.name for path in written.iterdir()} == NAMES
    findings = list(check_network(written, found))
    assert [str(each) for each in findings if not each.passed] == []
    assert len(findings) == 7


def test_equal_networks_are_equal_bytes(written: Path, found: FoundNetwork, tmp_path: Path) -> None:
    export_network(found, tmp_path / "again", latency=QUICK)
    for name in NAMES - {"network.json", "README.md"}:
        assert (tmp_path / "again" / name).read_bytes() == (written / name).read_bytes()


def test_metadata_tell_a_deployer_what_to_feed(written: Path, found: FoundNetwork) -> None:
    model = onnx.load(written / "network.onnx")
    said = {entry.key: entry.value for entry in model.metadata_props}
    assert json.loads(said["ctnas.classes"]) == ["a", "b", "ç"]
    assert said["ctnas.input.layout"] == "NCHW"
    assert said["ctnas.input.colors"] == "RGB"
    assert [said[f"ctnas.input.{side}"] for side in ("channels", "height", "width")] == list("399")
    mean, deviation = found.splits.channel_statistics()
    assert json.loads(said["ctnas.input.mean"]) == pytest.approx(mean)
    assert json.loads(said["ctnas.input.deviation"]) == pytest.approx(deviation)


def test_the_card_says_how_good_the_network_is_and_on_what(
    written: Path, found: FoundNetwork
) -> None:
    card = (written / "README.md").read_text(encoding="utf-8")
    described = json.loads((written / "network.json").read_text(encoding="utf-8"))
    accuracy = described["accuracy"]
    test = found.splits.test
    right = found.measured(test.images).argmax(dim=1) == test.labels
    assert accuracy["value"] == pytest.approx(float(right.float().mean()))
    share = accuracy["value"]
    assert accuracy["standard_error"] == pytest.approx(np.sqrt(share * (1 - share) / 40))
    assert f"**{100 * share:.2f} % ± {100 * accuracy['standard_error']:.2f} %**" in card
    assert "40 test images of drawn" in card
    assert f"{found.parameters:,}" in card


def test_the_program_runs_without_ctnas(written: Path) -> None:
    arguments = [written / "network.pt2", written / "reference.npz"]
    command = [sys.executable, "-c", WITHOUT_CTNAS, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert float(done.stdout) < 1e-4


def test_weights_make_a_module_that_can_be_trained_on(written: Path) -> None:
    network = load_network(written)
    stored = np.load(written / "reference.npz")
    logits = network(torch.from_numpy(stored["images"]))
    np.testing.assert_allclose(logits.detach().numpy(), stored["logits"], atol=1e-4)
    logits.sum().backward()
    assert all(weight.grad is not None for weight in network.parameters())


@pytest.mark.parametrize("name", ["network.onnx", "network.safetensors", "reference.npz"])
def test_a_changed_file_fails_its_check(name: str, written: Path, tmp_path: Path) -> None:
    for path in written.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    content = bytearray((tmp_path / name).read_bytes())
    content[len(content) // 2] ^= 1
    (tmp_path / name).write_bytes(content)
    (finding,) = check_network(tmp_path)
    assert str(finding) == f"FAILED  files: {name} is not the file that was written"


def test_a_network_that_computes_something_else_is_not_written(
    found: FoundNetwork, tmp_path: Path
) -> None:
    def other(images: torch.Tensor) -> torch.Tensor:
        return found.measured(images) + 2e-4

    from dataclasses import replace

    with pytest.raises(ModelError, match="does not compute what was measured"):
        export_network(replace(found, measured=other), tmp_path / "out", latency=QUICK)
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_holds_other_things_is_left_alone(found: FoundNetwork, tmp_path: Path) -> None:
    (tmp_path / "note").write_text("mine")
    with pytest.raises(OutputError, match="it holds other things"):
        export_network(found, tmp_path, latency=QUICK)
    assert [path.name for path in tmp_path.iterdir()] == ["note"]


def test_a_full_disk_is_named_before_anything_is_computed(
    found: FoundNetwork, small_disk: Path
) -> None:
    (small_disk / "filler").write_bytes(bytes(15_800_000))
    with pytest.raises(OutputError, match="bytes are needed"):
        export_network(found, small_disk / "out", latency=QUICK)
    assert [path.name for path in small_disk.iterdir()] == ["filler"]
