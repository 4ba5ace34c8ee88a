"""The committed sample of the simulator vectors: python -m tests.isa.sample FILE... keeps a few per row."""

from __future__ import annotations

import argparse
import gzip
import json
import sys
from collections import Counter
from pathlib import Path

from .packing import pack
from .vectors import SAMPLE, parse


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.isa.sample", description=__doc__)
    parser.add_argument("files", type=Path, nargs="+")
    parser.add_argument("--per-row", type=int, default=3, help="of every declaration")
    options = parser.parse_args()
    taken: Counter[tuple[str, int | None]] = Counter()
    lines = []
    for path in options.files:
        for record in map(json.loads, gzip.decompress(path.read_bytes()).splitlines()):
            row = parse(record).row
            if row is None:
                continue
            kind = row.name, record.get("exc")
            taken[kind] += 1
            if taken[kind] <= options.per_row:
                lines.append(json.dumps(pack(record), separators=(",", ":")) + "\n")
    with SAMPLE.open("wb") as file, gzip.GzipFile("", "wb", 9, file, mtime=0) as packed:
        packed.write("".join(lines).encode())
    sys.stdout.write(f"{len(lines)} vectors of {len(taken)} kinds, {SAMPLE.stat().st_size} bytes\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
