"""The Spine Secure Proxy in front of a provider outside, over HTTP."""

import socket
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import quote

import httpx2
import pytest
from starlette.testclient import TestClient

from simulator.application import create_app
from simulator.domain.clock import Clock
from simulator.settings import Settings
from simulator.spine import provider_connections
from simulator.store.database import Store
from tests.conftest import a_consumer
from tests.practice_client import BY_NAME, PracticeClient
from tests.spine.outside_provider import OK, OutsideProvider, Say, closing, never, outside_provider
from tests.spine.through_proxy import ThroughProxy, assert_refused_by_proxy, through_proxy

ROOT = "/A99999/STU3/1/gpconnect"
ASID = "200000777777"


def registered(consumer: PracticeClient, url: str) -> ThroughProxy:
    """Register a provider outside and return a consumer that calls it through the proxy."""
    address = f"{url}{ROOT}"
    wanted = {"ods_code": "A99999", "party_key": "A99999-0000001", "address": address}
    assert consumer.http.put(f"/control/directory/systems/{ASID}", json=wanted).status_code == 200
    return through_proxy(consumer, ods_code="A99999", asid=ASID, service_root=address)


def ask(
    consumer: PracticeClient, *says: Say, name: str = "read_metadata", **send: object
) -> tuple[httpx2.Response, OutsideProvider]:
    """Ask a provider that answers what is said, once; return its answer, and the provider."""
    with outside_provider(*says) as provider:
        response = registered(consumer, provider.url).send(name, **send)  # type: ignore[arg-type]
    return response, provider


def test_an_answer_comes_through_as_it_is(consumer: PracticeClient) -> None:
    answer = b'HTTP/1.1 201 Made\r\nContent-Length: 5\r\nETag: W/"1"\r\nX-Odd: a\r\nX-Odd: b\r\n\r\nhello'
    response, _ = ask(consumer, answer)
    assert response.status_code == 201
    assert response.content == b"hello"
    assert response.headers.multi_items() == [
        ("content-length", "5"), ("etag", 'W/"1"'), ("x-odd", "a"), ("x-odd", "b"),
    ]  # fmt: skip


def test_the_provider_is_asked_for_what_comes_after_the_proxy(consumer: PracticeClient) -> None:
    _, provider = ask(consumer, path="/Slot", query="start=ge2026-03-16%2B01:00&x=%7C|")
    assert provider.head()[0] == f"GET {ROOT}/Slot?start=ge2026-03-16%2B01:00&x=%7C| HTTP/1.1"


def test_what_is_encoded_cannot_add_to_what_the_provider_is_asked(consumer: PracticeClient) -> None:
    with outside_provider() as provider:
        proxied = registered(consumer, provider.url)
        url = quote(f"{proxied.practice['service_root']}/Slot?x=1 HTTP/1.1\r\nX-Odd: y", safe="")
        proxied.http.get(f"/{url}", headers=proxied.headers(BY_NAME["search_for_free_slots"]))
    assert provider.head()[0] == f"GET {ROOT}/Slot?x=1%20HTTP/1.1%0D%0AX-Odd:%20y HTTP/1.1"
    assert "x-odd" not in provider.headers()


def test_the_provider_gets_its_own_host_and_learns_of_the_proxy(consumer: PracticeClient) -> None:
    _, provider = ask(consumer, headers={"Forwarded": 'for="portal"'})
    headers = provider.headers()
    assert headers["host"] == provider.url.removeprefix("http://")
    assert headers["forwarded"] == 'for="portal", for="testclient";host="testserver";proto=http'
    assert headers["ssp-to"] == ASID
    assert headers["authorization"].startswith("Bearer ")


def test_headers_of_one_connection_stay_on_it(consumer: PracticeClient) -> None:
    sent: dict[str, str | None] = {
        "Connection": "keep-alive, X-Mine", "X-Mine": "1", "Keep-Alive": "timeout=5", "TE": "trailers",
        "Upgrade": "h2c", "Proxy-Authorization": "Basic eA==", "Expect": "100-continue", "X-Ours": "2",
    }  # fmt: skip
    answer = OK.replace(
        b"\r\n\r\n",
        b"\r\nConnection: X-Its, close\r\nX-Its: 1\r\nKeep-Alive: timeout=9\r\nDate: then"
        b"\r\nStrict-Transport-Security: max-age=9\r\n\r\n",
    )
    response, provider = ask(consumer, answer, headers=sent)
    gone = {"connection", "x-mine", "keep-alive", "te", "upgrade", "proxy-authorization", "expect"}
    assert not gone & provider.headers().keys()
    assert provider.headers()["x-ours"] == "2"
    assert response.headers.keys() == {"content-type", "content-length"}


def test_a_body_comes_through_as_it_was_framed(consumer: PracticeClient) -> None:
    with outside_provider() as provider:
        proxied = registered(consumer, provider.url)
        proxied.send("book_appointment", body=b'{"x": 1}')
        assert provider.body() == b'{"x": 1}'
        assert provider.headers()["content-length"] == "8"

        def parts() -> Iterator[bytes]:
            yield from (b"one", b"", b"two")

        headers = proxied.headers(BY_NAME["book_appointment"])
        proxied.http.post(
            f"/{proxied.practice['service_root']}/Appointment", content=parts(), headers=headers
        )
        assert provider.headers()["transfer-encoding"] == "chunked"
        assert "content-length" not in provider.headers()
        assert b"".join(provider.body().split(b"\r\n")[1::2]) == b"onetwo"
        proxied.send("read_metadata", method="DELETE", headers={"Content-Length": None})
        assert provider.headers()["content-length"] == "0"


def test_nothing_that_is_sent_along_leaves_a_body_without_its_length(consumer: PracticeClient) -> None:
    """What follows a head without one would be taken for another request."""
    headers: dict[str, str | None] = {"Connection": "Content-Length, close"}
    _, provider = ask(consumer, name="book_appointment", body=b"GET / HTTP/1.1\r\n\r\n", headers=headers)
    assert provider.headers()["content-length"] == "18"
    assert len(provider.asked) == 1


def test_a_body_is_sent_on_in_whatever_it_was_wrapped(consumer: PracticeClient) -> None:
    with outside_provider() as provider:
        proxied = registered(consumer, provider.url)
        headers = proxied.headers(BY_NAME["book_appointment"]) | {"Transfer-Encoding": "gzip, chunked"}
        proxied.http.post(f"{proxied.root}/Appointment", content=iter([b"zipped"]), headers=headers)
    assert provider.headers()["transfer-encoding"] == "gzip, chunked"
    assert provider.body() == b"6\r\nzipped\r\n0\r\n\r\n"


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2;x=y\r\nlo\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhello",
        b"HTTP/1.0 200 OK\r\n\r\nhello",
        b"HTTP/1.1 100 Continue\r\nX-Not: this\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
    ],
    ids=["chunked", "to the end", "old", "after 100"],
)
def test_every_way_to_end_a_body_is_understood(consumer: PracticeClient, answer: bytes) -> None:
    def say(connection: socket.socket) -> None:
        for byte in answer:
            connection.sendall(bytes([byte]))

    response, _ = ask(consumer, say)
    assert (response.status_code, response.content) == (200, b"hello")
    assert "transfer-encoding" not in response.headers
    assert "x-not" not in response.headers


def test_a_large_answer_comes_through_whole(consumer: PracticeClient) -> None:
    body = bytes(range(256)) * 8000
    response, _ = ask(consumer, b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))
    assert response.content == body


def test_a_redirect_is_an_answer_and_is_not_followed(consumer: PracticeClient) -> None:
    with outside_provider() as other:
        moved = f"HTTP/1.1 302 Found\r\nLocation: {other.url}/x\r\nContent-Length: 0\r\n\r\n".encode()
        with outside_provider(moved) as provider:
            proxied = registered(consumer, provider.url)
            headers = proxied.headers(BY_NAME["read_metadata"])
            response = proxied.http.get(f"{proxied.root}/metadata", headers=headers, follow_redirects=False)
        assert (response.status_code, other.connections) == (302, 0)
        assert response.headers["location"] == f"{other.url}/x"


def test_a_connection_serves_one_request_after_another(consumer: PracticeClient) -> None:
    with outside_provider() as provider:
        proxied = registered(consumer, provider.url)
        assert [proxied.send("read_metadata").status_code for _ in range(4)] == [200] * 4
        assert (len(provider.asked), provider.connections) == (4, 1)


@pytest.mark.parametrize(
    "answer",
    [
        OK.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"),
        OK + b"what nobody asked for",
        OK + OK.replace(b"200", b"500").replace(b"{}", b"!!"),
        b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\n{}",
    ],
    ids=["said so", "said too much", "said another thing too", "old"],
)
def test_a_connection_that_may_not_serve_again_is_closed(consumer: PracticeClient, answer: bytes) -> None:
    with outside_provider(answer) as provider:
        proxied = registered(consumer, provider.url)
        answers = [proxied.send("read_metadata") for _ in range(2)]
        assert [(each.status_code, each.content) for each in answers] == [(200, b"{}")] * 2
        assert provider.connections == 2


def test_a_connection_that_has_waited_too_long_is_not_used_again(
    consumer: PracticeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    with outside_provider() as provider:
        proxied = registered(consumer, provider.url)
        proxied.send("read_metadata")
        monkeypatch.setattr(provider_connections, "IDLE_SECONDS", 0)
        proxied.send("read_metadata")
        assert provider.connections == 2


def test_no_more_connections_are_kept_than_are_worth_it(
    consumer: PracticeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(provider_connections, "MOST_IDLE", 0)
    with outside_provider() as provider:
        proxied = registered(consumer, provider.url)
        proxied.send("read_metadata")
        proxied.send("read_metadata")
        assert provider.connections == 2


def answer_then_close_at_the_next(connection: socket.socket) -> None:
    connection.sendall(OK)
    connection.recv(65_536)


def test_a_query_is_sent_anew_where_its_connection_was_just_closed(consumer: PracticeClient) -> None:
    with outside_provider(answer_then_close_at_the_next, OK) as provider:
        proxied = registered(consumer, provider.url)
        assert [proxied.send("read_metadata").status_code for _ in range(2)] == [200, 200]
        assert provider.connections == 2


def test_a_command_is_never_sent_twice(consumer: PracticeClient) -> None:
    with outside_provider(answer_then_close_at_the_next, OK) as provider:
        proxied = registered(consumer, provider.url)
        assert proxied.send("read_metadata").status_code == 200
        assert proxied.send("book_appointment", body=b"{}").status_code == 502
        assert provider.connections == 1


def free_address() -> str:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{closed.getsockname()[1]}"


@pytest.mark.parametrize(
    "url", [free_address(), "http://nowhere.invalid"], ids=["nobody listens", "no such host"]
)
def test_a_provider_that_cannot_be_reached_gives_502(consumer: PracticeClient, url: str) -> None:
    response = registered(consumer, url).send("read_metadata", query="identifier=secret")
    text = f"ERROR_COMMUNICATING_TO_ENDPOINT_URL_{url}{ROOT}/metadata"
    assert_refused_by_proxy(response, 502, "transient", text)


@pytest.mark.parametrize(
    "say",
    [
        closing,
        b"SSH-2.0-OpenSSH_9.6\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X-Long: " + b"x" * 70_000,
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: upgrade\r\n\r\n",
    ],
    ids=["closes", "speaks no HTTP", "never ends its head", "wants to upgrade"],
)
def test_a_provider_that_breaks_off_gives_502(consumer: PracticeClient, say: Say) -> None:
    response, _ = ask(consumer, say)
    assert response.status_code == 502
    assert "ERROR_COMMUNICATING_TO_ENDPOINT_URL_" in response.text


def test_a_provider_that_is_silent_gives_599(database: object, store: Store, clock: Clock) -> None:
    app = create_app(replace(Settings(), provider_timeout=0), store, clock)
    with TestClient(app, raise_server_exceptions=False) as http, outside_provider(never) as provider:
        proxied = registered(a_consumer(http, clock, 0), provider.url)
        text = f"ERROR_COMMUNICATING_TO_ENDPOINT_URL_{provider.url}{ROOT}/metadata"
        assert_refused_by_proxy(proxied.send("read_metadata"), 599, "transient", text)


def test_a_provider_that_takes_too_long_to_be_reached_gives_502(
    consumer: PracticeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(provider_connections, "CONNECT_SECONDS", 0)
    response, _ = ask(consumer)
    assert response.status_code == 502


def test_an_answer_that_ends_before_its_end_ends_there_for_the_consumer_too(consumer: PracticeClient) -> None:
    def say(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhello")

    response, _ = ask(consumer, say)
    assert (response.status_code, response.content) == (200, b"hello")
    (transaction,) = consumer.http.get("/control/transactions").json()
    assert transaction["refusal"].startswith("ERROR_COMMUNICATING_TO_ENDPOINT_URL_")
