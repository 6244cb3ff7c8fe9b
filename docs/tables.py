"""The tables of README and of these pages, made from the code, and the runs, that they describe."""

import ast
import dataclasses
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from loadtest.plans.reading import shipped_names, shipped_plan
from simulator.fhir.operation_outcome import UNEXPECTED, WIRE_FORMS
from simulator.interactions.interaction import Kind
from simulator.interactions.registry import INTERACTIONS
from simulator.settings import Settings
from simulator.spine.proxy_refusals import (
    MethodNotAllowed,
    NoAgreement,
    NoAnswerInTime,
    NoCommunication,
    ProxyRefusal,
    ReceiverNotAccredited,
    SenderNotAccredited,
    TargetVaries,
    UnsupportedMediaType,
)
from tests.bench.results import run_from_json
from tests.bench.table import tables as bench_tables

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
    """Return the interactions: formats with a snapshot, errors their own tests assert, number of tests.

    Beneath stand the errors that the tests of what all interactions share assert.
    """
    rows = []
    for each in INTERACTIONS:
        trees = _parsed(f"interactions/test_{each.name}*.py")
        way = "in, out" if each.kind is Kind.COMMAND else "out"
        json_way, xml_way = (
            way if (ROOT / "tests" / "snapshots" / f"{each.name}.{ending}").exists() else ""
            for ending in ("json", "xml")
        )
        tests = sum(
            isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
            for tree in trees
            for node in tree.body
        )
        rows.append((f"`{each.name}`", json_way, xml_way, _listed(_asserted(trees)), str(tests)))
    shared = _asserted(_parsed("server/test_*.py")) & _raised_by_the_server()
    heads = ("interaction", "JSON", "XML", "errors", "tests")
    return f"{table(heads, rows)}\nThe checks before any interaction answer for it too: {_listed(shared)}.\n"


def _parsed(pattern: str) -> list[ast.Module]:
    return [ast.parse(path.read_text()) for path in sorted((ROOT / "tests").glob(pattern))]


def _asserted(trees: Iterable[ast.Module]) -> set[str]:
    """Return the Spine codes given to `assert_operation_outcome`, or to a file's own function around it."""
    codes = {form.spine_code for form in (*WIRE_FORMS.values(), UNEXPECTED)}
    found: set[str] = set()
    for tree in trees:
        asserting = {"assert_operation_outcome"}
        asserting |= {
            each.name
            for each in tree.body
            if isinstance(each, ast.FunctionDef) and _calls(each, {"assert_operation_outcome"})
        }
        for call in _calls(tree, asserting):
            found |= codes & {each.value for each in call.args if isinstance(each, ast.Constant)}
    return found


def _calls(tree: ast.AST, names: set[str]) -> list[ast.Call]:
    calls = (node for node in ast.walk(tree) if isinstance(node, ast.Call))
    return [each for each in calls if isinstance(each.func, ast.Name) and each.func.id in names]


def _raised_by_the_server() -> set[str]:
    """Return the Spine codes of the refusals that what serves every interaction names."""
    source = "".join(path.read_text() for path in (ROOT / "simulator" / "server").glob("*.py"))
    named = {form.spine_code for refusal, form in WIRE_FORMS.items() if refusal.__name__ in source}
    return named | {UNEXPECTED.spine_code}


def _listed(codes: Iterable[str]) -> str:
    return ", ".join(f"`{code}`" for code in sorted(codes))


def refusals_table() -> str:
    """Return the refusals: status, Spine code and when."""
    rows = [
        (str(form.status), f"`{form.spine_code}`", (refusal.__doc__ or "").replace("\n", " "))
        for refusal, form in WIRE_FORMS.items()
    ]
    unexpected = (str(UNEXPECTED.status), f"`{UNEXPECTED.spine_code}`", "A failure that nobody foresaw.")
    return table(("status", "code", "when"), [*rows, unexpected])


PROVOKED: Mapping[type[ProxyRefusal], str] = {
    TargetVaries: "another scheme, host, port or ODS code in the path than the directory has",
    SenderNotAccredited: "`gpload headers --from 200000099002` for anything but free slots and metadata;"
    " an ASID or interaction id that nobody has; with `--bind-asid`, an ASID that is not the certificate's",
    ReceiverNotAccredited: "an `Ssp-To` that nobody has; `gpsim directory forbid` of the practice's ASID",
    NoAgreement: "`gpload headers --from 200000099001`; `gpsim directory unshare`",
    MethodNotAllowed: "`PATCH`, `HEAD`, `OPTIONS`: all but `GET`, `POST`, `PUT`, `DELETE`",
    UnsupportedMediaType: "`Accept: text/html`, or such a `Content-Type`",
    NoCommunication: "a provider outside that is not running, or whose certificate does not pass",
    NoAnswerInTime: "a provider outside that is silent for longer than `--provider-timeout`",
}
"""How each refusal of the Spine Secure Proxy can be had."""


def proxy_refusals_table() -> str:
    """Return the refusals of the Spine Secure Proxy in the order of its checks: status, text, when, how."""
    rows = [
        (str(each.status), f"`{each.form}`", (each.__doc__ or "").replace("\n", " "), PROVOKED[each])
        for each in ProxyRefusal.__subclasses__()
    ]
    return table(("status", "text", "when", "to see it"), rows)


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
    """Return the committed run of the benchmark: every number with its target, and what was not measured."""
    run = run_from_json(json.loads((ROOT / "docs" / "bench.json").read_text()))
    parts = [f"{run.day}: {run.machine}; medians of {run.rounds} rounds.\n"]
    for said in bench_tables(run):
        parts += [f"{said.title}:\n", table(said.heads, said.rows)]
    missed = list(run.found.missed)
    parts.append(f"**Missed:** {'; '.join(missed)}.\n" if missed else "**Every target is met.**\n")
    return "\n".join(parts)


def plans_table() -> str:
    """Return the plans that come with the package, in their own words."""
    plans = [shipped_plan(name) for name in shipped_names()]
    return table(("`gpload run`", "what it does"), [(f"`{plan.name}`", plan.about) for plan in plans])


def accuracy_table() -> str:
    """Return how near to known delays the last committed run measured, and what Locust alone said."""
    run = json.loads((ROOT / "docs" / "accuracy.json").read_text())
    rows = [
        (
            f"p{row['percentile']:g}",
            *(f"{row[key]:,.1f}" for key in ("truth_ms", "response_ms", "service_ms", "locust_ms")),
        )
        for row in run["rows"]
    ]
    heads = ("ms", "truth", "`gpload`, response", "`gpload`, service", "plain Locust")
    made = f"{run['machine']}; {run['rate']} arrivals a second for {run['cycles'] * 10} seconds."
    return f"{made}\n\n{table(heads, rows)}"
