"""What goes over the air and the wire: frozen dataclasses with `parse` and `build`."""
