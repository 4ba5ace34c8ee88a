"""The machine's side of the host: terminal, files, sockets, the host's clock."""
