"""Compare the disassembler with GNU objdump: python -m tests.isa.objdump [--toolchain PREFIX] [--words N].

Every halfword that is an instruction of its own, and random 32-bit words, many of them an encoding with a
bit or two changed. `--write` makes the sample that the tests compare without a toolchain.
"""

from __future__ import annotations

import argparse
import gzip
import random
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from emu.isa.decode import match
from emu.isa.disasm import disassemble
from emu.isa.operands import LiteralOffset
from emu.isa.table import INSNS

SAMPLE = Path(__file__).parent / "data" / "objdump.txt.gz"
BASE = 0x0801_0000
HALFWORDS = range(0xC000)
SAMPLED_WORDS = 8_000
LITERALS = bytes(0x4_2000)  # behind the words, so that every literal can be read
LINE = re.compile(r"\s*([0-9a-f]+):\t[0-9a-f ]+\t?(.*)")


def random_words(seed: int, count: int) -> list[int]:
    """32-bit instruction words, or nearly."""
    rng = random.Random(seed)
    rows = [row for row in INSNS if row.size_bytes == 4]
    words: list[int] = []
    while len(words) < count:
        row = rng.choice(rows)
        word = row.match | rng.getrandbits(32) & ~row.mask
        kind = rng.random()
        for _ in range(0 if kind < 0.4 else 1 if kind < 0.6 else 2 if kind < 0.75 else 20):
            word ^= 1 << rng.randrange(30)
        if not _is_misprinted(word):
            words.append(word)
    return words


def _is_misprinted(word: int) -> bool:
    """objdump drops r16-r19 from push and pop, and misreads an instruction that is its own literal."""
    if word & 0xFFDF_00E0 == 0xEBC0_0080:
        return True
    row = match(word >> 16 & 0xFFFF, word & 0xFFFF)
    literals = [operand for operand in row.operands if isinstance(operand.kind, LiteralOffset)] if row else []
    return any(operand.raw(word) == 0 for operand in literals)


def halfword_image() -> bytes:
    return b"".join(halfword.to_bytes(2, "little") for halfword in HALFWORDS)


def word_image(words: list[int]) -> bytes:
    code = b"".join(
        (word >> 16).to_bytes(2, "little") + (word & 0xFFFF).to_bytes(2, "little") for word in words
    )
    return code + LITERALS


def our_texts(image: bytes, size_bytes: int, count: int) -> list[str]:
    """What the disassembler says of `count` instructions at BASE; nothing where there is none."""

    def literal(address: int) -> int | None:
        offset = address - BASE
        return int.from_bytes(image[offset : offset + 4], "little") if 0 <= offset < len(image) - 3 else None

    texts = []
    for offset in range(0, count * size_bytes, size_bytes):
        first, second = (int.from_bytes(image[at : at + 2], "little") for at in (offset, offset + 2))
        text = disassemble(first, second, BASE + offset, literal=literal)
        texts.append("" if text.startswith(".") else text)
    return texts


def their_texts(image: bytes, size_bytes: int, count: int, toolchain: str) -> list[str]:
    """What objdump says; without its comments and padding."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        (path / "image.bin").write_bytes(image)
        (path / "image.s").write_text('.text\n.incbin "image.bin"\n')
        for command in (
            ("as", "-mcpu=ck804ef", "image.s", "-o", "image.o"),
            # Without symbols there are none that mark data.
            ("objcopy", "-S", "--adjust-section-vma", f".text={BASE:#x}", "image.o"),
        ):
            subprocess.run([toolchain + command[0], *command[1:]], cwd=folder, check=True)
        command_line = [
            f"{toolchain}objdump",
            "-dz",
            f"--stop-address={BASE + count * size_bytes}",
            "image.o",
        ]
        output = subprocess.run(command_line, cwd=folder, check=True, capture_output=True, text=True).stdout
    texts = dict(_parse(output))
    return [texts[BASE + offset] for offset in range(0, count * size_bytes, size_bytes)]


def _parse(output: str) -> Iterator[tuple[int, str]]:
    for line in output.splitlines():
        if found := LINE.fullmatch(line):
            text = " ".join(found[2].partition("//")[0].split())
            yield int(found[1], 16), "" if text.startswith(".long:") else text


def read_sample() -> tuple[list[str], list[int], list[str]]:
    """The texts of all halfwords; words and their texts."""
    lines = gzip.decompress(SAMPLE.read_bytes()).decode().splitlines()
    pairs = [line.partition(" ") for line in lines[len(HALFWORDS) :]]
    return lines[: len(HALFWORDS)], [int(word, 16) for word, _, _ in pairs], [text for _, _, text in pairs]


def write_sample(halfword_texts: list[str], words: list[int], texts: list[str]) -> None:
    lines = [*halfword_texts, *(f"{word:x} {text}" for word, text in zip(words, texts, strict=True))]
    with SAMPLE.open("wb") as file, gzip.GzipFile("", "wb", 9, file, mtime=0) as packed:
        packed.write("".join(f"{line}\n" for line in lines).encode())


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.isa.objdump", description=__doc__)
    parser.add_argument("--toolchain", default="csky-unknown-elf-", help="prefix of the tools")
    parser.add_argument("--words", type=int, default=500_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--write", action="store_true", help="write the sample")
    options = parser.parse_args()
    words = random_words(options.seed, SAMPLED_WORDS if options.write else options.words)
    halfword_texts = their_texts(halfword_image(), 2, len(HALFWORDS), options.toolchain)
    word_texts = their_texts(word_image(words), 4, len(words), options.toolchain)
    if options.write:
        write_sample(halfword_texts, words, word_texts)
    theirs = [*halfword_texts, *word_texts]
    ours = our_texts(halfword_image(), 2, len(HALFWORDS)) + our_texts(word_image(words), 4, len(words))
    different = 0
    for code, their_text, our_text in zip([*HALFWORDS, *words], theirs, ours, strict=True):
        if their_text != our_text:
            different += 1
            sys.stdout.write(f"{code:x}: {our_text!r}, objdump says {their_text!r}\n")
    sys.stdout.write(f"seed {options.seed}: {len(ours)} compared, {different} different\n")
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
