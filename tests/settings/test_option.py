"""What an option says of itself holds for values, resumed runs, identities, files and tables."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Annotated, Any, Literal

import pytest

from ctnas.benchmarks.paper.config import ReproduceConfig
from ctnas.cli.export import ExportConfig
from ctnas.cli.rank import RankConfig
from ctnas.errors import ConfigurationError
from ctnas.retraining.config import TrainConfig
from ctnas.run.config import RunConfig
from ctnas.searching.config import SearchConfig
from ctnas.settings.option import Option, check_options, declared_options, option_values
from ctnas.settings.resuming import check_resumable, deciding_options, identity
from ctnas.settings.table import options_table
from ctnas.workers.config import WorkerConfig


@dataclass(frozen=True, slots=True)
class Oven:
    """Settings within settings."""

    heat: Annotated[float, Option("degrees.", above=0, most=300, decides="weights")] = 180.0


@dataclass(frozen=True, slots=True)
class Bread:
    """Settings of a test."""

    loaves: Annotated[int, Option("how many.", least=1, resumed="total", decides="search")] = 2
    grain: Annotated[Literal["rye", "wheat"], Option("which | flour.", decides="labels")] = "rye"
    salt: Annotated[float | None, Option("share.", least=0, below=1, unset="the cook's")] = None
    rests: Annotated[tuple[int, ...], Option("minutes.", least=5)] = ()
    sizes: Annotated[tuple[int, int], Option("of a loaf.", least=1)] = (10, 20)
    quiet: Annotated[bool, Option("whether to ring.", resumed="free")] = False
    oven: Annotated[Oven, Option("how it is baked.")] = field(default_factory=Oven)

    def __post_init__(self) -> None:
        check_options(self)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"loaves": 0}, "loaves must be at least 1, not 0"),
        ({"loaves": 1.5}, "loaves must be a whole number, not 1.5"),
        ({"loaves": True}, "loaves must be a whole number, not True"),
        ({"grain": "oats"}, "grain must be one of rye, wheat, not 'oats'"),
        ({"salt": 1.0}, "salt must be at least 0 and below 1, not 1.0"),
        ({"salt": float("nan")}, "salt must be at least 0 and below 1, not nan"),
        ({"salt": "much"}, "salt must be a number, not 'much'"),
        ({"rests": (30, 4)}, "rests must be at least 5, not 4"),
        ({"sizes": (1, 2, 3)}, r"sizes must be 2 whole numbers of at least 1, not \(1, 2, 3\)"),
        ({"sizes": (1, 0)}, r"sizes must be 2 whole numbers of at least 1, not \(1, 0\)"),
    ],
)
def test_value_that_is_not_allowed_is_refused_by_name(values: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigurationError, match=f"^{message}$"):
        Bread(**values)


def test_numbers_at_their_bounds_are_allowed() -> None:
    Bread(loaves=1, salt=0, rests=(5,), sizes=(1, 1), oven=Oven(300))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"grain": "wheat"}, "grain was 'rye' and cannot become 'wheat'"),
        ({"salt": 0.1}, "salt was the cook's and cannot become '0.1'"),
        ({"oven": Oven(200)}, r"oven\.heat was '180.0' and cannot become '200'"),
        ({"loaves": 1}, "loaves is a total and may only be raised: it was 2, not '1'"),
    ],
)
def test_resumed_run_keeps_what_is_fixed(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        check_resumable(Bread(), replace(Bread(), **changes))


def test_resumed_run_may_raise_totals_and_change_what_is_free() -> None:
    check_resumable(Bread(), Bread(loaves=3, quiet=True))


def test_outcome_depends_on_what_earlier_outcomes_depend_on_but_on_no_total() -> None:
    assert deciding_options(Bread(), "weights") == {"oven.heat": 180.0}
    assert deciding_options(Bread(), "labels") == {"grain": "rye", "oven.heat": 180.0}
    assert deciding_options(Bread(), "search") == deciding_options(Bread(), "labels")
    assert identity(Bread(), "labels") == identity(Bread(loaves=9, salt=0.5), "labels")
    assert identity(Bread(), "labels") != identity(Bread(oven=Oven(200)), "labels")


def test_equal_words_at_two_fields_are_two_options() -> None:
    @dataclass
    class Twice:
        first: Annotated[float, Option("a share.", least=0)] = 0.5
        second: Annotated[float, Option("a share.", above=0)] = 0.5

    # A name of a function is none of its module, which hints are looked up in.
    Twice.__annotations__ = {
        "first": Annotated[float, Option("a share.", least=0)],
        "second": Annotated[float, Option("a share.", above=0)],
    }
    first, second = (each.option for each in declared_options(Twice))
    assert first.bounds == "at least 0"
    assert second.bounds == "above 0"


def test_table_has_a_row_for_every_option() -> None:
    lines = options_table(Bread).splitlines()
    assert len(lines) == 2 + len(list(option_values(Bread())))
    assert lines[2] == "| `--loaves` | whole number at least 1 | 2 | total | search | how many. |"
    assert lines[3] == r"| `--grain` | rye, wheat | rye | fixed | labels | which \| flour. |"
    assert "| `--oven.heat` | number above 0 and at most 300 | 180.0 | fixed |" in lines[-1]


@pytest.mark.parametrize(
    "settings",
    [
        *(RunConfig, TrainConfig, SearchConfig, WorkerConfig, ReproduceConfig),
        *(RankConfig, ExportConfig),
    ],
)
def test_every_option_of_every_command_says_what_it_does(settings: type) -> None:
    for each in declared_options(settings):
        assert each.option.help, each.name


def test_field_without_an_option_is_an_error() -> None:
    @dataclass
    class Silent:
        words: int = 0

    with pytest.raises(TypeError, match="field 'words' of Silent needs one Option"):
        declared_options(Silent)
