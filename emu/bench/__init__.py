"""The speed of translated code against the limit of the engine."""
