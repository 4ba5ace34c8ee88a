"""Traces: what a run has executed, as a file that answers questions."""
