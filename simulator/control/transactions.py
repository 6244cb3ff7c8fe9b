"""What went through the Spine Secure Proxy: its rows of the audit trail."""

import re

from starlette.requests import Request
from starlette.responses import JSONResponse

from simulator.domain.audit import Surface
from simulator.domain.clock import uk_local
from simulator.fhir.resource import Json
from simulator.store.audit import Sought
from simulator.store.database import Store, Transaction

MOST_SHOWN = 1_000


def list_transactions(transaction: Transaction, trace_id: str | None, limit: int) -> list[Json]:
    """Return the last transactions, `limit` at most, oldest first; those of one trace id where it is given.

    `refusal` is the proxy's own, empty where the provider answered. Sizes are of bodies, in bytes.
    """
    rows = transaction.audit.find(Sought(surface=Surface.PROXY, trace_id=trace_id), limit)
    return [
        {
            "sequence": row.sequence,
            "at": uk_local(row.event.at),
            "trace_id": row.event.trace_id,
            "from": row.event.sender_asid,
            "to": row.event.receiver_asid,
            "practice": row.event.ods_code,
            "interaction": row.event.interaction,
            "request": row.event.record,
            "status": row.event.status,
            "refusal": row.event.code,
            "request_bytes": row.event.request_bytes,
            "response_bytes": row.event.response_bytes,
            "microseconds": row.event.microseconds,
        }
        for row in rows
    ]


async def transactions(request: Request) -> JSONResponse:
    """Answer `/control/transactions`; `?trace_id=` and `?limit=` (100 if not given) narrow it down."""
    limit = request.query_params.get("limit", "100")
    if re.fullmatch("[0-9]{1,4}", limit) is None or not 1 <= int(limit) <= MOST_SHOWN:
        return JSONResponse({"error": f"limit: expected 1 to {MOST_SHOWN}"}, 400)
    store: Store = request.app.state.store
    request.app.state.audit.flush()
    with store.reading() as transaction:
        found = list_transactions(transaction, request.query_params.get("trace_id"), int(limit))
    return JSONResponse(found)
