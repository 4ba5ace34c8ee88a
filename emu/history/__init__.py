"""Moments of a machine as data: snapshots, and the file that holds one."""
