"""Logical ids that nothing has: unknown, malformed, of another practice's shape, or endless."""

UNKNOWN_IDS = (
    "0",
    "01",
    "-1",
    "999999",
    "aaBA",
    "1ZEc2",
    "z.as.dd",
    "1.1.22",
    "40-9",
    "nd-skdm.mks--s",
    "SomthingIncorrectWhichIsNotInTheSystem",
    "1" * 58,
    "x" * 65,
    "%E2%82%AC",
    "%01",
)
