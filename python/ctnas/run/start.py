"""What a run refuses before it has done anything."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ctnas.comparator.nac import NeuralArchitectureComparator
from ctnas.comparator.presets import comparator_preset
from ctnas.labels.passwords import with_password
from ctnas.labels.storage import is_url
from ctnas.labels.study import STUDY, find_study
from ctnas.run.config import MADDS_FRONT
from ctnas.search.limits import MaddsLimit
from ctnas.search.pareto import check_costs
from ctnas.search.scoring import CoreScorer
from ctnas.spaces import get_space
from ctnas.workers.cluster import check_ray

if TYPE_CHECKING:
    from ctnas.labels import LabelSet
    from ctnas.run.config import RunConfig


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
    if config.storage is not None:
        location = with_password(config.storage)
        find_study(location if is_url(location) else Path(location), config.study or STUDY)
    if table is not None:
        MaddsLimit(table.space, config.max_madds).check()
        if config.objective == MADDS_FRONT:
            check_costs(table.space)


def _check_cuda() -> None:
    """Raise ProviderError if nothing can be scored on a GPU here."""
    space, settings = get_space("nasbench201"), comparator_preset("smoke").encoder
    CoreScorer(NeuralArchitectureComparator(space, settings), "cuda")
