"""What is known of a token is what there is to read in it, whatever it is made of and however it changes."""

import base64
import json
import string
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.domain.refusals import BadRequest
from simulator.server import dispatch, known_tokens
from simulator.server.audit_token import USUAL_HEADER, read_claims
from simulator.server.claims import RESOURCE_CLAIMS
from simulator.server.known_tokens import LONGEST_KEPT, KnownTokens
from tests.practice_client import Json, PracticeClient, assert_operation_outcome, encode_token

IAT = 1_773_646_200
LIKE_TIMES = (
    '"exp": 1773646500,',
    '","exp":1773646500,"',
    'exp\\":1773646500',
    '"iat":1773646200}',
    "é\u2028\U0001f600",
)
NESTED = (
    {"exp": IAT + 300},
    {"iat": IAT, "exp": 9_999_999_999},
    [{"exp": IAT + 300}, {"iat": 9_999_999_699}],
    'a"exp',
)
ODD_TIMES = (
    0,
    -1,
    999_999_999,
    10**10,
    9_999_999_999,
    1_773_646_200.5,
    1e9,
    True,
    None,
    "1773646500",
    [IAT],
    {"exp": IAT},
)

DEVICE = {"resourceType": "Device", "model": "Test consumer", "version": "1.0"}
USUAL: Json = {
    "iss": "https://consumer.example.nhs.uk/", "sub": "user-1", "iat": IAT, "exp": IAT + 300,
    "requested_scope": "patient/*.read", "requesting_device": DEVICE,
}  # fmt: skip

SPACE = st.sampled_from(["", " ", "  ", "\t", "\r\n", " " * 61])
TIME = st.integers(10**9, 10**10 - 1) | st.sampled_from([IAT, IAT + 300, 9_999_999_999, 9_999_999_699])
EXTRA = st.sampled_from([*LIKE_TIMES, *NESTED])


def token_of(payload: str) -> str:
    return f"{USUAL_HEADER}.{base64.urlsafe_b64encode(payload.encode()).rstrip(b'=').decode()}."


@st.composite
def written(draw: st.DrawFn) -> tuple[list[str], list[str], Json]:
    """Return claims, the order of their names, and the white space around what stands between them."""
    claims = USUAL | {"aud": draw(EXTRA), "requesting_organization": draw(EXTRA), "jti": draw(EXTRA)}
    claims |= {"iat": draw(TIME), "exp": draw(TIME)}
    spaces = draw(st.lists(SPACE, min_size=5, max_size=5))
    return draw(st.permutations(list(claims))), spaces, claims


def payload_of(order: list[str], spaces: list[str], claims: Json) -> str:
    before, after, colon, comma, end = spaces
    parts = [f"{json.dumps(name)}{colon}:{comma}{json.dumps(claims[name])}{after}" for name in order]
    return "{" + before + f",{before}".join(parts) + "}" + end


def plain_texts(claims: Json) -> Json:
    """Return the claims that are no resources: of these a token that is known keeps the bytes alone."""
    return {name: value for name, value in claims.items() if name not in RESOURCE_CLAIMS}


def agree(known: KnownTokens, token: str) -> bool:
    """Tell whether a token is known; if it is, what is known must be all that reading it finds."""
    found = known.read(token)
    if found is None:
        return False
    plain = read_claims(token)
    assert orjson.dumps(found.values) == orjson.dumps(plain_texts(plain.values))
    assert found.resources == plain.resources
    return True


def learnt(*tokens: str) -> KnownTokens:
    known = KnownTokens()
    for token in tokens:
        known.learn(token, read_claims(token))
    return known


@given(written(), TIME | st.sampled_from(ODD_TIMES), TIME | st.sampled_from(ODD_TIMES))
def test_whatever_a_token_is_made_of_what_is_known_is_what_it_says(
    made: tuple[list[str], list[str], Json], iat: Any, exp: Any
) -> None:
    order, spaces, claims = made
    known = learnt(token_of(payload_of(order, spaces, claims)))
    agree(known, token_of(payload_of(order, spaces, claims)))
    agree(known, token_of(payload_of(order, spaces, claims | {"iat": iat, "exp": exp})))


@given(written(), st.sampled_from(["aud", "requesting_organization", "jti"]), TIME)
def test_a_time_within_another_claim_is_not_taken_for_the_token_s(
    made: tuple[list[str], list[str], Json], name: str, other: int
) -> None:
    order, spaces, claims = made
    known = learnt(token_of(payload_of(order, spaces, claims)))
    for time in (IAT + 300, 9_999_999_999, IAT):
        nested = json.dumps(claims[name]).replace(str(time), str(other))
        agree(known, token_of(payload_of(order, spaces, claims | {name: json.loads(nested)})))


@pytest.mark.parametrize("time", [IAT + 300, 9_999_999_998, 9_999_999_999, 10**9])
def test_a_time_within_another_claim_that_is_the_token_s_own_is_not_taken_for_it(time: int) -> None:
    def nesting(within: int) -> str:
        return encode_token({"jti": "x" * 40, "aud": {"exp": within}} | USUAL | {"exp": time})

    known = learnt(nesting(time))
    assert not agree(known, nesting(time ^ 2))
    assert not agree(known, nesting(time - 2**20))


@given(written(), st.data())
def test_whatever_is_changed_in_the_payload_is_seen(
    made: tuple[list[str], list[str], Json], data: st.DataObject
) -> None:
    payload = payload_of(*made)
    known = learnt(token_of(payload))
    place = data.draw(st.integers(0, len(payload) - 1))
    other = data.draw(st.sampled_from('0123456789" ,:{}\\aé'))
    changed = payload[:place] + other + payload[place + 1 :]
    agree(known, token_of(changed))


@pytest.mark.parametrize("padding", ["", " ", "  "])
def test_whichever_character_is_changed_reading_decides(padding: str) -> None:
    token = token_of(json.dumps(USUAL) + padding)
    for text in (token, token[:-1] + "=" * (-len(token.split(".")[1]) % 4) + "."):
        known = learnt(text)
        assert agree(known, text)
        digits = 0
        for place in range(len(text)):
            for other in string.ascii_letters + string.digits + "-_=+/. é":
                digits += agree(known, text[:place] + other + text[place + 1 :])
        assert digits > 100


def test_what_is_known_of_one_layout_is_not_found_in_another() -> None:
    """The times of one token, put where another of the same length has them, make no token at all."""
    times = f'{IAT},"exp":{IAT + 300}'
    head, tail = '{"iss":"' + "a" * 50 + '","iat":', ',"aud":"' + "b" * 59 + '"}'
    moved = '{"iss":"' + "a" * 50 + '","aud":"' + "b" * 36 + '","iat":'
    assert len(times) % 3 == len(head) % 3 == len(moved) % 3 == 0
    rest = "}" + " " * (len(head + tail) - len(moved) - 1)
    one, other = token_of(head + times + tail), token_of(moved + times + rest)
    assert len(one) == len(other)
    known = learnt(one, other)
    assert agree(known, other)
    around = head + tail
    assert not agree(known, token_of(around[: len(moved)] + times + around[len(moved) :]))


@pytest.mark.parametrize("order", [list(USUAL), sorted(USUAL), ["iss", "exp", "sub", *sorted(USUAL)[2:]]])
def test_the_next_token_of_a_desk_is_known(order: list[str]) -> None:
    claims = {name: USUAL[name] for name in order} | USUAL
    known = learnt(encode_token({"nonce": "n" * 20} | claims))
    later = {"nonce": "n" * 20} | claims | {"iat": IAT + 7, "exp": IAT + 307}
    found = known.read(encode_token(later))
    assert found is not None
    assert found.values == plain_texts(later)
    assert found.resources == read_claims(encode_token(later)).resources


def kept(known: KnownTokens) -> int:
    """Return how much is kept of tokens altogether."""
    return sum(len(each) for each in vars(known).values())


def test_of_tokens_without_number_no_more_than_so_many_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(known_tokens, "MOST_KEPT", 3)
    known, most = KnownTokens(), 0
    for desk in range(20):
        token = encode_token(USUAL | {"sub": f"user-{desk}", "jti": "x" * desk})
        known.learn(token, read_claims(token))
        assert agree(known, token)
        most = max(most, kept(known))
    assert most <= 2 * 3


def test_tokens_that_begin_with_their_times_leave_nothing_behind() -> None:
    known = KnownTokens()
    for issued in range(IAT, IAT + 20):
        token = encode_token(
            {"iat": issued, "exp": issued + 300} | USUAL | {"iat": issued, "exp": issued + 300}
        )
        known.learn(token, read_claims(token))
        assert not agree(known, token)
    assert kept(known) == 0


def test_of_a_token_of_great_length_nothing_is_kept() -> None:
    shortest = len(encode_token(USUAL | {"jti": ""}))
    for length in (LONGEST_KEPT, LONGEST_KEPT + 1, LONGEST_KEPT + 2):
        token = encode_token(USUAL | {"jti": "x" * ((length - shortest) * 3 // 4)})
        assert agree(learnt(token), token) is (len(token) <= LONGEST_KEPT)


@pytest.fixture
def known_desk(consumer: PracticeClient, monkeypatch: pytest.MonkeyPatch) -> Json:
    """Return claims of a desk that has been here: nothing but another token of its own is read any more."""
    claims = consumer.claims("organization/*.read")
    claims |= {"iat": claims["iat"] + 20, "exp": claims["exp"] + 20}
    assert consumer.send("read_metadata", claims=claims).status_code == 200
    monkeypatch.setattr(dispatch, "read_claims", is_read)
    return claims


def is_read(token: str) -> None:
    raise BadRequest("it is read")


@pytest.mark.parametrize("later", [-300, -1, 0, 1, 60])
def test_another_token_of_a_known_desk_is_accepted_unread(
    consumer: PracticeClient, known_desk: Json, later: int
) -> None:
    times = {"iat": known_desk["iat"] + later, "exp": known_desk["exp"] + later}
    assert consumer.send("read_metadata", claims=known_desk | times).status_code == 200


@pytest.mark.parametrize("age", [320, 321, 100_000])
def test_an_expired_token_of_a_known_desk_is_refused_as_ever(
    consumer: PracticeClient, known_desk: Json, age: int
) -> None:
    times = {"iat": known_desk["iat"] - age, "exp": known_desk["exp"] - age}
    response = consumer.send("read_metadata", claims=known_desk | times)
    assert_operation_outcome(
        response, 400, "BAD_REQUEST", f"claim exp: the token expired {age - 320} seconds ago"
    )


def test_a_token_of_a_known_desk_that_lives_too_long_is_refused_as_ever(
    consumer: PracticeClient, known_desk: Json
) -> None:
    response = consumer.send("read_metadata", claims=known_desk | {"exp": known_desk["exp"] + 1})
    assert_operation_outcome(response, 400, "BAD_REQUEST", "claim exp", "iat + 300")


def test_a_known_desk_that_asks_for_another_scope_is_refused_as_ever(
    consumer: PracticeClient, known_desk: Json
) -> None:
    response = consumer.send("find_patient", query="identifier=x", claims=known_desk)
    assert_operation_outcome(response, 400, "BAD_REQUEST", "claim requested_scope", "patient/*.read")


@pytest.mark.parametrize("claim", sorted({*USUAL, "aud", "reason_for_request"} - {"iat", "exp"}))
def test_a_claim_of_a_known_desk_that_changed_is_read(
    consumer: PracticeClient, known_desk: Json, claim: str
) -> None:
    text = json.dumps(known_desk[claim])
    changed = (
        json.loads(text[:-3] + ("y" if text[-3] == "x" else "x") + text[-2:]) if len(text) > 9 else "user-2"
    )
    response = consumer.send("read_metadata", claims=known_desk | {claim: changed})
    assert_operation_outcome(response, 400, "BAD_REQUEST", "it is read")
