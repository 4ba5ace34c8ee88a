"""Records of what the CPU does."""
