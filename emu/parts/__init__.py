"""What a board has besides the chip: buttons, sensors, displays, memories.

One file and one row in `table` each; none knows the chip.
"""
