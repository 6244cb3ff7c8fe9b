"""The load lab: drives a GP Connect provider over HTTP and judges what its clients saw."""
