"""The one application: the practices' service roots and the tester's door, joined."""

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Route

from simulator import __version__
from simulator.control.front_page import FrontPage
from simulator.control.health import health
from simulator.control.practices import practices
from simulator.domain.clock import Clock
from simulator.interactions.registry import INTERACTIONS
from simulator.server.dispatch import SERVICE_ROOT, ServiceRoots
from simulator.server.error_handlers import outside_any_service_root
from simulator.server.request_log import RequestLog
from simulator.settings import Settings
from simulator.store.database import Store


def create_app(settings: Settings, store: Store, clock: Clock) -> Starlette:
    """Return the application that serves a store's practices by a clock."""
    service_roots = ServiceRoots(store, clock, INTERACTIONS, __version__)
    app = Starlette(
        routes=[
            Route(SERVICE_ROOT + "/{path:path}", service_roots),
            Route(SERVICE_ROOT, service_roots),
            Route("/", FrontPage().__call__),
            Route("/control/practices", practices),
            Route("/control/health", health),
        ],
        exception_handlers={404: outside_any_service_root, 405: outside_any_service_root},
        middleware=[Middleware(RequestLog)],
    )
    app.router.redirect_slashes = False
    app.state.settings = settings
    app.state.store = store
    app.state.clock = clock
    app.state.software_version = __version__
    return app
