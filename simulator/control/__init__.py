"""The tester's own door: what no NHS surface offers, and never mixed with them."""
