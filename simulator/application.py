"""The one application: the practices' service roots and the tester's door, joined."""

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.middleware.errors import ServerErrorMiddleware
from starlette.routing import Route
from starlette.types import ASGIApp

from simulator import __version__
from simulator.control.directory_door import directory_routes
from simulator.control.front_page import FrontPage
from simulator.control.health import health
from simulator.control.practices import practices
from simulator.control.transactions import transactions
from simulator.domain.clock import Clock
from simulator.front_door import FrontDoor
from simulator.interactions.registry import INTERACTIONS
from simulator.server.audit_trail import AuditTrail
from simulator.server.cors import AllowedOrigins
from simulator.server.dispatch import ServiceRoots
from simulator.server.error_handlers import outside_any_service_root, unexpected_failure
from simulator.server.request_log import RequestLog
from simulator.settings import Settings
from simulator.spine.accreditation import Accreditation
from simulator.spine.demographics import BASE as DEMOGRAPHICS
from simulator.spine.demographics import Demographics
from simulator.spine.directory_fhir import BASE as DIRECTORY
from simulator.spine.directory_fhir import SpineDirectory
from simulator.spine.directory_ldap import DirectoryLdap
from simulator.spine.ldap_connections import NO_LDAP, LdapListeners, LdapService
from simulator.spine.organisations import PATH as ORGANISATION
from simulator.spine.organisations import Organisations
from simulator.spine.provider_connections import ProviderConnections
from simulator.spine.secure_proxy import SecureProxy
from simulator.spine.tls import client_context, server_context
from simulator.store.database import Store


def create_app(
    settings: Settings, store: Store, clock: Clock, ldap_listeners: LdapListeners = NO_LDAP
) -> ASGIApp:
    """Return the application that serves a store's practices by a clock, and LDAP where somebody listens."""
    audit = AuditTrail(store)
    service_roots = ServiceRoots(
        store, clock, INTERACTIONS, __version__, audit, settings.bind_asid, settings.pds_down
    )
    providers = ProviderConnections(settings.provider_timeout, lambda: _tls_to_providers(settings))
    proxy = SecureProxy(settings, clock, Accreditation(store), service_roots, providers, audit)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        ldap = LdapService(
            DirectoryLdap(settings, store, clock, audit), _tls_of_ldap(settings, ldap_listeners)
        )
        await ldap.start(ldap_listeners)
        yield
        ldap.stop()
        providers.close()
        audit.close()
        store.close()

    app = Starlette(
        routes=[
            Route(DIRECTORY + "/{path:path}", SpineDirectory(settings, store, clock, audit)),
            Route(ORGANISATION, Organisations(store, clock, audit)),
            Route(DEMOGRAPHICS + "/{path:path}", Demographics(settings, store, clock, audit)),
            Route("/", FrontPage().__call__),
            Route("/control/practices", practices),
            Route("/control/health", health),
            Route("/control/transactions", transactions),
            *directory_routes(),
        ],
        exception_handlers={
            404: outside_any_service_root,
            405: outside_any_service_root,
            Exception: unexpected_failure,
        },
        lifespan=lifespan,
    )
    app.router.redirect_slashes = False
    app.state.settings = settings
    app.state.store = store
    app.state.clock = clock
    app.state.software_version = __version__
    app.state.audit = audit
    # What is asked most comes to its door without passing through what serves everything else.
    door = FrontDoor(app, ServerErrorMiddleware(proxy, unexpected_failure), service_roots)
    return RequestLog(_cors(settings, door), clock)


def _tls_to_providers(settings: Settings) -> ssl.SSLContext:
    """Return what https to providers outside is spoken with: the proxy's certificate, where there is one."""
    return client_context(settings.tls) if settings.tls else ssl.create_default_context()


def _tls_of_ldap(settings: Settings, listeners: LdapListeners) -> ssl.SSLContext | None:
    """Return what LDAP over TLS is spoken with: the certificate that is shown to everybody else too."""
    if settings.tls is None or listeners == NO_LDAP:
        return None
    # What TLS needs is slow to load, and most serve without it.
    from simulator.tls_serving import shown_certificate

    return server_context(settings.tls, shown_certificate(settings.server_certificate))


def _cors(settings: Settings, app: ASGIApp) -> ASGIApp:
    """Return what lets pages of other origins call an application, where the settings name any."""
    origins = [origin.strip() for origin in settings.cors_origin.split(",") if origin.strip()]
    return AllowedOrigins(app, origins) if origins else app
