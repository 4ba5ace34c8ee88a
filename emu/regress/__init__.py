"""Regression tests of firmware: scenarios, power cuts, comparisons of builds, faults."""
