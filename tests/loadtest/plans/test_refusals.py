"""Every way in which a plan can be wrong, and the one line that says so."""

import pytest

from loadtest.plans.plan import PlanError
from loadtest.plans.reading import plan_of

CLOSED = {"name": '"one"', "scenario": '"booking"', "seconds": "30", "users": "5"}
OPEN = {"name": '"one"', "scenario": '"booking"', "seconds": "30", "rate": "5"}
RACE = {"name": '"one"', "scenario": '"hot_slot"', "seconds": "30", "users": "5"}
LIMIT = {"kind": '"command"', "level": '"SHALL"', "percentile": "99", "limit_ms": "250"}
DURATION = 'a number of seconds above 0 or a duration such as "30s", "5m" or "1h"'
SCENARIOS = "slot_search, booking, hot_slot, journey, churn, call_centre, national"
OF_A_PHASE = "name, seconds, scenario, mix"
POINT = "[seconds, rate], both from 0"
RATE = "a number above 0, {from, to}, {points} or {curve, peak}"


def lines(table: dict[str, str], change: str) -> str:
    """The lines of a table after a change such as `users = 0`; `-users` takes a key away."""
    kept = dict(table)
    for part in filter(None, change.split("; ")):
        key, _, value = part.partition(" = ")
        kept.pop(part.removeprefix("-"), None)
        if value:
            kept[key] = value
    return "\n".join(f"{key} = {value}" for key, value in kept.items())


def refusal(text: str) -> str:
    with pytest.raises(PlanError) as refused:
        plan_of(text, "mine", "mine.toml")
    line = str(refused.value)
    assert line.startswith("mine.toml: ")
    assert line.isprintable(), "one line"
    return line.removeprefix("mine.toml: ")


def refusal_of_phase(table: dict[str, str], change: str) -> str:
    return refusal(f'about = "mine"\n[[phase]]\n{lines(table, change)}')


@pytest.mark.parametrize(
    ("top", "line"),
    [
        ("", "about: missing, expected a text of one line"),
        ("about = 5", "about: expected a text of one line, found 5"),
        ('about = " "', 'about: expected a text of one line, found " "'),
        ('about = """a\nb"""', 'about: expected a text of one line, found "a\\nb"'),
        ('about = "mine"', "phase: expected at least one table headed [[phase]], found none"),
        ('about = "mine"\nphase = []', "phase: expected at least one table headed [[phase]], found none"),
        ('about = "mine"\n[phase]\nname = "one"', "phase: expected tables headed [[phase]], found a table"),
        ('about = "mine"\nphase = [1]', "phase: expected tables headed [[phase]], found a list"),
        (
            'abuot = "mine"',
            'abuot: unknown key (did you mean "about"?); allowed: about, stock, practices, most_practices,'
            " most_missed, most_empty_searches, phase, threshold",
        ),
        ("about = 1" + "0" * 5000, "not TOML: it has a number of too many digits"),
        (
            '"a\\nb" = 1',
            '"a\\nb": unknown key; allowed: about, stock, practices, most_practices, most_missed,'
            " most_empty_searches, phase, threshold",
        ),
        (
            "colour = 1",
            "colour: unknown key; allowed: about, stock, practices, most_practices, most_missed,"
            " most_empty_searches, phase, threshold",
        ),
    ],
)
def test_a_file_that_is_no_plan_is_refused(top: str, line: str) -> None:
    assert refusal(top) == line


def test_a_file_that_is_not_toml_is_refused_with_the_place() -> None:
    assert refusal("about = 'mine'\nphase == 1").startswith("not TOML: ")
    assert "line 2, column 8" in refusal("about = 'mine'\nphase == 1")


@pytest.mark.parametrize(
    ("change", "line"),
    [
        ('stock = "draining"', 'expected one of steady, drains (did you mean "drains"?), found "draining"'),
        ("stock = true", "expected one of steady, drains, found true"),
        (
            'practices = "A20047"',
            'expected a list of ODS codes such as ["A20047"], none twice, found "A20047"',
        ),
        ("practices = [1]", 'expected a list of ODS codes such as ["A20047"], none twice, found a list'),
        (
            'practices = ["A1", "A1"]',
            'expected a list of ODS codes such as ["A20047"], none twice, found a list',
        ),
        ("most_practices = 0", "expected a whole number from 1 to 10,000, found 0"),
        ("most_practices = 2.5", "expected a whole number from 1 to 10,000, found 2.5"),
        ("most_practices = true", "expected a whole number from 1 to 10,000, found true"),
        ("most_missed = 1.1", "expected a share from 0 to 1, found 1.1"),
        ("most_missed = -0.1", "expected a share from 0 to 1, found -0.1"),
        ("most_missed = nan", "expected a share from 0 to 1, found nan"),
        ("most_missed = true", "expected a share from 0 to 1, found true"),
        ('most_empty_searches = "20 %"', 'expected a share from 0 to 1, found "20 %"'),
        ("most_empty_searches = 2024-01-01", "expected a share from 0 to 1, found 2024-01-01"),
    ],
)
def test_a_value_for_the_whole_run_that_cannot_be_is_refused(change: str, line: str) -> None:
    key = change.partition(" = ")[0]
    assert refusal(f'about = "mine"\n{change}\n[[phase]]\n{lines(CLOSED, "")}') == f"{key}: {line}"


@pytest.mark.parametrize(
    ("change", "line"),
    [
        (
            "usres = 5",
            '.usres: unknown key (did you mean "users"?); allowed: name, seconds, scenario, mix, users,'
            " think, rounds, rate, clients, spread",
        ),
        ("-name", ".name: missing, expected up to 40 letters, digits, spaces, dots, - or _"),
        ('name = "a/b"', '.name: expected up to 40 letters, digits, spaces, dots, - or _, found "a/b"'),
        ('name = ""', '.name: expected up to 40 letters, digits, spaces, dots, - or _, found ""'),
        (
            'name = "planning"',
            '.name: expected a name of your own, found "planning"; taken: first look, planning, read back',
        ),
        ("-seconds", f".seconds: missing, expected {DURATION}"),
        ("seconds = 0", f".seconds: expected {DURATION}, found 0"),
        ('seconds = "fast"', f'.seconds: expected {DURATION}, found "fast"'),
        ('seconds = "0m"', f'.seconds: expected {DURATION}, found "0m"'),
        ("seconds = 1" + "0" * 400, f".seconds: expected {DURATION}, found {'1' + '0' * 38}…"),
        ("seconds = inf", f".seconds: expected {DURATION}, found inf"),
        ("-scenario", ": expected either scenario or mix, found neither"),
        ("mix = {journey = 1}", ": expected either scenario or mix, found both"),
        (
            'scenario = "bookings"',
            f'.scenario: expected one of {SCENARIOS} (did you mean "booking"?), found "bookings"',
        ),
        ("scenario = 5", f".scenario: expected one of {SCENARIOS}, found 5"),
        (
            '-scenario; mix = "booking"',
            '.mix: expected a table of scenarios and weights such as {booking = 1}, found "booking"',
        ),
        ("-scenario; mix = {}", f".mix: expected a weight for at least one of {SCENARIOS}"),
        (
            "-scenario; mix = {boking = 1}",
            f'.mix.boking: unknown scenario (did you mean "booking"?); allowed: {SCENARIOS}',
        ),
        ('-scenario; mix = {"" = 1}', f'.mix."": unknown scenario; allowed: {SCENARIOS}'),
        ("-scenario; mix = {booking = 0}", ".mix.booking: expected a number above 0, found 0"),
        (
            "-scenario; mix = {hot_slot = 1, booking = 1}",
            ".mix: expected hot_slot alone, for its users meet in agreed rounds; found hot_slot, booking",
        ),
        ("-users", ": expected either users (closed) or rate (open arrivals), found neither"),
        ("rate = 5", ": expected either users (closed) or rate (open arrivals), found both"),
        ("users = 0", ".users: expected a whole number from 1 to 5,000, found 0"),
        ("users = 5001", ".users: expected a whole number from 1 to 5,000, found 5001"),
        ("think = -1", ".think: expected a number from 0, found -1"),
        ("clients = 5", f".clients: does not go with users; allowed: {OF_A_PHASE}, users, think"),
        ("rounds = 5", f".rounds: does not go with users; allowed: {OF_A_PHASE}, users, think"),
    ],
)
def test_a_closed_phase_that_cannot_be_is_refused(change: str, line: str) -> None:
    assert refusal_of_phase(CLOSED, change) == f"phase[1]{line}"


@pytest.mark.parametrize(
    ("change", "line"),
    [
        ("clients = 0", ".clients: expected a whole number from 1 to 5,000, found 0"),
        ('spread = "poisson"', '.spread: expected one of even, chance, found "poisson"'),
        ("think = 1", f".think: does not go with rate; allowed: {OF_A_PHASE}, rate, clients, spread"),
        ("rate = 0", f".rate: expected {RATE}, found 0"),
        ('rate = "fast"', f'.rate: expected {RATE}, found "fast"'),
        ("rate = {}", f".rate: expected {RATE}, found {{}}"),
        (
            "rate = {form = 1}",
            '.rate.form: unknown key (did you mean "from"?); allowed: from, to, points, curve, peak',
        ),
        ("rate = {from = 1}", ".rate.to: missing, expected a number from 0"),
        ("rate = {from = -1, to = 1}", ".rate.from: expected a number from 0, found -1"),
        ("rate = {from = 0, to = 0}", ".rate: expected a rate above 0 at one end, found 0 at both"),
        ('rate = {from = 1, curve = "day"}', f".rate: expected {RATE}, found {{from, curve}}"),
        ("rate = {points = [[0, 1]], peak = 1}", f".rate: expected {RATE}, found {{points, peak}}"),
        ('rate = {curve = "day"}', ".rate.peak: missing, expected a number above 0"),
        ('rate = {curve = "day", peak = "fast"}', '.rate.peak: expected a number above 0, found "fast"'),
        ("rate = {peak = 5}", f".rate: expected {RATE}, found {{peak}}"),
        (
            'rate = {curve = "weak", peak = 5}',
            '.rate.curve: expected one of day, week, morning_rush (did you mean "week"?), found "weak"',
        ),
        ("rate = {points = 5}", f".rate.points: expected a list of {POINT}, found 5"),
        ("rate = {points = []}", f".rate.points: expected a list of {POINT}, found an empty list"),
        ("rate = {points = [5]}", f".rate.points[1]: expected {POINT}, found 5"),
        ("rate = {points = [[0, 1], [5]]}", f".rate.points[2]: expected {POINT}, found a list"),
        ('rate = {points = [[0, 1], ["x", 5]]}', f'.rate.points[2]: expected {POINT}, found ["x", 5]'),
        ("rate = {points = [[-5, 1], [30, 5]]}", f".rate.points[1]: expected {POINT}, found [-5, 1]"),
        ("rate = {points = [[0, -1], [30, 5]]}", f".rate.points[1]: expected {POINT}, found [0, -1]"),
        (
            "rate = {points = [[0, 1], [20, 1], [10, 1]]}",
            ".rate.points: expected points in the order of time, found 10 s after 20 s",
        ),
        (
            "rate = {points = [[0, 1], [20, 1]]}",
            ".rate.points: expected the last at the phase's end, 30 s, found 20 s",
        ),
    ],
)
def test_an_open_phase_that_cannot_be_is_refused(change: str, line: str) -> None:
    assert refusal_of_phase(OPEN, change) == f"phase[1]{line}"


@pytest.mark.parametrize(
    ("change", "line"),
    [
        ("-users; rate = 5", f".rate: does not go with hot_slot; allowed: {OF_A_PHASE}, users, rounds"),
        ("think = 1", f".think: does not go with hot_slot; allowed: {OF_A_PHASE}, users, rounds"),
        ("-users", ".users: missing, expected a whole number from 1 to 5,000"),
        ("rounds = 0", ".rounds: expected a whole number from 1 to 100,000, found 0"),
    ],
)
def test_a_race_that_cannot_be_is_refused(change: str, line: str) -> None:
    assert refusal_of_phase(RACE, change) == f"phase[1]{line}"


def test_two_phases_of_one_name_are_refused() -> None:
    phases = "".join(f"[[phase]]\n{lines(CLOSED, change)}\n" for change in ('name = "other"', "", ""))
    assert refusal(f'about = "mine"\n{phases}') == (
        'phase[3].name: expected a name of its own, found "one", which phase[2] has'
    )


@pytest.mark.parametrize(
    ("change", "line"),
    [
        (
            "limit = 5",
            '.limit: unknown key (did you mean "limit_ms"?); allowed: kind, interaction, level, percentile,'
            " limit_ms",
        ),
        (
            'interaction = "read_patient"',
            ": expected kind or interaction, or neither for a limit on all, found both",
        ),
        (
            'kind = "commands"',
            '.kind: expected one of command, query (did you mean "command"?), found "commands"',
        ),
        ("-level", ".level: missing, expected one of SHALL, SHOULD"),
        ('level = "MUST"', '.level: expected one of SHALL, SHOULD, found "MUST"'),
        ("percentile = 0", ".percentile: expected a number above 0, at most 100, found 0"),
        ("percentile = 101", ".percentile: expected a number above 0, at most 100, found 101"),
        ("-limit_ms", ".limit_ms: missing, expected a number above 0"),
        ('limit_ms = "250ms"', '.limit_ms: expected a number above 0, found "250ms"'),
    ],
)
def test_a_threshold_that_cannot_be_is_refused(change: str, line: str) -> None:
    text = f'about = "mine"\n[[phase]]\n{lines(CLOSED, "")}\n[[threshold]]\n{lines(LIMIT, change)}'
    assert refusal(text) == f"threshold[1]{line}"


def test_a_threshold_on_an_unknown_interaction_is_answered_with_the_nearest() -> None:
    limit = lines(LIMIT, '-kind; interaction = "book_apointment"')
    line = refusal(f'about = "mine"\n[[phase]]\n{lines(CLOSED, "")}\n[[threshold]]\n{limit}')
    assert line.startswith("threshold[1].interaction: expected one of read_metadata, find_patient, ")
    assert line.endswith(' (did you mean "book_appointment"?), found "book_apointment"')


def test_a_long_value_is_cut_short_in_the_refusal() -> None:
    line = refusal_of_phase(CLOSED, f'scenario = "{"x" * 500}"')
    assert line.endswith("xxx…")
    assert len(line) < 200
