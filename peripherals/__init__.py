"""Register-level models of the chip's blocks; they know no CPU."""
