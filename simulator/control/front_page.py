"""The page for people: which practices there are, and how to make a first call."""

from jinja2 import Environment, PackageLoader
from starlette.requests import Request
from starlette.responses import HTMLResponse

from simulator.control.practices import list_practices
from simulator.domain.clock import Clock
from simulator.settings import Settings
from simulator.store.database import Store


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
        return HTMLResponse(
            self._template.render(
                practices=practices,
                consumers=consumers,
                base_url=base_url,
                today=clock.today(),
                unsafe=settings.booking_mode == "unsafe",
                version=request.app.state.software_version,
            )
        )
