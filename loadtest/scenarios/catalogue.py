"""The scenarios by name, as the command line offers them. Free of Locust."""

from dataclasses import dataclass, replace
from typing import Any


@dataclass(frozen=True, slots=True)
class Scenario:
    """One scenario: Locust user class, closed users, seconds of load, mean seconds of thought between steps.

    `books` says whether it must book to be evidence; `contests` whether it needs rounds on hot slots.
    """

    name: str
    about: str
    user_class: str
    users: int
    seconds: float
    think: float
    books: bool = False
    contests: bool = False


_SCENARIOS = (
    Scenario(
        "slot_search",
        "search for free slots at varied practices, days and window lengths",
        "SlotSearchUser",
        users=10,
        seconds=30,
        think=0.05,
    ),
    Scenario(
        "booking",
        "find a patient, search, book one slot or two adjacent ones, read back, cancel most",
        "BookingUser",
        users=20,
        seconds=30,
        think=0.3,
        books=True,
    ),
    Scenario(
        "hot_slot",
        "every client books the same slot at the same instant, round after round",
        "HotSlotUser",
        users=30,
        seconds=30,
        think=0,
        books=True,
        contests=True,
    ),
)

DEMO = "demo"
_DEMO: dict[str, dict[str, Any]] = {
    "slot_search": {"seconds": 8.0, "users": 6, "think": 0.05},
    "booking": {"seconds": 12.0, "users": 10, "think": 0.3},
    "hot_slot": {"seconds": 8.0, "users": 20},
}
DEMO_ABOUT = f"the {len(_SCENARIOS)} others in turn"


def scenario_names() -> tuple[str, ...]:
    """Every name that `gpload run` takes."""
    return (*(scenario.name for scenario in _SCENARIOS), DEMO)


def parts_of(name: str) -> tuple[Scenario, ...]:
    """The scenarios that `name` runs in turn. Raises KeyError if unknown."""
    if name == DEMO:
        return tuple(replace(scenario, **_DEMO[scenario.name]) for scenario in _SCENARIOS)
    return ({scenario.name: scenario for scenario in _SCENARIOS}[name],)


def describe() -> str:
    """One line per scenario, for help texts."""
    lines = [f"{scenario.name}: {scenario.about}" for scenario in _SCENARIOS]
    return "\n".join([*lines, f"{DEMO}: {DEMO_ABOUT}"])
