import re
from pathlib import Path
from struct import pack

import pytest
from google_crc32c import value as crc32c
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ctnas.benchmarks.tables.tfrecord import masked, read_tfrecord, starts_like_tfrecord
from ctnas.errors import LabelError

from .official_records import crc32c as crc32c_by_definition
from .official_records import frame

PAYLOADS = [b"first", b"", b"the third record", bytes(range(256))]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "some.tfrecord"


def starts_of(payloads: list[bytes]) -> list[int]:
    """Where each record begins: 12 bytes stand before and 4 after a payload."""
    return [sum(16 + len(earlier) for earlier in payloads[:at]) for at in range(len(payloads))]


# RFC 3720, section B.4.
@pytest.mark.parametrize(
    ("data", "checksum"),
    [
        (bytes(32), 0x8A9136AA),
        (b"\xff" * 32, 0x62A8AB43),
        (bytes(range(32)), 0x46DD794E),
        (bytes(range(31, -1, -1)), 0x113FDB5C),
        (b"123456789", 0xE3069283),
        (b"", 0),
    ],
)
def test_checksums_are_those_of_the_standard(data: bytes, checksum: int) -> None:
    assert crc32c(data) == checksum
    assert crc32c_by_definition(data) == checksum


@given(st.binary(max_size=100))
def test_checksum_of_any_length_is_that_of_the_definition(data: bytes) -> None:
    assert crc32c(data) == crc32c_by_definition(data)


def test_mask_is_that_of_the_format() -> None:
    # The header of a record of 24 bytes as TensorFlow writes it.
    assert pack("<I", masked(crc32c(pack("<Q", 24)))) == bytes.fromhex("a37f4b22")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(payloads=st.lists(st.binary(max_size=60), max_size=6))
def test_records_come_back_with_the_byte_at_which_they_begin(
    path: Path, payloads: list[bytes]
) -> None:
    path.write_bytes(b"".join(map(frame, payloads)))
    expected = list(zip(starts_of(payloads), payloads, strict=True))
    assert list(read_tfrecord(path)) == expected


def test_file_cut_at_any_byte_names_the_record_and_where_the_file_ends(path: Path) -> None:
    whole = b"".join(map(frame, PAYLOADS))
    starts = starts_of(PAYLOADS)
    for end in range(1, len(whole)):
        path.write_bytes(whole[:end])
        if end in starts:
            assert len(list(read_tfrecord(path))) == starts.index(end)
            continue
        begin = max(start for start in starts if start < end)
        records = read_tfrecord(path)
        for _ in range(starts.index(begin)):
            next(records)
        message = rf"the file ends at byte {end}, but the record that begins at byte {begin} "
        with pytest.raises(LabelError, match=message):
            next(records)


@pytest.mark.parametrize("bit", [0, 3, 7])
def test_flipped_bit_at_any_byte_names_the_bytes_that_are_wrong(path: Path, bit: int) -> None:
    whole = b"".join(map(frame, PAYLOADS))
    starts = starts_of(PAYLOADS)
    for at in range(len(whole)):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 1 << bit]) + whole[at + 1 :])
        begin = max(start for start in starts if start <= at)
        with pytest.raises(LabelError) as caught:
            list(read_tfrecord(path))
        message = str(caught.value)
        assert f"in the record that begins at byte {begin} the" in message
        named = re.findall(r"bytes (\d+) to (\d+)", message)
        assert any(int(first) <= at <= int(last) for first, last in named)
        assert ("the length" if at - begin < 12 else "the payload") in message


def test_enormous_length_is_not_read(path: Path) -> None:
    length = pack("<Q", 1 << 62)
    path.write_bytes(length + pack("<I", masked(crc32c(length))) + b"little")
    with pytest.raises(LabelError, match="the file ends at byte 18"):
        next(read_tfrecord(path))


def test_first_bytes_tell_a_tfrecord_file() -> None:
    assert starts_like_tfrecord(frame(b"payload")[:12])
    assert not starts_like_tfrecord(b"architecture,accuracy")
    assert not starts_like_tfrecord(frame(b"payload")[:11])
