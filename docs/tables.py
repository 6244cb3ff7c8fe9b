"""The tables of README and of these pages, made from the code, and the runs, that they describe."""

import dataclasses
import json
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from simulator.fhir.operation_outcome import UNEXPECTED, WIRE_FORMS
from simulator.interactions.interaction import Kind
from simulator.interactions.registry import INTERACTIONS
from simulator.settings import Settings
from tests.bench.rates import Amount, run_from_json
from tests.bench.table import verdict

ROOT = Path(__file__).parent.parent


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def interactions_table() -> str:
    """Return the interactions: what each is called on the wire."""
    rows = [
        (f"`{each.name}`", f"`{each.method} {each.path}`", f"`{each.suffix}`", f"`{each.scope}`")
        for each in INTERACTIONS
    ]
    return table(
        ("interaction", "request", "interaction id, after `urn:nhs:names:services:gpconnect:fhir:`", "scope"),
        rows,
    )


def coverage_table() -> str:
    """Return the interactions: formats, the errors their own tests meet, how many tests these are."""
    codes = {form.spine_code for form in WIRE_FORMS.values()}
    rows = []
    for each in INTERACTIONS:
        files = sorted((ROOT / "tests" / "interactions").glob(f"test_{each.name}*.py"))
        text = "".join(path.read_text() for path in files)
        formats = "in, out" if each.kind is Kind.COMMAND else "out"
        met = ", ".join(f"`{code}`" for code in sorted(codes) if f'"{code}"' in text)
        tests = len(re.findall(r"^def test_", text, re.MULTILINE))
        rows.append((f"`{each.name}`", formats, formats, met, str(tests)))
    return table(("interaction", "JSON", "XML", "errors", "tests"), rows)


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
        default = "" if each.default in (None, "") else f"`{each.default}`"
        rows.append(
            (
                f"`--{each.name.replace('_', '-')}`",
                f"`GPSIM_{each.name.upper()}`",
                default,
                each.metadata["help"],
            )
        )
    return table(("option", "variable", "default", "meaning"), rows)


def performance_tables() -> str:
    """Return the committed run of the benchmark: ratios to the floor, and the other targets."""
    run = run_from_json(json.loads((ROOT / "docs" / "bench.json").read_text()))
    ratios = [
        (
            f"`{each.work}`",
            each.way,
            f"{each.ours:,.0f}",
            f"{each.floor:,.0f}",
            f"{each.bytes:,}",
            f"{each.ratio:.3f} ({each.lowest:.3f} to {each.highest:.3f})",
            f"{each.target:.2f}",
            verdict(each),
        )
        for each in run.ratios
    ]
    heads = ("work", "", "requests/s", "floor", "bytes", "of the floor", "at least", "verdict")
    amounts = [(each.name, f"{each.value:,g} {each.unit}", *_held(each)) for each in run.amounts]
    said = (
        f"{run.day}: {run.machine}; medians of {run.rounds} rounds; {run.slots_a_search:g} slots a search.\n"
    )
    return "\n".join(
        (
            said,
            table(heads, ratios),
            table(("", "measured", "target", "verdict"), amounts),
        )
    )


def _held(amount: Amount) -> tuple[str, str]:
    target = f"at {'most' if amount.most else 'least'} {amount.target:,g}"
    missed = f"missed by {abs(amount.value - amount.target):,g}"
    return target, "met" if amount.is_met else missed
