"""The whole machine: chip, flash, boot chain, and what a user does with them."""
