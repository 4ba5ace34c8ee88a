"""Fakes for the world around a block, themselves tested in test_support.py."""
