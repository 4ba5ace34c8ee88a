"""Exploration: a story goes on from its snapshots with faults and inputs that lead to new code."""
