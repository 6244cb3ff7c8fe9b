"""Times as far as they are known: requests of a clock that may be off lie within wider bounds."""

from __future__ import annotations

from dataclasses import replace

from loadtest.ledger import Operation


def widened(operation: Operation) -> Operation:
    """The operation with bounds that hold however its clock was off: what checks reason over."""
    off = operation.uncertainty
    return replace(operation, start=operation.start - off, end=operation.end + off) if off else operation


def as_recorded(operation: Operation) -> Operation:
    """The operation as its ledger has it, of a widened one: what people are shown."""
    off = operation.uncertainty
    return replace(operation, start=operation.start + off, end=operation.end - off) if off else operation
