"""Tables as other programs write them."""

import json
from pathlib import Path

import numpy as np
import pytest

from ctnas.errors import LabelError
from ctnas.labels import InvalidRow, LabelSet, read_architectures
from ctnas.spaces import NasBench201Space

VALUES = [float(number) for number in range(12)]


@pytest.fixture
def lines(space: NasBench201Space) -> list[str]:
    texts = space.format(space.sample(12, seed=0))
    return ["architecture,accuracy", *(f"{t},{v}" for t, v in zip(texts, VALUES, strict=True))]


@pytest.mark.parametrize(
    ("end", "encoding"),
    [
        *(("\n", "utf-8-sig"), ("\r\n", "utf-8"), ("\r", "utf-8"), ("\r\n", "utf-16")),
        *(("\n", "utf-16-le"), ("\r", "utf-16")),
    ],
)
def test_any_line_end_and_any_unicode_is_read(
    tmp_path: Path, space: NasBench201Space, lines: list[str], end: str, encoding: str
) -> None:
    mark = "\ufeff" if encoding == "utf-16-le" else ""
    (tmp_path / "a.csv").write_bytes((mark + end.join(lines)).encode(encoding))
    assert LabelSet.read(tmp_path / "a.csv", space).values.tolist() == VALUES
    assert len(read_architectures(tmp_path / "a.csv", space)) == 12


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_cells_are_also_divided_by_semicolons_and_tabs(
    tmp_path: Path, space: NasBench201Space, lines: list[str], delimiter: str
) -> None:
    (tmp_path / "a.csv").write_text("\n".join(line.replace(",", delimiter) for line in lines))
    assert LabelSet.read(tmp_path / "a.csv", space).values.tolist() == VALUES


def test_decimal_commas_are_named(
    tmp_path: Path, space: NasBench201Space, lines: list[str]
) -> None:
    text = "\n".join(line.replace(",", ";").replace(".", ",") for line in lines)
    (tmp_path / "a.csv").write_text(text)
    with pytest.raises(LabelError, match="row 2: accuracy is '0,0', not a number: decimals stand"):
        LabelSet.read(tmp_path / "a.csv", space)


def test_columns_without_a_name_are_passed_over(
    tmp_path: Path, space: NasBench201Space, lines: list[str]
) -> None:
    numbered = [f"{'' if row == 0 else row},{line},," for row, line in enumerate(lines)]
    (tmp_path / "a.csv").write_text("\n".join(numbered))
    assert LabelSet.read(tmp_path / "a.csv", space).values.tolist() == VALUES


def test_quoted_text_may_hold_line_ends(
    tmp_path: Path, space: NasBench201Space, lines: list[str]
) -> None:
    noted = [lines[0] + ",note", *(f'{line},"first\nsecond, ""third"""' for line in lines[1:])]
    (tmp_path / "a.csv").write_text("\n".join(noted))
    assert LabelSet.read(tmp_path / "a.csv", space).values.tolist() == VALUES


def test_what_is_not_unicode_costs_no_more_than_its_row(
    tmp_path: Path, space: NasBench201Space, lines: list[str]
) -> None:
    noted = [f"{lines[0]},note", *(f"{line},caf\xe9" for line in lines[1:])]
    noted[4] = noted[4].replace(",3.0,", ",3\xa00,")
    (tmp_path / "a.csv").write_bytes("\n".join(noted).encode("latin-1"))
    invalid: list[InvalidRow] = []
    labels = LabelSet.read(tmp_path / "a.csv", space, on_invalid=invalid.append)
    assert [row.row for row in invalid] == [5]
    assert len(labels) == 11


def test_blanks_around_names_of_columns_are_no_part_of_them(
    tmp_path: Path, space: NasBench201Space, lines: list[str]
) -> None:
    (tmp_path / "a.csv").write_text("\n".join(line.replace(",", " , ") for line in lines))
    assert LabelSet.read(tmp_path / "a.csv", space, "accuracy").values.tolist() == VALUES


@pytest.mark.parametrize("cell", ["N/A", "", "nan", "-inf", "93%"])
def test_one_bad_cell_names_row_and_column(
    tmp_path: Path, space: NasBench201Space, lines: list[str], cell: str
) -> None:
    lines[4] = f"{lines[4].rpartition(',')[0]},{cell}"
    path = tmp_path / "a.csv"
    path.write_text("\n".join(lines))
    with pytest.raises(LabelError, match="row 5: accuracy is") as caught:
        LabelSet.read(path, space)
    invalid: list[InvalidRow] = []
    labels = LabelSet.read(path, space, on_invalid=invalid.append)
    assert [str(row) for row in invalid] == [str(caught.value)]
    assert labels.values.tolist() == [*VALUES[:3], *VALUES[4:]]


def test_bad_rows_of_every_kind_are_left_out(
    tmp_path: Path, space: NasBench201Space, lines: list[str]
) -> None:
    lines[2] = "no architecture,0.5"
    lines[5] += ",0.5"
    lines[7] = f"{lines[7].rpartition(',')[0]},N/A"
    lines[9] = "no architecture either,N/A"
    (tmp_path / "a.csv").write_text("\n".join(lines))
    invalid: list[InvalidRow] = []
    labels = LabelSet.read(tmp_path / "a.csv", space, minimum=1, on_invalid=invalid.append)
    assert [row.row for row in invalid] == [3, 6, 8, 10]
    assert labels.values.tolist() == [0, 2, 3, 5, 7, 9, 10, 11]


def test_a_column_with_a_bad_cell_is_still_one_of_several(
    tmp_path: Path, space: NasBench201Space, lines: list[str]
) -> None:
    both = [f"{lines[0]},top5", *(f"{line},1" for line in lines[1:])]
    both[3] = both[3].replace(",2.0,", ",N/A,")
    (tmp_path / "a.csv").write_text("\n".join(both))
    with pytest.raises(LabelError, match="must be named: numeric columns are accuracy, top5"):
        LabelSet.read(tmp_path / "a.csv", space)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty"),
        ("\n\n", "has no labels|is empty"),
        ("architecture,accuracy\n", "has no labels"),
        ("architecture,accuracy,accuracy\n", "column 'accuracy' appears more than once"),
        ("architecture,accuracy\nx,1,\n", "3 cells instead of 2"),
    ],
)
def test_what_is_no_table_is_one_line(
    tmp_path: Path, space: NasBench201Space, text: str, message: str
) -> None:
    (tmp_path / "a.csv").write_text(text)
    with pytest.raises(LabelError, match=message) as caught:
        LabelSet.read(tmp_path / "a.csv", space)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("layout", ["records", "indented", "columns", "frame", "lines", "texts"])
def test_labels_of_any_space_may_stand_in_json(
    tmp_path: Path, space: NasBench201Space, lines: list[str], layout: str
) -> None:
    texts = [line.rpartition(",")[0] for line in lines[1:]]
    records = [{"architecture": t, "accuracy": v} for t, v in zip(texts, VALUES, strict=True)]
    columns = {"architecture": texts, "accuracy": VALUES}
    written = {
        "records": json.dumps(records),
        "indented": json.dumps(records, indent=1),
        "columns": json.dumps(columns),
        "frame": json.dumps({k: dict(enumerate(cells)) for k, cells in columns.items()}),
        "lines": "\n".join(map(json.dumps, records)),
        "texts": json.dumps(dict(zip(texts, VALUES, strict=True))),
    }
    (tmp_path / "a.json").write_text(written[layout])
    labels = LabelSet.read(tmp_path / "a.json", space)
    assert labels.values.tolist() == VALUES
    assert labels.metric == ("label" if layout == "texts" else "accuracy")


def test_a_record_without_a_label_is_one_bad_row(
    tmp_path: Path, space: NasBench201Space, lines: list[str]
) -> None:
    texts = [line.rpartition(",")[0] for line in lines[1:]]
    records: list[object] = [{"architecture": t, "accuracy": i} for i, t in enumerate(texts)]
    records[0] = {"architecture": texts[0], "accuracy": None}
    records[2] = {"note": "nothing"}
    records[4] = 7
    (tmp_path / "a.json").write_text(json.dumps(records))
    invalid: list[InvalidRow] = []
    labels = LabelSet.read(tmp_path / "a.json", space, minimum=1, on_invalid=invalid.append)
    assert [row.row for row in invalid] == [1, 3, 5]
    np.testing.assert_array_equal(labels.values, [1, 3, 5, 6, 7, 8, 9, 10, 11])
