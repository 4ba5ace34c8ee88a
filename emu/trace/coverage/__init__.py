"""Coverage: what of the source a run has come to, by the code that it has executed."""
