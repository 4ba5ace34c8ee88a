"""What a run has to tell, as data, and the only place where it becomes text."""
