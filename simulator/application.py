"""The one application: the practices' service roots and the tester's door, joined."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Route

from simulator import __version__
from simulator.control.front_page import FrontPage
from simulator.control.health import health
from simulator.control.practices import practices
from simulator.domain.clock import Clock
from simulator.interactions.registry import INTERACTIONS
from simulator.server.audit_trail import AuditTrail
from simulator.server.cors import AllowedOrigins
from simulator.server.dispatch import SERVICE_ROOT, ServiceRoots
from simulator.server.error_handlers import outside_any_service_root
from simulator.server.request_log import RequestLog
from simulator.settings import Settings
from simulator.store.database import Store


def create_app(settings: Settings, store: Store, clock: Clock) -> Starlette:
    """Return the application that serves a store's practices by a clock."""
    audit = AuditTrail(store)
    service_roots = ServiceRoots(store, clock, INTERACTIONS, __version__, audit)
    below = Route(SERVICE_ROOT + "/{path:path}", service_roots)
    # A path may hold an escaped line end, which a dot alone does not match.
    below.path_regex = re.compile(below.path_regex.pattern, re.DOTALL)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        yield
        audit.flush()
        store.close()

    app = Starlette(
        routes=[
            below,
            Route(SERVICE_ROOT, service_roots),
            Route("/", FrontPage().__call__),
            Route("/control/practices", practices),
            Route("/control/health", health),
        ],
        exception_handlers={404: outside_any_service_root, 405: outside_any_service_root},
        middleware=[Middleware(RequestLog), *_cors(settings)],
        lifespan=lifespan,
    )
    app.router.redirect_slashes = False
    app.state.settings = settings
    app.state.store = store
    app.state.clock = clock
    app.state.software_version = __version__
    app.state.audit = audit
    return app


def _cors(settings: Settings) -> list[Middleware]:
    """Return what lets pages of other origins call, where the settings name any."""
    origins = [origin.strip() for origin in settings.cors_origin.split(",") if origin.strip()]
    return [Middleware(AllowedOrigins, origins)] if origins else []
