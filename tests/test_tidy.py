"""The shape of the code: who may import whom, how long things are, and what is never called."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("simulator", "seed_data", "loadtest")
LONGEST_FILE = 300
LONGEST_FUNCTION = 70

BELOW_THE_SERVERS = {"simulator.domain", "simulator.store", "simulator.fhir", "simulator.interactions"}

OURS = {
    "simulator.domain": set[str](),
    "simulator.store": {"simulator.domain"},
    "simulator.fhir": {"simulator.domain"},
    "simulator.interactions": {"simulator.domain", "simulator.store", "simulator.fhir"},
    "simulator.server": {*BELOW_THE_SERVERS, "simulator.settings"},
    "simulator.spine": {*BELOW_THE_SERVERS, "simulator.settings"},
    "simulator.control": {*BELOW_THE_SERVERS, "simulator.settings"},
    "simulator.settings": set[str](),
    "seed_data": {"simulator.domain", "simulator.store"},
    "loadtest": set[str](),
}
"""What each package may import of ours, besides itself; the edge (application, cli) is not listed."""

THIRD_PARTY = {
    "simulator.domain": set[str](),
    "simulator.store": {"sqlite_utils", "orjson"},
    "simulator.fhir": {"orjson", "fhir", "pydantic", "defusedxml"},
    "simulator.interactions": set[str](),
    "simulator.server": {"starlette", "orjson", "isal", "anyio"},
    "simulator.control": {"starlette", "jinja2", "orjson"},
    "simulator.spine": {"starlette", "orjson", "httptools", "cryptography"},
    "simulator.settings": set[str](),
    "seed_data": {"faker", "holidays"},
    "loadtest": {
        "locust",
        "gevent",
        "geventhttpclient",
        "click",
        "rich",
        "orjson",
        "hdrh",
        "jinja2",
        "holidays",
    },
}
"""What each package may import of others'."""

ONLY_IN = {"locust": "loadtest/scenarios", "faker": "seed_data"}
"""Who alone may import what: Locust patches a whole process, and no id may come to depend on Faker."""

BANNED_CALLS = {
    ("datetime", "now"), ("datetime", "utcnow"), ("datetime", "today"), ("date", "today"), ("time", "time"),
    ("uuid", "uuid4"), ("uuid", "uuid1"), ("random", "random"), ("random", "randint"), ("random", "choice"),
    ("random", "shuffle"), ("random", "sample"), ("random", "seed"),
}  # fmt: skip
"""Time and chance come in from outside: one Clock, one seeded Random. loadtest has its own."""

BANNED_NAMES = ("utils", "helpers", "manager", "misc", "common")


def sources() -> list[Path]:
    return sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))


def python_files() -> list[Path]:
    return sources() + sorted((ROOT / "tests").rglob("*.py"))


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def imported(path: Path) -> Iterator[str]:
    """Yield the full name of everything a file imports, wherever in the file."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{named(path)}: imports are absolute"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def package_of(path: Path) -> str | None:
    """Return the entry of the table that a file falls under; None at the edge."""
    dotted = named(path).removesuffix(".py").replace("/", ".")
    return next((name for name in OURS if dotted == name or dotted.startswith(f"{name}.")), None)


@pytest.mark.parametrize("path", sources(), ids=named)
def test_imports_point_inwards(path: Path) -> None:
    package = package_of(path)
    if package is None:
        return
    for name in imported(path):
        top = name.partition(".")[0]
        if top in sys.stdlib_module_names:
            continue
        if top in PACKAGES:
            inward = {package, *OURS[package]}
            assert any(name == each or name.startswith(f"{each}.") for each in inward), (
                f"{named(path)} imports {name}, which {package} may not"
            )
        else:
            assert top in THIRD_PARTY[package], f"{named(path)} imports {name}, which {package} may not"


@pytest.mark.parametrize("library", ONLY_IN)
def test_a_library_with_side_effects_is_imported_in_one_place_alone(library: str) -> None:
    importers = [
        named(path) for path in sources() if library in {each.partition(".")[0] for each in imported(path)}
    ]
    assert importers
    assert all(importer.startswith(ONLY_IN[library]) for importer in importers), importers


@pytest.mark.parametrize("path", python_files(), ids=named)
def test_files_and_functions_are_short(path: Path) -> None:
    text = path.read_text()
    assert len(text.splitlines()) <= LONGEST_FILE, f"{named(path)} has over {LONGEST_FILE} lines"
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            assert length <= LONGEST_FUNCTION, f"{named(path)}: {node.name} has {length} lines"


def called(path: Path) -> Iterator[tuple[str, str, int]]:
    """Yield what a file calls, as owner and name, whether it was imported with its owner or from it."""
    tree = ast.parse(path.read_text())
    from_owner = {
        alias.asname or alias.name: (node.module, alias.name)
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module
        for alias in node.names
    }
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        if isinstance(node.func, ast.Attribute):
            owner = node.func.value
            yield (
                owner.id if isinstance(owner, ast.Name) else getattr(owner, "attr", ""),
                node.func.attr,
                node.lineno,
            )
        elif isinstance(node.func, ast.Name) and node.func.id in from_owner:
            yield *from_owner[node.func.id], node.lineno


def test_time_and_chance_are_passed_in() -> None:
    for path in sources():
        if not named(path).startswith("loadtest"):
            for owner, name, line in called(path):
                assert (owner, name) not in BANNED_CALLS, f"{named(path)}:{line} calls {owner}.{name}"


def test_nothing_works_at_import() -> None:
    for path in sources():
        for node in ast.parse(path.read_text()).body:
            works = isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)
            entry = path.name == "__main__.py" or named(path).endswith("locustfile.py")
            assert not works or entry, f"{named(path)}:{node.lineno}"


def test_names_say_what_is_inside() -> None:
    for path in python_files():
        assert not any(banned in path.stem.split("_") for banned in BANNED_NAMES), named(path)


def test_nothing_is_left_behind() -> None:
    marks = ("TO" + "DO", "FIX" + "ME", "XX" + "X")
    for path in python_files():
        text = path.read_text()
        assert not any(mark in text for mark in marks), named(path)
