"""The page for people: which practices there are, and how to make a first call."""

from jinja2 import Environment, PackageLoader
from starlette.requests import Request
from starlette.responses import HTMLResponse

from simulator.control.practices import list_practices
from simulator.domain.clock import Clock
from simulator.settings import Settings
from simulator.store.database import Store

MOST_SHOWN = 20
"""How many practices the page lists; programs get them all from `/control/practices`."""


class FrontPage:
    """The page at `/`."""

    def __init__(self) -> None:
        loader = PackageLoader("simulator.control", ".")
        self._template = Environment(loader=loader, autoescape=True).get_template("front_page.html")

    async def __call__(self, request: Request) -> HTMLResponse:
        """Answer `/` with practices, service roots, ASIDs and a first call."""
        store: Store = request.app.state.store
        clock: Clock = request.app.state.clock
        settings: Settings = request.app.state.settings
        base_url = str(request.base_url).rstrip("/")
        with store.reading() as transaction:
            practices = list_practices(transaction, base_url)
            consumers = transaction.practices.consumers()
            organizations = transaction.practices.all()
            off = [each for each in organizations if not (each.enabled and each.appointments_enabled)]
            shown = [practice["ods_code"] for practice in practices[:MOST_SHOWN]]
            cases = {
                ods_code: transaction.practices.named_cases(ods_code, clock.now())
                for ods_code in [*shown, *(each.ods_code for each in off[:MOST_SHOWN])]
            }
        return HTMLResponse(
            self._template.render(
                practices=practices[:MOST_SHOWN],
                more=len(practices) - MOST_SHOWN,
                off=off[:MOST_SHOWN],
                cases=cases,
                consumers=consumers,
                base_url=base_url,
                today=clock.today(),
                unsafe=settings.booking_mode == "unsafe",
                version=request.app.state.software_version,
            )
        )
