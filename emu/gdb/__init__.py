"""A machine under gdb: its remote protocol, forwards and backwards."""
