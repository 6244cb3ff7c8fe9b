"""Writes a database of believable general practices: declared in `profiles`, drawn from `reference`."""
