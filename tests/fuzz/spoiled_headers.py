"""Spoiling what goes before the body: headers, token, verb, path."""

import base64
import random

from simulator.interactions.registry import INTERACTIONS
from tests.fuzz.draft import Draft
from tests.fuzz.practice_world import PracticeWorld
from tests.fuzz.spoiled_json import spoil, strange_value
from tests.fuzz.token import encoded

SPINE = ("ssp-traceid", "ssp-from", "ssp-to", "ssp-interactionid")
JUNK = (
    b"", b" ", b"\xff\xfe", "\u00e9\u00e8".encode(), "\u4e2d\u6587".encode(), b"\x00", b"x" * 9_000,
    b"null", b"200000000000", b"00000000-0000-0000-0000-00000000000g",
    b"urn:nhs:names:services:gpconnect:fhir:rest:search:slot-2",
)  # fmt: skip
MEDIA_TYPES = (
    b"application/fhir+xml", b"application/json", b"text/html", b"application/json+fhir", b"*/*",
    b"application/*;q=0.1", b"", b";", b"application/fhir+json;charset=latin-1",
    b"application/fhir+json; charset=utf-8", b"\xff", b"a" * 5_000, b"image/*, application/fhir+json;q=0",
    b"multipart/form-data; boundary=x", b"APPLICATION/FHIR+JSON",
)  # fmt: skip
IF_MATCHES = (
    b"invalidEtag", b"", b"*", b'W/"0"', b'W/"99"', b'"1"', b'W/"1", W/"2"', b"W/1", b'W/"1"x', b'w/"1"',
    b"\xff", b'W/"' + b"9" * 400 + b'"',
)  # fmt: skip
PREFERENCES = (
    b"return=minimal",
    b"return=representation",
    b"return=OperationOutcome",
    b"",
    b"\xff",
    b"return=",
    b"a;b;c",
)
ENCODINGS = (
    b"gzip", b"gzip;q=0", b"gzip;q=x", b"identity", b"*", b"br", b"", b"GZIP", b"gzip, " * 900, b"\xff;q=1",
    b"gzip;q=0.001", b"identity;q=0", b"x-gzip",
)  # fmt: skip
VERBS = ("GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "TRACE", "CONNECT", "PROPFIND")
BELOW_ROOT = (
    b"", b"/", b"//", b"/Metadata", b"/metadata/", b"/Observation", b"/Observation/1", b"/Schedule/1",
    b"/Slot/1", b"/Appointment/", b"/Appointment/0", b"/Appointment/-1", b"/Appointment/1/_history/1",
    b"/Appointment/999999", b"/Appointment/1%00", b"/Appointment/%2e%2e", b"/Appointment/%E2%82%AC",
    b"/Appointment/%FF", b"/Patient/1/Slot", b"/Patient/999999/Appointment", b"/Patient/a%2Fb/Appointment",
    b"/Patient//Appointment", b"/Patient/$everything", b"/$gpc.getstructuredrecord",
    b"/Appointment/" + b"9" * 60, b"/Appointment/" + b"a" * 4_000, b"/patient", b"/.",
    b"/../../control/practices", b"/Nonsense", b"/Appointment/1;a=b", b"/A/b/c/d/e/f", b"/Resource/1",
    b"/%C3%A9", b"/Appointment/9223372036854775808", b"/Appointment/%D9%A1", b"/Patient/+1/Appointment",
    b"/fhir_types",
)  # fmt: skip
ELSEWHERE = (
    b"/", b"/control/health", b"/control", b"/nowhere", b"/A00000/STU3/1/gpconnect/metadata",
    b"/%00/STU3/1/gpconnect", b"/Z90001/stu3/1/gpconnect/metadata", b"/Z90001/STU3/2/gpconnect/metadata",
    b"/%FF%FE", b"/a" * 500, b"//",
)  # fmt: skip


def drop_header(draft: Draft, world: PracticeWorld, chance: random.Random) -> None:
    """Leave a header out."""
    gone = chance.choice(draft.headers)
    draft.headers = [each for each in draft.headers if each is not gone]


def repeat_header(draft: Draft, world: PracticeWorld, chance: random.Random) -> None:
    """Send a header twice, alike or not."""
    name, value = chance.choice(draft.headers)
    draft.headers.append((name, chance.choice((value, *JUNK))))


def junk_header(draft: Draft, world: PracticeWorld, chance: random.Random) -> None:
    """Send a header with something strange in it."""
    draft.header(
        chance.choice((*SPINE, "accept", "content-type", "prefer", "accept-encoding")), chance.choice(JUNK)
    )


def bent_header(draft: Draft, world: PracticeWorld, chance: random.Random) -> None:
    """Bend the value of a Spine header: its case, blanks around it, one character more or less."""
    name = chance.choice(SPINE)
    value = dict(draft.headers).get(name, b"")
    bent = (
        value.upper(),
        value.title(),
        value + b" ",
        b" " + value,
        value[:-1],
        value + b"1",
        value + b"," + value,
    )
    draft.header(name, chance.choice(bent))


def foreign_header(draft: Draft, world: PracticeWorld, chance: random.Random) -> None:
    """Send another practice's ASID, or another interaction's id."""
    draft.header("ssp-to", world.neighbour.practice["asid"].encode())
    if chance.random() < 0.7:
        draft.header("ssp-to", world.consumer.practice["asid"].encode())
        draft.header("ssp-interactionid", chance.choice(INTERACTIONS).id.encode())


def media_type(draft: Draft, world: PracticeWorld, chance: random.Random) -> None:
    """Send or ask for another media type."""
    draft.header(chance.choice(("accept", "accept", "content-type")), chance.choice(MEDIA_TYPES))


def condition(draft: Draft, world: PracticeWorld, chance: random.Random) -> None:
    """Send a condition or a preference that is odd, out of date or of no use here."""
    if chance.random() < 0.7:
        draft.header("if-match", chance.choice(IF_MATCHES))
    else:
        draft.header("prefer", chance.choice(PREFERENCES))


def encoding(draft: Draft, world: PracticeWorld, chance: random.Random) -> None:
    """Ask for an answer that is compressed, or is not, in an odd way."""
    draft.header("accept-encoding", chance.choice(ENCODINGS))


def lying_length(draft: Draft, world: PracticeWorld, chance: random.Random) -> None:
    """Declare another length of the body than it has."""
    lengths = (b"0", b"-1", b"5000000", b"99999999999999999999999", b"x", b"\xb2", "\u0665".encode(), b"1, 2")
    draft.header("content-length", chance.choice(lengths))


def verb(draft: Draft, world: PracticeWorld, chance: random.Random) -> None:
    """Use another verb."""
    draft.method = chance.choice(VERBS)


def path(draft: Draft, world: PracticeWorld, chance: random.Random) -> None:
    """Go somewhere else, below the service root or not."""
    kind = chance.random()
    if kind < 0.15:
        draft.path = chance.choice(ELSEWHERE).decode()
    elif kind < 0.75:
        draft.path = world.consumer.root + chance.choice(BELOW_ROOT).decode()
    else:
        whole = draft.path
        changes = (
            whole + "/",
            whole.lower(),
            whole.replace("/", "//"),
            whole + "%20",
            whole[:-1],
            whole + "9",
        )
        draft.path = chance.choice(changes)


def foreign_practice(draft: Draft, world: PracticeWorld, chance: random.Random) -> None:
    """Ask the neighbour, which has GP Connect switched off; or here, for what is the neighbour's."""
    if chance.random() < 0.5:
        draft.path = draft.path.replace(world.consumer.root, world.neighbour.root)
        draft.header("ssp-to", world.neighbour.practice["asid"].encode())
    else:
        theirs = (
            f"/Appointment/{world.foreign.appointment}",
            f"/Patient/{world.foreign.patient}/Appointment",
        )
        draft.path = world.consumer.root + chance.choice(theirs)


def claim(draft: Draft, world: PracticeWorld, chance: random.Random) -> None:
    """Drop a claim, or give it another value."""
    if not isinstance(draft.claims, dict) or not draft.claims:
        return
    name = chance.choice(list(draft.claims))
    if chance.random() < 0.3:
        del draft.claims[name]
    else:
        draft.claims[name] = strange_value(chance)


def times(draft: Draft, world: PracticeWorld, chance: random.Random) -> None:
    """Send a token that has expired, lives too long, or has odd times."""
    if not isinstance(draft.claims, dict) or not draft.claims:
        return
    issued = int(world.consumer.now())
    pairs = (
        (-400, -100),
        (0, 299),
        (0, 301),
        (0, -1),
        (200, 500),
        (0, 0),
        (-(10**12), -(10**12) + 300),
        (2**62, 2**62),
    )
    draft.claims["iat"], draft.claims["exp"] = (issued + seconds for seconds in chance.choice(pairs))


def inner_claim(draft: Draft, world: PracticeWorld, chance: random.Random) -> None:
    """Spoil something inside a claim or the token's header."""
    if chance.random() < 0.8:
        draft.claims = spoil(draft.claims, chance)
    else:
        draft.jose = spoil(draft.jose, chance)


def token(draft: Draft, world: PracticeWorld, chance: random.Random) -> None:
    """Send what is hardly a token: other parts, other encodings, another scheme, none."""
    header, payload = encoded(draft.jose), encoded(draft.claims)
    draft.token = chance.choice(
        (
            b"", b"Bearer", b"Bearer ", b"Bearer .", b"Bearer ..", b"Bearer ...", b"Basic dXNlcjpwYXNz",
            b"\xff\xfe",
            b"Bearer " + header + b"." + payload, b"Bearer " + header + b"." + payload + b".c2ln",
            header + b"." + payload + b".", b"bearer  " + header + b"." + payload + b".",
            b"Bearer " + payload + b"." + header + b".", b"Bearer " + header + b".e30.",
            b"Bearer " + header + b"." + payload[:-3] + b".", b"Bearer " + header + b".!!!!.",
            b"Bearer " + header + b"." + base64.b64encode(b"\xff\xff") + b".",
            b"Bearer " + header + b"." + base64.urlsafe_b64encode(b'{"a":' * 5_000) + b".",
            b"Bearer " + header + b"." + base64.urlsafe_b64encode(b"[" * 100_000 + b"]" * 100_000) + b".",
            b"Bearer " + header + b"." + base64.urlsafe_b64encode(b"[]") + b".", b"Bearer \xc3\xa9.\xc3\xa9.",
        )
    )  # fmt: skip


HEADERS = (
    drop_header, repeat_header, junk_header, bent_header, foreign_header, media_type, condition,
    encoding, lying_length, verb, path, foreign_practice,
)  # fmt: skip
TOKENS = (claim, claim, times, inner_claim, inner_claim, token)
