"""The command line: one sub-command per file; the only place that prints or exits."""
