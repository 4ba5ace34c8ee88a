"""What all displays have: a picture, or a text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from emu.parts.part import Part

if TYPE_CHECKING:
    from PIL.Image import Image


class Display(Part):
    """Shows something: override `image`."""

    def image(self) -> Image:
        """Draw what is to be seen, a pixel each; needs Pillow, the extra `pictures`."""
        raise NotImplementedError


class TextDisplay(Part):
    """Shows characters: override `text`."""

    @property
    def text(self) -> str:
        """What is to be read."""
        raise NotImplementedError

    def as_file(self) -> bytes:
        """The text, as a line."""
        return f"{self.text}\n".encode()


class Dots(Protocol):
    """A display whose pixels are on or off."""

    def pixel(self, x: int, y: int) -> bool:
        """Whether one is on, counted from the upper left corner."""
        ...


def two_colours(dots: Dots, size: tuple[int, int], on_colour: str, off_colour: str = "black") -> Image:
    """Draw pixels that are on in one colour, and the others in another."""
    from PIL import Image as Images
    from PIL import ImageOps

    width, height = size
    mask = bytes(255 * dots.pixel(x, y) for y in range(height) for x in range(width))
    return ImageOps.colorize(Images.frombytes("L", size, mask), off_colour, on_colour)
