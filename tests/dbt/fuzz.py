"""Random programs on both engines for a while: python -m tests.dbt.fuzz --seconds N --seed S.

Exits with 1 at the first mismatch, which it prints with the seed of its program.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from random import SystemRandom

sys.path.append(str(Path(__file__).parents[1]))  # pytest has it there: modules of the tests
from dbt.differential import mismatch
from dbt.polling_differential import polling_mismatch


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60, help="how long (default: %(default)s)")
    parser.add_argument("--seed", type=int, help="of the first program; the next ones count up")
    options = parser.parse_args()
    first = SystemRandom().randrange(1 << 32) if options.seed is None else options.seed
    sys.stdout.write(f"first seed {first}\n")
    seed, end = first, time.monotonic() + options.seconds
    while seed == first or time.monotonic() < end:
        failure = mismatch(seed) or polling_mismatch(seed)
        if failure is not None:
            sys.stdout.write(failure + "\n")
            return 1
        seed += 1
    sys.stdout.write(f"{seed - first} programs, no mismatch\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
