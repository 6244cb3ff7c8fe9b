"""Whether the simulator is ready, and what is running."""

from starlette.requests import Request
from starlette.responses import JSONResponse

from simulator.domain.clock import Clock
from simulator.settings import Settings
from simulator.store.database import Store


async def health(request: Request) -> JSONResponse:
    """Answer `/control/health`: ready once the database answers, and what runs; `today` is simulated.

    `practices` are those that `/control/practices` lists; those that are switched off are counted apart.
    """
    store: Store = request.app.state.store
    clock: Clock = request.app.state.clock
    settings: Settings = request.app.state.settings
    with store.reading() as transaction:
        practices = transaction.practices.count_open()
        switched_off = transaction.practices.count() - practices
    return JSONResponse(
        {
            "status": "ready",
            "version": request.app.state.software_version,
            "today": clock.today().isoformat(),
            "booking_mode": settings.booking_mode,
            "durability": settings.durability,
            "personal_demographics_service": "down" if settings.pds_down else "up",
            "practices": practices,
            "practices_switched_off": switched_off,
        }
    )
