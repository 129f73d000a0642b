import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ctnas.errors import ArchitectureError, InputFileError, LabelError
from ctnas.labels import (
    InvalidRow,
    LabelSet,
    csv_table,
    iterate_architectures,
    read_architectures,
)
from ctnas.labels.tables import write_table
from ctnas.spaces import DartsSpace, NasBench201Space


def write(path: Path, *lines: str) -> Path:
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def rows(texts: list[str]) -> list[str]:
    """Forty good rows of a table `architecture,accuracy,note`."""
    return [f"{text},{number / 64},note {number}" for number, text in enumerate(texts)]


HEADER = "architecture,accuracy,note"


def test_only_numeric_column_is_the_metric(tmp_path: Path, rows: list[str]) -> None:
    labels = LabelSet.read(write(tmp_path / "a.csv", HEADER, *rows), NasBench201Space())
    assert labels.metric == "accuracy"
    assert labels.values.tolist() == [number / 64 for number in range(40)]


def test_metric_must_be_named_where_several_columns_are_numeric(
    tmp_path: Path, space: NasBench201Space, texts: list[str]
) -> None:
    lines = [f"{text},{number},{-number}" for number, text in enumerate(texts)]
    path = write(tmp_path / "a.csv", "architecture,accuracy,loss", *lines)
    with pytest.raises(LabelError) as caught:
        LabelSet.read(path, space)
    assert (
        str(caught.value) == f"{path}: the metric must be named: numeric columns are accuracy, loss"
    )
    assert LabelSet.read(path, space, metric="loss", minimize=True).values[3] == 3


@pytest.mark.parametrize(
    ("header", "metric", "message"),
    [
        ("architecture,name", None, "no column is numeric: row 2: name is 'x', not a number"),
        ("architecture,name", "accuracy", "has no metric 'accuracy'; its other columns are name"),
        ("architecture,name", "architecture", "no metric 'architecture'"),
        ("arch,name", None, "no column 'architecture'; its columns are arch, name"),
        ("architecture,architecture", None, "column 'architecture' appears more than once"),
    ],
)
def test_columns_that_do_not_fit_are_listed(
    tmp_path: Path,
    space: NasBench201Space,
    texts: list[str],
    header: str,
    metric: str | None,
    message: str,
) -> None:
    path = write(tmp_path / "a.csv", header, *(f"{text},x" for text in texts))
    with pytest.raises(LabelError, match=message):
        LabelSet.read(path, space, metric)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("{},,n", "row 7: accuracy is empty"),
        ("{},nan,n", "row 7: accuracy is nan, not a finite number"),
        ("{},inf,n", "row 7: accuracy is inf, not a finite number"),
        ("{},high,n", "row 7: accuracy is 'high', not a number"),
        (",0.5,n", "row 7: no architecture"),
        ("|conv~0|,0.5,n", "row 7:"),
        ("{},0.5", "2 cells instead of 3"),
        ("{},0.5,n,n", "4 cells instead of 3 (a text with commas must stand in quotes)"),
    ],
)
def test_unusable_row_is_named_with_file_and_place(
    tmp_path: Path, space: NasBench201Space, rows: list[str], row: str, message: str
) -> None:
    rows[5] = row.format(rows[5].split(",")[0])
    path = write(tmp_path / "a.csv", HEADER, *rows)
    with pytest.raises(LabelError) as caught:
        LabelSet.read(path, space, metric="accuracy")
    assert str(caught.value).startswith(f"{path}, row 7:")
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_text_that_does_not_parse_is_shown(
    tmp_path: Path, space: NasBench201Space, rows: list[str]
) -> None:
    rows[2] = rows[2].replace("~0", "~x", 1)
    path = write(tmp_path / "a.csv", HEADER, *rows)
    with pytest.raises(LabelError, match=r"a\.csv, row 4: '\|[^']+~x"):
        LabelSet.read(path, space)


def test_first_of_several_unusable_rows_is_reported(
    tmp_path: Path, space: NasBench201Space, rows: list[str]
) -> None:
    rows[9], rows[4], rows[20] = "broken,1,n", f"{rows[4].split(',')[0]},,n", rows[0]
    with pytest.raises(LabelError, match="row 6: accuracy is empty"):
        LabelSet.read(write(tmp_path / "a.csv", HEADER, *rows), space)


def test_repeated_architecture_is_named_with_both_rows(
    tmp_path: Path, space: NasBench201Space, rows: list[str], texts: list[str]
) -> None:
    rows[30] = f"{texts[3]},0.9,again"
    path = write(tmp_path / "a.csv", HEADER, *rows)
    with pytest.raises(LabelError) as caught:
        LabelSet.read(path, space, repeated="error")
    assert str(caught.value) == f"{path}: rows 5 and 32 are the same architecture {texts[3]!r}"


def test_fewer_than_ten_labels_are_refused_unless_asked_for(
    tmp_path: Path, space: NasBench201Space, rows: list[str]
) -> None:
    path = write(tmp_path / "a.csv", HEADER, *rows[:9])
    with pytest.raises(LabelError, match=r"a\.csv: at least 10 labels are needed, not 9"):
        LabelSet.read(path, space)
    assert len(LabelSet.read(path, space, minimum=1)) == 9


def test_marks_blank_lines_and_line_ends_of_other_systems_do_not_matter(
    tmp_path: Path, space: NasBench201Space, rows: list[str]
) -> None:
    path = tmp_path / "a.csv"
    text = "\r\n".join([HEADER, "", *rows[:20], "", "", *rows[20:], "", ""])
    path.write_bytes(b"\xef\xbb\xbf" + text.encode())
    assert len(LabelSet.read(path, space)) == 40
    rows[25] = "broken,1,n"
    path.write_text("\n".join([HEADER, "", *rows[:20], "", "", *rows[20:]]))
    with pytest.raises(LabelError, match="row 30: "):  # header + 25 rows + 3 blank lines + itself
        LabelSet.read(path, space)


def test_genotype_in_quotes_is_one_cell(tmp_path: Path) -> None:
    space = DartsSpace()
    batch = space.sample(12, seed=0)
    lines = [f'"{text}",{number}' for number, text in enumerate(space.genotype(batch))]
    labels = LabelSet.read(write(tmp_path / "a.csv", "architecture,score", *lines), space)
    assert labels.architectures == batch


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.csv", b"", r"a\.csv is empty"),
        ("a.csv", b"\x89PNG\r\n\x1a\n\x00", "is not a table: its text is not UTF-8"),
        (
            "a.csv",
            b"architecture,accuracy\ncaf\xe9,1\n",
            "row 2: a cell has 3 nodes",
        ),
        ("a.csv", b"architecture,accuracy\n", "has no labels"),
        ("a.parquet", b"", "is not a Parquet table"),
        ("a.parquet", b"PAR1 and then something else", "is not a Parquet table"),
        ("a.jsonl", b"", "has no labels"),
        ("a.jsonl", b"{", "row 1: '{': not JSON"),
        ("a.jsonl", b"[1, 2]", "not a JSON object"),
        ("a.xlsx", b"", r"must be named \.csv, \.parquet, \.jsonl or \.json, not '\.xlsx'"),
    ],
)
def test_what_is_no_table_is_refused_in_one_line(
    tmp_path: Path, space: NasBench201Space, name: str, content: bytes, message: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(LabelError, match=message) as caught:
        LabelSet.read(path, space)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["a.csv", "a.parquet", "a.jsonl"])
def test_missing_file_is_named(tmp_path: Path, space: NasBench201Space, name: str) -> None:
    path = tmp_path / name
    with pytest.raises(InputFileError) as caught:
        LabelSet.read(path, space)
    assert str(caught.value) == f"cannot read {str(path)!r}: No such file or directory"


def test_truncated_parquet_file_is_refused(tmp_path: Path, labels: LabelSet) -> None:
    path = tmp_path / "a.parquet"
    labels.write(path)
    path.write_bytes(path.read_bytes()[:-60])
    with pytest.raises(LabelError, match="is not a Parquet table"):
        LabelSet.read(path, labels.space)


def test_json_lines_hold_labels_too(
    tmp_path: Path, space: NasBench201Space, texts: list[str]
) -> None:
    lines = [json.dumps({"architecture": text, "acc": n}) for n, text in enumerate(texts)]
    labels = LabelSet.read(write(tmp_path / "a.jsonl", *lines), space)
    assert labels.values.tolist() == list(range(40))


def save(path: Path, texts: list[str]) -> Path:
    """Write a table with the architectures and another column in the format of the suffix."""
    if path.suffix == ".jsonl":
        return write(path, *(json.dumps({"n": 1, "architecture": text}) for text in texts))
    if path.suffix == ".csv":
        return write(path, "n,architecture", *(f'1,"{text}"' for text in texts))
    import pyarrow as pa
    from pyarrow import parquet

    table = pa.table({"n": [1] * len(texts), "architecture": texts})
    parquet.write_table(table, path, row_group_size=17)
    return path


@pytest.mark.parametrize("name", ["a.csv", "a.parquet", "a.jsonl"])
def test_chunks_are_the_file_in_order_with_the_place_of_each_row(
    tmp_path: Path, space: NasBench201Space, texts: list[str], name: str
) -> None:
    path = save(tmp_path / name, texts)
    chunks = list(iterate_architectures(path, space, chunk_rows=7))
    assert max(map(len, chunks)) == 7
    assert [text for chunk in chunks for text in space.format(chunk.architectures)] == texts
    first = 2 if name == "a.csv" else 1
    assert np.concatenate([c.rows for c in chunks]).tolist() == list(range(first, first + 40))
    assert read_architectures(path, space) == space.parse(texts)


@pytest.mark.parametrize("name", ["a.csv", "a.parquet", "a.jsonl"])
def test_bad_rows_can_be_collected_instead(
    tmp_path: Path, space: NasBench201Space, texts: list[str], name: str
) -> None:
    texts[3], texts[30] = "broken", "|none~0|"
    path = save(tmp_path / name, texts)
    first = 2 if name == "a.csv" else 1
    invalid: list[InvalidRow] = []
    batch = read_architectures(path, space, on_invalid=invalid.append)
    assert len(batch) == 38
    assert [(bad.row, bad.text) for bad in invalid] == [
        (first + 3, "broken"),
        (first + 30, "|none~0|"),
    ]
    with pytest.raises(ArchitectureError, match=f"row {first + 3}: ") as caught:
        read_architectures(path, space)
    assert str(caught.value) == str(invalid[0])


def test_what_is_not_known_is_an_empty_cell_of_a_csv_file(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    write_table(path, {"rank": range(1, 3), "text": ["a", None], "x": np.array([0.5, np.nan])})
    assert path.read_text() == '"rank","text","x"\n1,"a",0.5\n2,,\n'


def test_file_without_architectures_is_refused(tmp_path: Path, space: NasBench201Space) -> None:
    path = write(tmp_path / "a.csv", "architecture")
    with pytest.raises(LabelError, match=r"a\.csv has no architectures"):
        read_architectures(path, space)


def test_text_of_a_bad_row_is_cut_in_the_message() -> None:
    message = str(InvalidRow("a.csv", 3, "x" * 5000, "is wrong"))
    assert len(message) < 250
    assert message.endswith("...': is wrong")


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    kinds=st.lists(st.sampled_from(["good", "short", "blank", "broken"]), max_size=60),
    block_bytes=st.integers(200, 2000),
    chunk_rows=st.integers(1, 20),
    before=st.integers(0, 3),
)
def test_rows_keep_their_place_whatever_is_between_them(
    tmp_path: Path,
    space: NasBench201Space,
    monkeypatch: pytest.MonkeyPatch,
    kinds: list[str],
    block_bytes: int,
    chunk_rows: int,
    before: int,
) -> None:
    monkeypatch.setattr(csv_table, "_BLOCK_BYTES", block_bytes)
    good = space.format(space.sample(1, seed=0))[0]
    lines = {"good": f"{good},1", "short": good, "blank": "", "broken": "?,1"}
    header = [*[""] * before, "architecture,n"]
    path = write(tmp_path / "a.csv", *header, *(lines[kind] for kind in kinds))
    invalid: list[InvalidRow] = []
    chunks = iterate_architectures(path, space, on_invalid=invalid.append, chunk_rows=chunk_rows)
    found = {int(row): "good" for chunk in chunks for row in chunk.rows}
    found |= {bad.row: "broken" if bad.text == "?" else "short" for bad in invalid}
    places = enumerate(kinds, start=2 + before)
    expected = {row: kind for row, kind in places if kind != "blank"}
    assert found == expected
    assert [bad.row for bad in invalid] == sorted(bad.row for bad in invalid)


def test_whole_published_table_is_read(
    space: NasBench201Space, published_data: Callable[[str], Path]
) -> None:
    path = published_data("nasbench201_cifar10.csv")
    labels = LabelSet.read(path, space, metric="cifar10_valid_accuracy")
    assert len(labels) == space.size
    assert labels.values[0] == 37.3480
    with pytest.raises(LabelError, match="are cifar10_valid_accuracy, cifar10_test_accuracy"):
        LabelSet.read(path, space)
