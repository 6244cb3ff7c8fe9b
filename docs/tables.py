"""The tables of README, made from the code that they describe."""

import dataclasses
from collections.abc import Iterable, Sequence

from simulator.fhir.operation_outcome import UNEXPECTED, WIRE_FORMS
from simulator.interactions.registry import INTERACTIONS
from simulator.settings import Settings


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def interactions_table() -> str:
    """Return the interactions: what each is called on the wire, and whether it is there."""
    rows = [
        (
            f"`{each.name}`",
            f"`{each.method} {each.path}`",
            f"`{each.suffix}`",
            f"`{each.scope}`",
            "JSON" if each.respond else "501",
        )
        for each in INTERACTIONS
    ]
    return table(
        (
            "interaction",
            "request",
            "interaction id, after `urn:nhs:names:services:gpconnect:fhir:`",
            "scope",
            "answers",
        ),
        rows,
    )


def refusals_table() -> str:
    """Return the refusals: status, Spine code and when."""
    rows = [
        (str(form.status), f"`{form.spine_code}`", (refusal.__doc__ or "").replace("\n", " "))
        for refusal, form in WIRE_FORMS.items()
    ]
    unexpected = (str(UNEXPECTED.status), f"`{UNEXPECTED.spine_code}`", "A failure that nobody foresaw.")
    return table(("status", "code", "when"), [*rows, unexpected])


def settings_table() -> str:
    """Return the settings of `gpsim serve`: option, variable, default, meaning."""
    rows = []
    for each in dataclasses.fields(Settings):
        default = "" if each.default is None else f"`{each.default}`"
        rows.append(
            (
                f"`--{each.name.replace('_', '-')}`",
                f"`GPSIM_{each.name.upper()}`",
                default,
                each.metadata["help"],
            )
        )
    return table(("option", "variable", "default", "meaning"), rows)
