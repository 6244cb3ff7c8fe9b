"""Whether the simulator is ready, and what is running."""

from collections.abc import Iterator

from starlette.requests import Request
from starlette.responses import JSONResponse

from simulator.domain.audit import AuditRecorder
from simulator.domain.clock import Clock
from simulator.settings import Settings
from simulator.store.database import Store


async def health(request: Request) -> JSONResponse:
    """Answer `/control/health`: ready once the database answers, and what runs; `today` is simulated.

    `practices` are those that `/control/practices` lists; those that are switched off are counted apart.
    Where nothing that is done would last, it is 503, and `why` says so.
    """
    store: Store = request.app.state.store
    clock: Clock = request.app.state.clock
    settings: Settings = request.app.state.settings
    with store.reading() as transaction:
        practices = transaction.practices.count_open()
        switched_off = transaction.practices.count() - practices
    faults = list(_faults(store, request.app.state.audit))
    return JSONResponse(
        {
            "status": "not ready" if faults else "ready",
            **({"why": "; ".join(faults)} if faults else {}),
            "version": request.app.state.software_version,
            "today": clock.today().isoformat(),
            "booking_mode": settings.booking_mode,
            "durability": settings.durability,
            "personal_demographics_service": "down" if settings.pds_down else "up",
            "practices": practices,
            "practices_switched_off": switched_off,
        },
        503 if faults else 200,
    )


def _faults(store: Store, audit: AuditRecorder) -> Iterator[str]:
    if not store.is_in_place():
        yield f"{store.path} is no longer the file that is served: it was removed or replaced"
    if audit.is_failing:
        yield "the database cannot be written; the log says why"
