from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from emu.loader.errors import LoadError, Origin
from emu.loader.image import MAGIC, BootFlag, Compression, Image, ImageHeader, ImageType, encode_version

ORIGIN = Origin("app.img")
HEADER = ImageHeader(
    magic=MAGIC,
    attribute=ImageType.USER,
    run_address=0x0800_F400,
    body_size=0,
    header_address=0x0800_F000,
    upgrade_address=0x0813_1000,
    body_crc=0,
    version_field=encode_version("1.2.3"),
    boot_flags=3,
)
IMAGE = Image.build(HEADER, b"body of the app")


def damaged(offset: int, data: bytes = IMAGE.to_bytes()) -> bytes:
    return data[:offset] + bytes([data[offset] ^ 0xFF]) + data[offset + 1 :]


def test_every_field_lies_where_the_format_says() -> None:
    header = ImageHeader(
        magic=MAGIC,
        attribute=0x0404_0404,
        run_address=0x0808_0808,
        body_size=0x0C0C_0C0C,
        header_address=0x1010_1010,
        upgrade_address=0x1414_1414,
        body_crc=0x1818_1818,
        update_number=0x1C1C_1C1C,
        version_field=b" " * 16,
        boot_flags=0x3030_3030,
        reserved=0x3434_3434,
        next_header_address=0x3838_3838,
        header_crc=0x3C3C_3C3C,
    )
    words = [bytes([offset]) * 4 for offset in range(4, 0x20, 4)]
    tail = [bytes([offset]) * 4 for offset in range(0x30, 0x40, 4)]
    assert header.pack() == b"\x9f\xff\xff\xa0" + b"".join(words) + b" " * 16 + b"".join(tail)
    assert ImageHeader.unpack(header.pack()) == header


def test_what_was_built_reads_back_without_problems() -> None:
    image = Image.parse(IMAGE.to_bytes(), ORIGIN).verify()
    assert image == IMAGE
    assert image.header.version == "1.2.3"
    assert image.header.log_level == 3


def test_a_body_is_padded_to_words_with_erased_bytes() -> None:
    assert IMAGE.body == b"body of the app\xff"
    assert IMAGE.header.body_size == 16


@pytest.mark.parametrize(
    ("attribute", "compression"),
    [
        (1, Compression.NONE),
        (0x1_0001, Compression.GZIP),
        (0x10_0001, Compression.XZ),
        (0x11_0001, Compression.XZ),
        (0x20_0001, None),
        (0x31_0001, None),
    ],
)
def test_the_compression_comes_from_the_attribute(attribute: int, compression: Compression | None) -> None:
    assert replace(HEADER, attribute=attribute).compression is compression


@pytest.mark.parametrize("compression", Compression)
def test_attribute_bits_name_their_compression(compression: Compression) -> None:
    assert replace(HEADER, attribute=compression.attribute_bits).compression is compression


def test_attribute_and_flags_speak_by_name() -> None:
    header = replace(HEADER, attribute=0x11E, boot_flags=0x14)
    assert (header.image_type, header.is_encrypted, header.is_signed) == (ImageType.FACTORY_TEST, True, True)
    assert header.has_flag(BootFlag.SKIP_UPGRADE_CHECK)
    assert not header.has_flag(BootFlag.SKIP_ESC_CHECK)
    assert header.log_level == 4


def test_a_signature_is_part_of_the_image() -> None:
    signed = replace(IMAGE.header, attribute=0x101).sealed()
    data = signed.pack() + IMAGE.body + bytes(range(128))
    image = Image.parse(data + b"next image", ORIGIN)
    assert image.signature == bytes(range(128))
    assert image.to_bytes() == data


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"short", "app.img: offset 0x0: header: 5 of 64 bytes: the file is truncated"),
        (
            damaged(0),
            "app.img: offset 0x0: magic: 0xa0ffff60 instead of 0xa0ffff9f: give an .img or .fls file",
        ),
        (
            IMAGE.to_bytes()[:-1],
            "app.img: offset 0xc: body size: 0x10 bytes, the file holds 0xf: "
            "it is truncated or its header damaged; build it again",
        ),
    ],
    ids=["short", "magic", "truncated body"],
)
def test_what_cannot_be_read_is_refused(data: bytes, message: str) -> None:
    with pytest.raises(LoadError) as error:
        Image.parse(data, ORIGIN)
    assert str(error.value) == message


@pytest.mark.parametrize(
    ("data", "start"),
    [
        (damaged(0x30), "app.img: offset 0x3c: header CRC: 0x"),
        (damaged(0x40), "app.img: offset 0x18: image CRC: 0x"),
    ],
    ids=["header CRC", "image CRC"],
)
def test_a_wrong_checksum_is_named_with_both_values(data: bytes, start: str) -> None:
    with pytest.raises(LoadError) as error:
        Image.parse(data, ORIGIN).verify()
    assert str(error.value).startswith(start)
    assert str(error.value).endswith("build the image again")


def test_a_version_without_an_end_is_refused() -> None:
    image = Image.build(replace(HEADER, version_field=b"1.2.3-unfinished"), b"body")
    with pytest.raises(
        LoadError, match=r"offset 0x20: version: b'1\.2\.3-unfinished' does not end with a NUL"
    ):
        image.verify()


def test_an_unknown_compression_is_refused() -> None:
    image = Image.build(replace(HEADER, attribute=0x20_0001), b"body")
    with pytest.raises(LoadError, match="unknown compression type: use none, gzip or xz"):
        image.verify()


def test_all_problems_can_be_listed() -> None:
    image = Image.parse(damaged(0x40, damaged(0x30)), ORIGIN)
    assert [str(problem).split(": ")[2] for problem in image.problems()] == ["header CRC", "image CRC"]


def test_a_long_version_is_cut_as_the_tools_do() -> None:
    assert encode_version("0123456789abcdef0") == b"0123456789abcde\0"


def test_the_ota_image_of_the_sdk_reads_as_its_tools_wrote_it(sdk: Path) -> None:
    path = sdk / "examples/ota/ota_ops/main/src/atcmd_ota.img"
    header = Image.parse(path.read_bytes(), Origin(path.name)).verify().header
    assert header.compression is Compression.XZ
    assert (header.run_address, header.header_address, header.upgrade_address) == (
        0x0800_F400,
        0x0800_F000,
        0x0813_1000,
    )
    assert (header.body_size, header.version) == (0x9_85A8, "2.2-beta.2")
