"""The networks in the air: access points and who joins them."""
