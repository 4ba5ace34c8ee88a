"""What the chip and the built-in firmware bring along: modelled boot code, firmware images."""
