"""Which URL a request to the proxy is meant for, however it comes."""

from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.spine.proxy_target import PROXY_PATH, Target, read_target

URL = "https://provider.example.nhs.uk:8443/Z90001/STU3/1/gpconnect"
PATIENT = f"{URL}/Patient/12"

PATHS = st.lists(st.text("abcXYZ019-._~$%", min_size=1, max_size=6), max_size=5)


@pytest.mark.parametrize(
    "path",
    [
        f"/{PATIENT}",
        f"//{PATIENT}",
        "/" + quote(PATIENT, safe=""),
        "/" + quote(URL, safe="") + "/Patient/12",
        "/" + quote("https://", safe="") + PATIENT.removeprefix("https://"),
        "/https%3A//" + PATIENT.removeprefix("https://"),
        "/https:/" + PATIENT.removeprefix("https://"),
        "/https:///" + PATIENT.removeprefix("https://"),
        "/https%3A%2F" + PATIENT.removeprefix("https://"),
    ],
    ids=["raw", "twice slashed", "encoded", "root encoded", "scheme encoded", "colon encoded",
         "collapsed", "more slashes", "collapsed and encoded"],
)  # fmt: skip
def test_a_url_comes_raw_or_encoded_or_with_its_slashes_collapsed(path: str) -> None:
    assert read_target(path.encode(), b"") == Target(PATIENT, b"")


def test_a_query_stays_as_it_came() -> None:
    assert read_target(f"/{URL}/Slot".encode(), b"start=ge2026-03-16&x=%7C") == Target(
        f"{URL}/Slot", b"start=ge2026-03-16&x=%7C"
    )


def test_a_query_within_an_encoded_url_goes_before_one_after_it() -> None:
    path = "/" + quote(f"{URL}/Slot?start=ge2026&x=%7C", safe="")
    assert read_target(path.encode(), b"") == Target(f"{URL}/Slot", b"start=ge2026&x=%7C")
    assert read_target(path.encode(), b"y=1") == Target(f"{URL}/Slot", b"start=ge2026&x=%7C&y=1")


def test_a_query_within_an_encoded_url_holds_nothing_that_would_end_the_request_line() -> None:
    path = "/" + quote(f"{URL}/Slot?x=1 HTTP/1.1\r\nHost: evil.example\r\n\r\n", safe="")
    assert read_target(path.encode(), b"").query == b"x=1%20HTTP/1.1%0D%0AHost:%20evil.example%0D%0A%0D%0A"


def test_what_is_encoded_within_a_raw_url_stays_encoded() -> None:
    path = f"/{URL}/Patient/a%2Fb%20c%0d"
    assert read_target(path.encode(), b"").url == f"{URL}/Patient/a%2Fb%20c%0d"


@given(st.lists(PATHS), st.booleans())
def test_a_url_with_any_path_is_read_back(paths: list[list[str]], whole: bool) -> None:
    rest = "".join(f"/{quote(segment, safe='')}" for path in paths for segment in path)
    sent = quote(URL + rest, safe="") if whole else URL + rest
    assert read_target(f"/{sent}".encode(), b"").url == URL + rest


@given(st.binary(max_size=60), st.booleans())
def test_nothing_but_printable_ascii_is_left_of_any_path(path: bytes, encoded: bool) -> None:
    sent = b"/https%3A%2F%2Fa%2F" + quote(path, safe="").encode() if encoded else b"/https://a/" + path
    target = read_target(sent, b"")
    for text in (target.url, target.query.decode("latin-1")):
        assert text.isascii() and text.isprintable() and " " not in text


@pytest.mark.parametrize(
    "rest",
    ["", "/", "/Patient/12", "/.hidden", "/a..b/...", "/Patient/1%2E2"],
    ids=lambda rest: rest or "root",
)
def test_a_url_is_at_an_address_or_below_it(rest: str) -> None:
    assert Target(URL + rest, b"").is_at(URL)


@pytest.mark.parametrize(
    "url",
    [
        URL.upper(),
        URL[:-1],
        f"{URL}s",
        f"{URL}%2FPatient",
        f"{URL}@evil.example/",
        URL.replace(":8443", ""),
        URL.replace("provider.", "provider.evil."),
        URL.replace("https", "http"),
        f"{URL}/..",
        f"{URL}/../Z90002",
        f"{URL}/./Patient",
        f"{URL}/%2e%2E/Z90002",
        f"{URL}/.%2e/Z90002",
        f"{URL}/Patient/..",
        f"{URL}/..%5c",
        f"{URL}/a%2F..%2fb",
        f"{URL}/%2f%2e%2e",
        f"{URL}/..;/b",
        f"{URL}/.%2E%3bx/b",
        f"{URL}/a\\b",
    ],
)
def test_a_url_that_only_looks_like_an_address_is_not_there(url: str) -> None:
    assert not Target(url, b"").is_at(URL)


@pytest.mark.parametrize("path", ["/https://a/b", "/http:/a", "//HTTPS://a", "/https://a/\nb"])
def test_the_paths_of_the_proxy_begin_with_a_scheme(path: str) -> None:
    assert PROXY_PATH.fullmatch(path)


@pytest.mark.parametrize(
    "path", ["/", "/Z90001/STU3/1/gpconnect/https://a", "/ftp://a", "/https/a", "/control/x"]
)
def test_no_other_path_is_the_proxys(path: str) -> None:
    assert not PROXY_PATH.fullmatch(path)
