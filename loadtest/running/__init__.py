"""A run under way: prepared, spread over processes and machines, recorded."""
