"""The directory of a training: settings, checkpoint, weights, history, summary."""

from __future__ import annotations

import platform
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import App, Parameter

from ctnas.app.atomic import replacing
from ctnas.app.confinement import check_confined
from ctnas.app.directory import fresh_path, make_vacant
from ctnas.app.json_file import write_json, write_text
from ctnas.errors import InputFileError, OutputError
from ctnas.labels.tables import write_table
from ctnas.retraining.architecture import find_genotype
from ctnas.retraining.config import TrainConfig
from ctnas.settings.toml import to_toml, toml_options
from ctnas.spaces import get_space

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ctnas.architecture import ArchitectureBatch
    from ctnas.retraining.network import RetrainedNetwork


class TrainingDirectory:
    """Names of the files of a training. Everything in it appears whole or not at all.

    Args:
        path: the directory.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.config = path / "config.toml"
        self.checkpoint = path / "checkpoint.pt"
        self.weights = path / "network.safetensors"
        self.history = path / "history.csv"
        self.summary = path / "summary.json"
        self.image_note = path / "images.json"

    @classmethod
    def create(cls, config: TrainConfig, architecture: ArchitectureBatch) -> TrainingDirectory:
        """Make the directory and write the settings, the architecture among them.

        Raises:
            OutputError: if it exists and is not empty, or cannot be written.
        """
        path = config.out or fresh_path(Path("trained"), architecture.space)
        make_vacant(path)
        directory = cls(path)
        text = get_space(architecture.space).format(architecture)[0]
        write_text(directory.config, f'architecture = "{text}"\n{to_toml(config)}')
        return directory

    @classmethod
    def resume(cls, path: Path) -> TrainingDirectory:
        """Return a directory that `create` made.

        Raises:
            InputFileError: if it has no settings, or something in it leads out of it.
        """
        directory = cls(path)
        if not directory.config.is_file():
            raise InputFileError(f"{str(path)!r} is no directory of a training: no config.toml")
        check_confined(path)
        return directory

    def read(self) -> tuple[TrainConfig, str]:
        """Return the settings of the training, and the text of its architecture.

        Raises:
            InputFileError: if they cannot be read.
        """
        app = App(config=toml_options(self.config), result_action="return_value")

        @app.default
        def options(
            *,
            architecture: str,
            config: Annotated[TrainConfig, Parameter(name="*")] = TrainConfig(),  # noqa: B008
        ) -> tuple[TrainConfig, str]:
            return config, architecture

        stored: tuple[TrainConfig, str] = app([], exit_on_error=False, print_error=False)
        return stored

    def write_weights(self, network: RetrainedNetwork, architecture: ArchitectureBatch) -> None:
        """Write the final weights, with the architecture beside them."""
        from safetensors import SafetensorError
        from safetensors.torch import save_file

        text = get_space(architecture.space).format(architecture)[0]
        described = {"ctnas.space": architecture.space, "ctnas.architecture": text}
        tensors = {
            name: tensor.detach().cpu().contiguous()
            for name, tensor in network.state_dict().items()
        }
        with replacing(self.weights) as temporary:
            try:
                save_file(tensors, temporary, metadata=described)
            except SafetensorError as error:
                raise OutputError(f"cannot write {str(self.weights)!r}: {error}") from error

    def write_results(
        self,
        config: TrainConfig,
        architecture: ArchitectureBatch,
        history: Sequence[Mapping[str, float]],
        found: Mapping[str, Any],
    ) -> None:
        """Write the history and the summary."""
        write_table(self.history, {key: [row[key] for row in history] for key in history[0]})
        space = get_space(architecture.space)
        write_json(
            self.summary,
            {
                "space": space.name,
                "architecture": space.format(architecture)[0],
                "genotype": find_genotype(architecture),
                **found,
                "settings": {
                    name: value if isinstance(value, int | float | None) else str(value)
                    for name, value in asdict(config).items()
                },
                "seconds": sum(row["seconds"] for row in history),
                "versions": {
                    "ctnas": version("ctnas"),
                    "python": platform.python_version(),
                    "torch": version("torch"),
                },
            },
        )
