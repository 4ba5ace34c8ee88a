"""W800-family emulator: the public names."""
