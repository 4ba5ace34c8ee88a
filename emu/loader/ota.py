"""OTA images: an image packed into the body of another one (target.w80x.cmake, bin2img.py of the SDK)."""

from __future__ import annotations

import gzip
import lzma
import zlib
from dataclasses import replace
from typing import Final

from emu.loader.errors import Origin
from emu.loader.headers import needs_partition_table
from emu.loader.image import HEADER_SIZE, MAGIC, Compression, Image, ImageHeader, ImageType

XZ_DICTIONARY_SIZE: Final = 1 << 15
"""The bootloader has room for no more."""

UNPACKED_LIMIT_BYTES: Final = 16 << 20
"""The largest flash: what unpacks to more fits none."""

_TOO_LARGE: Final = (
    f"unpacks to {UNPACKED_LIMIT_BYTES >> 20} MB or more, which no flash holds; pack another image"
)
_XZ_FILTERS: Final = (
    {"id": lzma.FILTER_LZMA2, "preset": 9 | lzma.PRESET_EXTREME, "dict_size": XZ_DICTIONARY_SIZE},
)


def pack_ota(
    image_bytes: bytes,
    compression: Compression | None = Compression.XZ,
    *,
    upgrade_address: int | None = None,
    name: str = "image",
) -> bytes:
    """Make `xxx_ota.img` of `xxx.img`, byte for byte as the SDK's tools do.

    `compression` None: what the second bootloader of the app's SDK unpacks, xz or gzip.
    `upgrade_address` is where app_ota begins; without it the image's own header must say so. An uncompressed
    OTA image is the image itself: the bootloader moves its header and its body apart.
    """
    inner = Image.parse(image_bytes, Origin(name)).verify()
    if inner.header.image_type != ImageType.USER or inner.header.compression is not Compression.NONE:
        raise inner.origin.at(0x04).error(
            "attribute", f"{inner.header.attribute:#x} is no app's: pack an app"
        )
    if behind := len(image_bytes) - len(inner.to_bytes()):
        raise inner.origin.error("size", f"{behind:#x} bytes follow the image: pack the app's .img alone")
    if compression is None:
        is_iot_sdk = needs_partition_table(inner.header.run_address, inner.body)
        compression = Compression.XZ if is_iot_sdk else Compression.GZIP
    if upgrade_address is None:
        upgrade_address = inner.header.upgrade_address
    if not upgrade_address:
        raise inner.origin.at(0x14).error(
            "upgrade address", "0, the image was built without an app_ota partition: give the address"
        )
    if compression is Compression.NONE:
        moved = replace(inner.header, upgrade_address=upgrade_address).sealed()
        return Image(moved, inner.body, inner.signature).to_bytes()
    header = ImageHeader(
        magic=MAGIC,
        attribute=ImageType.USER | compression.attribute_bits,
        run_address=inner.header.run_address,
        body_size=0,
        header_address=inner.header.header_address,
        upgrade_address=upgrade_address,
        body_crc=0,
        version_field=inner.header.version_field,
    )
    return Image.build(header, _compress(image_bytes, compression)).to_bytes()


def unpack_ota(image: Image) -> Image:
    """The image inside a compressed one; an uncompressed one is returned as it is."""
    compression = image.verify().header.compression
    if compression is Compression.NONE:
        return image
    data = _unxz(image) if compression is Compression.XZ else _gunzip(image)
    inside = Origin(f"{image.origin.name} ({compression} body unpacked)")
    return Image.parse(data, inside).verify()


def _compress(data: bytes, compression: Compression) -> bytes:
    if compression is Compression.GZIP:
        return gzip.compress(data, compresslevel=9, mtime=0)  # no date: the same input gives the same image
    return lzma.compress(data, check=lzma.CHECK_CRC32, filters=list(_XZ_FILTERS))


def _unxz(image: Image) -> bytes:
    body = image.origin.at(HEADER_SIZE)
    decoder = lzma.LZMADecompressor(lzma.FORMAT_XZ)
    try:
        data = decoder.decompress(image.body, UNPACKED_LIMIT_BYTES)
    except lzma.LZMAError as error:
        raise body.error("xz stream", f"damaged ({error}); pack the image again") from None
    if len(data) == UNPACKED_LIMIT_BYTES:
        raise body.error("xz stream", _TOO_LARGE)
    if not decoder.eof:
        raise body.error("xz stream", f"truncated after {len(image.body):#x} bytes; pack the image again")
    return data


def _gunzip(image: Image) -> bytes:
    body = image.origin.at(HEADER_SIZE)
    decoder = zlib.decompressobj(wbits=31)
    try:
        data = decoder.decompress(image.body, UNPACKED_LIMIT_BYTES)
    except zlib.error as error:
        raise body.error("gzip stream", f"damaged ({error}); pack the image again") from None
    if len(data) == UNPACKED_LIMIT_BYTES:
        raise body.error("gzip stream", _TOO_LARGE)
    if not decoder.eof:
        raise body.error("gzip stream", f"truncated after {len(image.body):#x} bytes; pack the image again")
    return data
