"""Comparison of traces: what two runs, of the same build or of different ones, have done differently."""
