"""The scenarios by name, and what a client that plays a mix of them does next. Free of Locust."""

from collections.abc import Mapping

from loadtest.scenarios.booking import Booking
from loadtest.scenarios.call_centre import CallCentre
from loadtest.scenarios.churn import Churn
from loadtest.scenarios.hot_slot import HotSlot
from loadtest.scenarios.journey import Journey
from loadtest.scenarios.national import National
from loadtest.scenarios.session import Client
from loadtest.scenarios.slot_search import SlotSearch
from loadtest.scenarios.steps import Scenario

SCENARIOS: Mapping[str, type[Scenario]] = {
    "slot_search": SlotSearch,
    "booking": Booking,
    "hot_slot": HotSlot,
    "journey": Journey,
    "churn": Churn,
    "call_centre": CallCentre,
    "national": National,
}


class Repertoire:
    """What one client can play, and how likely it is to choose each: the mix of the phase."""

    def __init__(self, me: Client) -> None:
        mix = me.order.phase.mix
        self.me = me
        self.scenarios = tuple(SCENARIOS[name](me) for name in mix)
        self._weights = tuple(mix.values())

    @property
    def over(self) -> bool:
        """Whether there is nothing more to do."""
        return all(scenario.over for scenario in self.scenarios)

    def next(self) -> Scenario:
        """The scenario to play a piece of."""
        if len(self.scenarios) == 1:
            return self.scenarios[0]
        return self.me.random.choices(self.scenarios, self._weights)[0]
