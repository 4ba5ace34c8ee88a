"""Zstandard: Python's own from 3.14 on, its backport before."""

import sys

if sys.version_info >= (3, 14):
    from compression.zstd import ZstdError, compress, decompress, get_frame_info
else:
    from backports.zstd import ZstdError, compress, decompress, get_frame_info

__all__ = ["ZstdError", "compress", "decompress", "get_frame_info"]
