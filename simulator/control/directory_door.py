"""The directory over HTTP: what `gpsim directory` does, for scripts.

`GET /control/directory`, `PUT` and `DELETE /control/directory/systems/{asid}`, the same below it of
`/interactions/{id}`, and of `/control/directory/agreements/{consumer}/{provider}`. Errors are
`{"error": ...}` with 400 or 404.
"""

from collections.abc import Callable
from dataclasses import fields
from functools import partial
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from simulator.control.directory import (
    Operator,
    Registration,
    accredit,
    list_directory,
    register,
    remove,
    share,
)
from simulator.domain.clock import Clock
from simulator.domain.refusals import InvalidParameter, NoRecordFound, Refusal, shown
from simulator.settings import Settings
from simulator.store.database import Store, Transaction

Change = Callable[[Transaction, Operator], None]

KINDS: dict[str, type] = {"here": bool, "share": bool, "interactions": list}
"""The JSON type of what a registration may have, where it is not a text."""


def directory_routes() -> list[Route]:
    """Return the routes."""
    base = "/control/directory"
    return [
        Route(base, show_directory, methods=["GET"]),
        Route(f"{base}/systems/{{asid}}", change_system, methods=["PUT", "DELETE"]),
        Route(
            f"{base}/systems/{{asid}}/interactions/{{interaction}}",
            change_interaction,
            methods=["PUT", "DELETE"],
        ),
        Route(f"{base}/agreements/{{consumer}}/{{provider}}", change_agreement, methods=["PUT", "DELETE"]),
    ]


async def show_directory(request: Request) -> JSONResponse:
    """Answer with the directory; `?ods_code=` with one organisation's part of it."""
    store: Store = request.app.state.store
    with store.reading() as transaction:
        return JSONResponse(
            list_directory(transaction, _published(request), request.query_params.get("ods_code"))
        )


async def change_system(request: Request) -> JSONResponse:
    """Register a system as the JSON body has it, or remove it."""
    asid = request.path_params["asid"]
    if request.method == "DELETE":
        return _changed(request, partial(_remove, asid))
    body = await request.body()

    def change(transaction: Transaction, by: Operator) -> None:
        register(transaction, _registration(asid, body), by)

    return _changed(request, change)


def _remove(asid: str, transaction: Transaction, by: Operator) -> None:
    remove(transaction, asid, by)


async def change_interaction(request: Request) -> JSONResponse:
    """Give a system an interaction, or take it away."""
    asid, interaction = request.path_params["asid"], request.path_params["interaction"]
    may = request.method == "PUT"
    return _changed(request, lambda transaction, by: accredit(transaction, asid, interaction, may, by))


async def change_agreement(request: Request) -> JSONResponse:
    """Make an agreement, or end it."""
    consumer, provider = request.path_params["consumer"], request.path_params["provider"]
    may = request.method == "PUT"
    return _changed(request, lambda transaction, by: share(transaction, consumer, provider, may, by))


def _changed(request: Request, change: Change) -> JSONResponse:
    """Make a change and answer with what the directory has now of whom the path names; or refuse."""
    store: Store = request.app.state.store
    clock: Clock = request.app.state.clock
    try:
        with store.writing() as transaction:
            change(transaction, Operator(clock.real()))
    except Refusal as refusal:
        status = 404 if isinstance(refusal, NoRecordFound) else 400
        return JSONResponse({"error": refusal.diagnostics}, status)
    with store.reading() as transaction:
        code = request.path_params.get("provider")
        if code is None:
            system = transaction.directory.system(request.path_params["asid"])
            code = system.ods_code if system else ""
        return JSONResponse(list_directory(transaction, _published(request), code))


def _published(request: Request) -> str:
    settings: Settings = request.app.state.settings
    return settings.public_url.rstrip("/") or str(request.base_url).rstrip("/")


def _registration(asid: str, body: bytes) -> Registration:
    """Return the registration in a JSON body. Raises InvalidParameter."""
    try:
        given: Any = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise InvalidParameter(f"body: is not JSON: {error}") from None
    known = [each.name for each in fields(Registration) if each.name != "asid"]
    if not isinstance(given, dict) or given.keys() - set(known):
        raise InvalidParameter(f"body: {shown(given)} was sent; expected an object of {', '.join(known)}")
    for name, value in given.items():
        kind = KINDS.get(name, str)
        of_texts = kind is not list or (
            isinstance(value, list) and all(isinstance(each, str) for each in value)
        )
        if not isinstance(value, kind) or not of_texts:
            expected = "a list of texts" if kind is list else "true or false" if kind is bool else "a text"
            raise InvalidParameter(f"{name}: {shown(value)} was sent; expected {expected}")
    if "interactions" in given:
        given["interactions"] = tuple(given["interactions"])
    return Registration(asid, **given)
