"""The CPU: the run loop with interrupts and exceptions, and the engine that interprets."""
