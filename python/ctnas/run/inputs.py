"""What a run is given, table or images: read, checked, and kept so that it may be moved."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from ctnas.app.atomic import replacing
from ctnas.app.json_file import read_note, write_json, write_text
from ctnas.errors import ConfigurationError, LabelError
from ctnas.labels import InvalidRow, LabelSet
from ctnas.labels.blocks import left_out
from ctnas.labels.decision_table import space_of_table
from ctnas.labels.label_tables import LabelChoice, read_labels, whole_table
from ctnas.labels.passwords import with_password
from ctnas.labels.storage import is_url
from ctnas.labels.study import STUDY, find_study
from ctnas.run.config import MADDS_FRONT
from ctnas.searching.limits import MaddsLimit
from ctnas.spaces import DecisionSpace, GraphSpace, default_space, get_space
from ctnas.workers.cluster import check_ray

if TYPE_CHECKING:
    from collections.abc import Callable

    from ctnas.app.progress import Progress
    from ctnas.run.config import RunConfig
    from ctnas.run.directory import RunDirectory
    from ctnas.spaces import SearchSpace
    from ctnas.training.image_set import ImageSplits

_MOST_BYTES = 2**26
"""Size of the largest table of which a copy is kept; of a larger one, its hash is."""


def read_label_table(
    config: RunConfig, say: Callable[[str], None]
) -> tuple[RunConfig, LabelSet | None]:
    """Read the table of a run, if it has one, and say how much of it is used.

    Args:
        config: names the table, its metric and the space.
        say: shows a line.

    Returns:
        The settings, in which the number of queries is known, and all labels that can be used.

    Raises:
        CtnasError: if the table cannot be used.
    """
    if config.labels is None:
        # Later versions may have another default.
        return replace(config, queries=config.total_queries), None
    invalid: list[InvalidRow] = []
    choice = LabelChoice(
        config.metric,
        minimize=config.minimize,
        repeated=config.repeated,
        on_invalid=invalid.append if config.skip_invalid else None,
        preferred=config.objectives[0].name,
    )
    labels = read_labels(config.labels, _space(config, config.labels, say), choice, LabelSet)
    try:
        labels.require()
    except LabelError as error:
        raise LabelError(f"{config.labels}: {error}") from None
    if config.queries is None:
        config = replace(config, queries=len(labels))
    say(_used(config, labels))
    if invalid:
        say(left_out(invalid))
    return config, labels


def check_start(config: RunConfig, table: LabelSet | None) -> None:
    """Refuse what would be refused later, after images, labels or weights were worked on.

    Args:
        config: the settings of the run.
        table: what its table of labels holds, if it has one.

    Raises:
        CtnasError: if the run could not do its work.
    """
    if config.provider == "cuda":
        _check_cuda()
    if config.engine == "ray":
        check_ray()
    if config.full_trainings:
        _check_count(config)
    if config.storage is not None:
        location = with_password(config.storage)
        find_study(location if is_url(location) else Path(location), config.study or STUDY)
    if table is not None:
        MaddsLimit(table.space, config.max_madds).check()
        if config.objective == MADDS_FRONT:
            from ctnas.searching.pareto import check_costs

            check_costs(table.space)


def load_splits(config: RunConfig, progress: Progress) -> ImageSplits:
    """Return the images that a run measures architectures on, and say how many there are.

    Raises:
        CtnasError: if they cannot be used.
    """
    from ctnas.training.images import load_images

    splits = load_images(
        config.dataset,
        folder=config.data,
        image_size=config.supernet.image_size,
        seed=config.seed,
        validation_share=config.supernet.validation_share,
        limit=config.supernet.train_images,
        skip_corrupt=config.skip_corrupt,
    )
    for sentence in splits.left_out():
        progress.say(sentence)
    counts = (len(splits.train), len(splits.validation), len(splits.test))
    progress.say(
        f"{splits.name}: {counts[0]:,} training, {counts[1]:,} validation, "
        f"{counts[2]:,} test images of {len(splits.classes)} classes"
    )
    return splits


def keep_table(directory: RunDirectory, table: Path) -> None:
    """Note the contents of a run's table once: their hash, and a copy where they are small."""
    if directory.table_note.exists() or not table.is_file():
        return
    small = table.stat().st_size <= _MOST_BYTES
    # Under its own name, after which the space is called whose decisions are its columns.
    copy = directory.checkpoint / table.name if small else None
    if copy is not None:
        with replacing(copy) as temporary:
            temporary.write_bytes(table.read_bytes())
    write_json(
        directory.table_note,
        {"sha256": _sha256(table), "copy": None if copy is None else copy.name},
    )


def keep_space(directory: RunDirectory, labels: LabelSet | None) -> None:
    """Declare the space of a run beside its labels, where it is nothing but decisions."""
    if labels is not None and isinstance(labels.space, DecisionSpace):
        write_text(directory.space, labels.space.to_toml())


def with_kept_table(config: RunConfig, directory: RunDirectory) -> RunConfig:
    """Return the settings with a table that is there: the given one, or the copy that is kept.

    Raises:
        ConfigurationError: if the table has other contents than the one that the run began with.
    """
    if config.labels is None or not directory.table_note.exists():
        return config
    sha256, copy = read_note(directory.table_note, "sha256", "copy")
    if not config.labels.exists() and copy is not None:
        return replace(config, labels=directory.checkpoint / copy)
    if config.labels.is_file() and _sha256(config.labels) != sha256:
        raise ConfigurationError(
            f"{str(config.labels)!r} has other contents than the table that this run began with; "
            "wherever that lies now is given by --labels"
        )
    return config


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def with_moved_images(config: RunConfig, before: RunConfig) -> RunConfig:
    """Return settings where a data set that is given by another path is the one that has moved."""
    from ctnas.training.images import is_known_by_name

    by_name = is_known_by_name(before.dataset) or is_known_by_name(config.dataset)
    if by_name or config.dataset == before.dataset or before.labels is not None:
        return config
    return replace(config, dataset=before.dataset, data=Path(config.dataset))


def _space(config: RunConfig, table: Path, say: Callable[[str], None]) -> SearchSpace:
    """Return the space of a run: columns of its table, declared in a file, or built in."""
    if config.decisions:
        space, line = space_of_table(table, whole_table(table), config.decisions, config.metric)
        say(line)
        return space
    if config.space.endswith(".toml"):
        return GraphSpace.from_toml(config.space)
    return get_space(config.space)


def _used(config: RunConfig, labels: LabelSet) -> str:
    """Say how many labels of how many are used."""
    used = min(config.total_queries, len(labels))
    direction = ", lower is better" if labels.minimize else ""
    line = (
        f"Labels: {used:,} of {len(labels):,} in {config.labels}, metric {labels.metric}{direction}"
    )
    measurements = int(labels.counts.sum())
    if measurements > len(labels):
        line += f"; {measurements:,} measurements of {len(labels):,} architectures"
    if used < config.total_queries:
        line += f"; fewer than the {config.total_queries:,} of --queries"
    return line


def _check_count(config: RunConfig) -> None:
    """Raise ConfigurationError if there are more full trainings than architectures."""
    size = get_space(config.space).size
    if config.full_trainings > size:
        raise ConfigurationError(
            f"full_trainings must be at most {size:,}, the number of architectures of space "
            f"{config.space!r}, not {config.full_trainings:,}"
        )


def _check_cuda() -> None:
    """Raise ProviderError if nothing can be scored on a GPU here."""
    from ctnas.comparator.nac import NeuralArchitectureComparator
    from ctnas.comparator.presets import comparator_preset
    from ctnas.searching.scoring import CoreScorer

    space, settings = get_space(default_space()), comparator_preset("smoke").encoder
    CoreScorer(NeuralArchitectureComparator(space, settings), "cuda")
