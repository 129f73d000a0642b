"""The page of options is what the declarations of the options say."""

from pathlib import Path

from ctnas.cli.options import options_page

PAGE = Path(__file__).parents[2] / "docs" / "options.md"


def test_page_of_options_is_up_to_date() -> None:
    stored = PAGE.read_text(encoding="utf-8")
    assert stored == options_page(), "python -m ctnas.cli.options > docs/options.md"
