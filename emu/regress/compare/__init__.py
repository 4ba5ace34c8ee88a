"""Comparison of builds: the same scenario on two of them, and all that differs."""
