"""What is behind the access points: a router, and the hosts that it leads to."""
