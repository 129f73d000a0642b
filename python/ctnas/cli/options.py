"""The page of all options: `python -m ctnas.cli.options > docs/options.md`."""

from __future__ import annotations

from ctnas.benchmarks.paper.config import ReproduceConfig
from ctnas.cli.export import ExportConfig
from ctnas.cli.rank_options import RankConfig
from ctnas.retraining.config import TrainConfig
from ctnas.run.config import RunConfig
from ctnas.run.label_config import LabelConfig
from ctnas.settings.table import options_table

_COMMANDS: dict[str, type] = {
    "ctnas-search": RunConfig,
    "ctnas-train": TrainConfig,
    "ctnas-label": LabelConfig,
    "ctnas-rank": RankConfig,
    "ctnas-export": ExportConfig,
    "ctnas-reproduce": ReproduceConfig,
}

_INTRODUCTION = """# Options

Made by `python -m ctnas.cli.options` from where the options are declared. The same names, without
the two hyphens, stand in TOML files; options with a point belong to a table of that name.

*Resumed* says what may become of an option when a run is resumed: *fixed* ones stay, a *total* may
be raised, *free* ones may change. *Decides* names the first outcome that depends on an option: the
weights of a network, labels, or the search; what comes later depends on it too.
"""


def options_page() -> str:
    """Return a Markdown page with a table for each command."""
    tables = (f"## {name}\n\n{options_table(config)}" for name, config in _COMMANDS.items())
    return "\n".join([_INTRODUCTION, *tables])


if __name__ == "__main__":
    print(options_page(), end="")
