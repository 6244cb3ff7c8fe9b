"""A stand-in for GP practices as a GP Connect 1.2.7 consumer meets them."""

__version__ = "0.1.0"
