"""What is kept on disk from run to run: nothing depends on it, and it may be removed at any time."""
