"""The page for people: which practices there are, and how to make a first call."""

import shlex

from jinja2 import Environment, PackageLoader
from starlette.requests import Request
from starlette.responses import HTMLResponse

from simulator.control.practices import describe_practices, matching_practices, open_practices
from simulator.control.refused_consumers import refused_consumers
from simulator.domain.clock import Clock
from simulator.fhir.resource import Json
from simulator.fhir.urls import service_root
from simulator.settings import Settings
from simulator.store.database import Store

MOST_SHOWN = 20
"""How many practices the page lists; programs get them all from `/control/practices`."""

DIRECTORY, DEMOGRAPHICS = "/spine-directory/FHIR/R4", "/personal-demographics/FHIR/R4"


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
        over_tls = request.url.scheme == "https"
        matching = request.query_params.get("matching", "")
        with store.reading() as transaction:
            organizations = transaction.practices.all()
            found = open_practices(organizations, matching)
            practices = describe_practices(transaction, found[:MOST_SHOWN], base_url)
            consumers = transaction.practices.consumers()
            refused = refused_consumers(transaction)
            off = [
                each
                for each in matching_practices(organizations, matching)
                if not (each.enabled and each.appointments_enabled)
            ]
            shown = [practice["ods_code"] for practice in practices]
            cases = {
                ods_code: transaction.practices.named_cases(ods_code, clock.now())
                for ods_code in [*shown, *(each.ods_code for each in off[:MOST_SHOWN])]
            }
        return HTMLResponse(
            self._template.render(
                practices=practices,
                matching=matching,
                quoted=shlex.quote(matching),
                found=len(found),
                more=len(found) - len(practices),
                many=len(organizations) > MOST_SHOWN,
                off=off[:MOST_SHOWN],
                more_off=len(off[MOST_SHOWN:]),
                cases=cases,
                consumers=consumers,
                refused=refused,
                national_services=_national_services(settings, base_url, practices),
                base_url=base_url,
                tls_options=_tls_options(settings, practices) if over_tls else "",
                today=clock.today(),
                unsafe=settings.booking_mode == "unsafe",
                version=request.app.state.software_version,
            )
        )


def _national_services(
    settings: Settings, base_url: str, practices: list[Json]
) -> list[tuple[str, str, str]]:
    """Return what each national service is called, where it is, and whether it is on."""
    published = settings.public_url.rstrip("/") or base_url
    ods_code = practices[0]["ods_code"] if practices else "ODS code"
    ldap = [
        settings.url(scheme, port)
        for scheme, port in (("ldap", settings.ldap_port), ("ldaps", settings.ldaps_port))
        if port is not None
    ]
    return [
        ("Spine Secure Proxy", f"{base_url}/{service_root(published, ods_code)}", "on"),
        ("Spine Directory Service, FHIR", f"{base_url}{DIRECTORY}", "on; any apikey"),
        ("Spine Directory Service, LDAP", ", ".join(ldap), "on" if ldap else "off; --ldap-port starts it"),
        ("Organisation Data Service", f"{base_url}/STU3/Organization/{ods_code}", "on"),
        (
            "Personal Demographics Service",
            f"{base_url}{DEMOGRAPHICS}",
            "down, on purpose (--pds-down)" if settings.pds_down else "on; any access token",
        ),
    ]


def _tls_options(settings: Settings, practices: list[Json]) -> str:
    """Return what curl and gpload need to be answered over TLS, as they are typed here.

    The names of the files are those that `gpsim certificates` gives them.
    """
    if settings.tls is None or not practices:
        return ""
    directory, consumer = settings.tls.resolve(), f"consumer-{practices[0]['consumer']['asid']}"
    files = {"cacert": "authority.pem", "cert": f"{consumer}.pem", "key": f"{consumer}-key.pem"}
    return shlex.join(part for name, file in files.items() for part in (f"--{name}", str(directory / file)))
