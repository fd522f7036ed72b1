"""The picture of a code is a PNG file that shows it."""

import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.picture import PICTURE_NAME, draw_code, write_picture

SCALE = 8
SEVEN = ["###", "  #", "  #", "  #", "  #"]


def chunks(picture):
    """Kind and content of each chunk; its length and checksum must be right."""
    assert picture.startswith(b"\x89PNG\r\n\x1a\n")
    at = 8
    found = []
    while at < len(picture):
        (length,) = struct.unpack_from(">I", picture, at)
        kind, content = picture[at + 4 : at + 8], picture[at + 8 : at + 8 + length]
        (checksum,) = struct.unpack_from(">I", picture, at + 8 + length)
        assert checksum == zlib.crc32(kind + content)
        found.append((kind, content))
        at += 12 + length
    return found


def blocks(picture):
    """The picture as lines of blocks, each of which is one colour all over."""
    (_, header), (_, content), _ = chunks(picture)
    width, height = struct.unpack_from(">II", header)
    raw = zlib.decompress(content)
    lines = [raw[y * (width + 1) : (y + 1) * (width + 1)] for y in range(height)]
    assert all(line[0] == 0 for line in lines)
    rows = [line[1:] for line in lines]
    for y, row in enumerate(rows):
        assert row == rows[y - y % SCALE]
        assert row == bytes(row[x - x % SCALE] for x in range(width))
    return ["".join(" " if p else "#" for p in row[::SCALE]) for row in rows[::SCALE]]


def test_a_digit_is_drawn_inside_a_margin():
    """One block of white surrounds the digit."""
    assert blocks(draw_code("7")) == [" " * 5, *[f" {line} " for line in SEVEN], " " * 5]


def test_it_is_an_8_bit_grey_picture():
    """Size and format stand in the header."""
    (kind, header), (data, _), (end, _) = chunks(draw_code("1234"))

    assert (kind, data, end) == (b"IHDR", b"IDAT", b"IEND")
    assert struct.unpack(">IIBBBBB", header) == (17 * SCALE, 7 * SCALE, 8, 0, 0, 0, 0)


@given(st.text("0123456789", min_size=1, max_size=8))
def test_every_code_can_be_read_back(code):
    """Digit by digit, the blocks are those of the digit drawn alone."""
    lines = blocks(draw_code(code))
    for place, digit in enumerate(code):
        alone = [line[1:4] for line in blocks(draw_code(digit))]
        assert [line[1 + 4 * place : 4 + 4 * place] for line in lines] == alone


def test_no_two_digits_look_alike():
    """Ten digits, ten pictures."""
    assert len({draw_code(digit) for digit in "0123456789"}) == 10


def test_the_file_is_written_where_operators_look(tmp_path):
    """Missing folders are made, and an old picture is replaced."""
    folder = tmp_path / "new" / "data"
    write_picture(folder, "1111")
    write_picture(folder, "2222")

    assert (folder / PICTURE_NAME).read_bytes() == draw_code("2222")


def test_a_folder_that_cannot_be_made_is_an_os_error(tmp_path):
    """The caller can say so."""
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError, match=r"Not a directory|File exists"):
        write_picture(tmp_path / "file" / "data", "1")
