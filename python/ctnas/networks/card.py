"""The model card: what a network is, how good, on what, and how it is used."""

from __future__ import annotations

from typing import Any

from ctnas.networks.files import DESCRIPTION, ONNX, PROGRAM, REFERENCE, WEIGHTS

_UNKNOWN = "unknown"


def model_card(described: dict[str, Any]) -> str:
    """Return the text of the model card.

    Args:
        described: the contents of `network.json`.
    """
    accuracy = described["accuracy"]
    share, error = 100 * accuracy["value"], 100 * accuracy["standard_error"]
    how = f"(accuracy ± standard error) of {accuracy['images']:,} {accuracy['of']}, by `{ONNX}`"
    parts = [
        f"# An image classifier of the {described['space']} space",
        f"**{share:.2f} % ± {error:.2f} %** {how}.",
        _table(_facts(described)),
        "## Input and output",
        _input(described),
        "## Use",
        _usage(described),
        "## Files",
        _table(_FILES),
    ]
    return "\n\n".join(parts) + "\n"


_FILES = {
    f"`{ONNX}`": "for ONNX Runtime and others, any batch size",
    f"`{PROGRAM}`": "for PyTorch alone: `torch.export.load(...).module()`",
    f"`{WEIGHTS}`": "the weights; `ctnas.networks.load_network` makes a module of them",
    f"`{DESCRIPTION}`": "everything on this page, for programs",
    f"`{REFERENCE}`": "a few test images with the logits that were measured, for checks",
}


def _facts(described: dict[str, Any]) -> dict[str, str]:
    latency, how = described["latency"], described["latency"]["config"]
    trust = "" if latency["trusted"] else ", repetitions spread too much to trust it"
    madds = described["madds"]
    versions = described["versions"]
    return {
        "architecture": f"`{described['architecture']}`".replace("|", "\\|"),
        "weights": described["weights"],
        **{key.replace("_", " "): str(value) for key, value in described["about"].items()},
        "multiply-adds": _UNKNOWN if madds is None else f"{madds / 1e6:,.3f} M an image",
        "parameters": f"{described['parameters']:,}",
        "latency": f"{latency['milliseconds']:.3f} ms ± {latency['noise']:.3f} ms (batch "
        f"{how['batch']}, {how['threads']} thread(s), {how['provider']}; "
        f"{latency['machine']}){trust}",
        "written by": f"`{described['command']}`",
        "versions": ", ".join(f"{name} {number}" for name, number in versions.items()),
    }


def _table(rows: dict[str, str]) -> str:
    lines = [f"| {name} | {text} |" for name, text in rows.items()]
    return "\n".join(["| | |", "|---|---|", *lines])


def _input(described: dict[str, Any]) -> str:
    taken = described["input"]
    classes = ", ".join(described["output"]["classes"][:20])
    more = ", ..." if len(described["output"]["classes"]) > 20 else ""
    mean, deviation = (
        ", ".join(f"{value:.6g}" for value in taken[key]) for key in ("mean", "deviation")
    )
    return (
        f"`{taken['name']}`: {taken['type']} [N, {taken['channels']}, {taken['height']}, "
        f"{taken['width']}], {taken['colors']}, pixels from 0 to 255. The network itself subtracts "
        f"the mean ({mean}) and divides by the deviation ({deviation}).\n\n"
        f"`{described['output']['name']}`: float32 [N, {len(described['output']['classes'])}], one "
        f"logit a class: {classes}{more}."
    )


def _usage(described: dict[str, Any]) -> str:
    taken = described["input"]
    shape = f"1, {taken['channels']}, {taken['height']}, {taken['width']}"
    return (
        "```python\n"
        "import numpy, onnxruntime\n\n"
        f'session = onnxruntime.InferenceSession("{ONNX}")\n'
        f"images = numpy.zeros(({shape}), dtype=numpy.uint8)\n"
        f'(logits,) = session.run(None, {{"{taken["name"]}": images}})\n'
        "```"
    )
