"""A practice's HTTP: the checks all interactions share, and the way to the one that is asked for."""
