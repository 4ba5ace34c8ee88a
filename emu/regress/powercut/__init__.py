"""Power cuts: a story is cut at every flash operation, and the device is started again from what is left."""
