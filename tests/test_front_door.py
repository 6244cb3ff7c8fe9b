"""Which application a request is handed to, by how its path begins."""

import asyncio
from urllib.parse import unquote

import pytest
from starlette.testclient import TestClient
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocketDisconnect

from simulator.front_door import FrontDoor
from tests.practice_client import BY_NAME, PracticeClient, assert_operation_outcome

PROXY, PRACTICE, OTHERS = "the proxy", "a practice", "others"
ROOT = "/A1/STU3/1/gpconnect"


def handed_to(path: str, kind: str = "http") -> tuple[str, Scope]:
    """Return who gets a request for a path as it is on the wire, and the scope that they get."""
    got: list[tuple[str, Scope]] = []

    def named(name: str) -> ASGIApp:
        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            got.append((name, scope))

        return app

    async def receive() -> dict[str, str]:
        raise AssertionError("the door reads nothing")

    async def send(message: object) -> None:
        raise AssertionError("the door says nothing")

    scope = {"type": kind} if kind == "lifespan" else {"type": kind, "path": unquote(path)}
    asyncio.run(FrontDoor(named(OTHERS), named(PROXY), named(PRACTICE))(scope, receive, send))
    ((name, scope_got),) = got
    assert scope_got is scope
    return name, scope


@pytest.mark.parametrize(
    "path",
    [
        "/http://gp.test/A1/STU3/1/gpconnect/metadata",
        "/https://gp.test/A1/STU3/1/gpconnect/metadata",
        "/HTTPS://gp.test/",
        "/https%3A%2F%2Fgp.test%2FA1%2FSTU3%2F1%2Fgpconnect%2Fmetadata",
        "/https%3a//gp.test/A1",
        "/https:/gp.test/A1/STU3/1/gpconnect/metadata",
        "//https://gp.test/A1",
        "/http:/",
        "/https:/STU3/1/gpconnect",
        "/http:/STU3/1/gpconnect/Slot",
        "/https://gp.test/%0A",
    ],
)
def test_a_path_that_is_a_url_is_the_proxy_s(path: str) -> None:
    name, scope = handed_to(path)
    assert name == PROXY
    assert "path_params" not in scope


@pytest.mark.parametrize(
    ("path", "ods_code", "below"),
    [
        (ROOT, "A1", ""),
        (f"{ROOT}/", "A1", ""),
        (f"{ROOT}//", "A1", "/"),
        (f"{ROOT}/metadata", "A1", "metadata"),
        (f"{ROOT}/metadata/", "A1", "metadata/"),
        (f"{ROOT}/Patient/7/Appointment", "A1", "Patient/7/Appointment"),
        (f"{ROOT}/Patient//Appointment", "A1", "Patient//Appointment"),
        (f"{ROOT}{ROOT}", "A1", ROOT[1:]),
        (f"{ROOT}/Patient%0Aforged", "A1", "Patient\nforged"),
        (f"{ROOT}/https://gp.test", "A1", "https://gp.test"),
        ("/%0A/STU3/1/gpconnect/Slot", "\n", "Slot"),
        ("/https/STU3/1/gpconnect", "https", ""),
        ("/control/STU3/1/gpconnect/health", "control", "health"),
        ("/STU3/STU3/1/gpconnect", "STU3", ""),
    ],
)
def test_what_is_below_a_service_root_is_the_practice_s(path: str, ods_code: str, below: str) -> None:
    name, scope = handed_to(path)
    assert name == PRACTICE
    assert scope["path_params"] == {"ods_code": ods_code, "path": below}


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "//STU3/1/gpconnect/metadata",
        "/A1/STU3/1",
        "/A1/STU3/1/",
        "/A1/STU3/1/gpconnectx",
        "/A1/STU3/1/GPConnect/metadata",
        "/A1/STU3/2/gpconnect/metadata",
        "/A1/stu3/1/gpconnect",
        "/A1//STU3/1/gpconnect",
        "/x/A1/STU3/1/gpconnect",
        "/STU3/Organization/A1",
        "/control/practices",
        "/spine-directory/FHIR/R4/Device",
        "/personal-demographics/FHIR/R4/Patient",
        "/https",
        "/httpsx://gp.test",
        "/ftp://gp.test",
        "/x/https://gp.test",
        "",
    ],
)
def test_everything_else_goes_to_the_others(path: str) -> None:
    name, scope = handed_to(path)
    assert name == OTHERS
    assert "path_params" not in scope


@pytest.mark.parametrize("kind", ["websocket", "lifespan"])
@pytest.mark.parametrize("path", [ROOT, "/https://gp.test/"])
def test_what_is_no_request_goes_to_the_others(kind: str, path: str) -> None:
    assert handed_to(path, kind)[0] == OTHERS


@pytest.mark.parametrize("slash", ["", "/"])
def test_a_service_root_leads_nowhere_with_and_without_a_slash(visitor: PracticeClient, slash: str) -> None:
    response = visitor.send("read_metadata", path=slash)
    assert_operation_outcome(response, 404, "NO_RECORD_FOUND", "path '/'")


def test_a_service_root_without_an_ods_code_is_nobody_s(visitor: PracticeClient) -> None:
    headers = visitor.headers(BY_NAME["read_metadata"])
    response = visitor.http.get("//STU3/1/gpconnect/metadata", headers=headers)
    assert_operation_outcome(response, 404, "NO_RECORD_FOUND")


def test_a_websocket_is_turned_away(shared_http: TestClient) -> None:
    if not isinstance(shared_http, TestClient):
        pytest.skip("needs an application in process")
    with pytest.raises(WebSocketDisconnect), shared_http.websocket_connect(f"{ROOT}/metadata"):
        raise AssertionError("it was let in")
