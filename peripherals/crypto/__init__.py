"""The algorithms inside the security blocks, as pure functions on integers and bytes."""
