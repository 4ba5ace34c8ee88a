"""The seeds of the random programs that a test run plays; others: python -m tests.dbt.fuzz."""

PROGRAM_SEEDS = range(20_261_123, 20_261_323)
