"""What a trace can be shown as: a file and a row of `table.py` each."""
