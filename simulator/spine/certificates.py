"""The certificates of a development Spine: good ones to work with, and bad ones that must be refused."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path

from simulator.spine.certificate_authority import Authority, Issued, Validity, key_pem, new_authority
from simulator.spine.certificate_files import (
    AUTHORITY,
    AUTHORITY_KEY,
    BAD,
    CONSUMER,
    KEY_ENDING,
    PROXY,
    REVOCATIONS,
    SERVER,
    certificate_file,
    key_file,
)
from simulator.spine.certificate_guide import GUIDE, guide

HOSTS = ("localhost", "127.0.0.1", "::1")
"""What a server here is always called by."""

PROXY_HOST = "proxy.spine.test"
CONSUMER_DOMAIN = "consumer.test"
WRONG_HOST = "somewhere-else.test"
WRONG_ASID = "000000000000"
OTHER_AUTHORITY = f"{BAD}/other-authority.pem"

_A_CONSUMERS = re.compile(r"consumer-[0-9]{12}(-key)?\.pem")

LONGEST_COMMON_NAME = 64

CLOCKS_DIFFER = timedelta(hours=1)
LONG_AGO, YESTERDAY = timedelta(days=60), timedelta(days=1)


class CertificatesExist(Exception):
    """There are certificates already where new ones were to be made; the message is one line."""


class Flaw(StrEnum):
    """What can be wrong with a certificate; the value is part of its file's name."""

    EXPIRED = "expired"
    WRONG_NAME = "wrong-name"
    WRONG_AUTHORITY = "wrong-authority"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A certificate to be made: its files' name, whom it names, what for, and what is wrong with it."""

    name: str
    hosts: tuple[str, ...]
    purpose: str
    flaw: Flaw | None = None
    for_server: bool = False

    @property
    def common_name(self) -> str:
        """Return the first of its names that is short enough for one."""
        return next(host for host in self.hosts if len(host) <= LONGEST_COMMON_NAME)


def wanted_consumer(asid: str) -> Wanted:
    """Return what is made for a consumer."""
    return Wanted(f"{CONSUMER}-{asid}", (f"{asid}.{CONSUMER_DOMAIN}",), f"a consumer, ASID {asid}")


def wanted_certificates(asids: Sequence[str], hosts: Sequence[str]) -> list[Wanted]:
    """Return what is made for consumers of some ASIDs, the first of which also gets the bad ones.

    `hosts` are names and addresses that the server is called by besides those it always is.
    """
    called = tuple(dict.fromkeys((*hosts, *HOSTS)))
    consumers = [wanted_consumer(asid) for asid in asids]
    good = [
        Wanted(SERVER, called, "what `gpsim serve --tls` shows, as proxy and as practice", for_server=True),
        Wanted(PROXY, (PROXY_HOST,), "what the proxy shows to a practice that is elsewhere"),
        *consumers,
    ]
    bad = [
        *_bad(SERVER, good[0], WRONG_HOST, "is not where the server is"),
        *_bad(PROXY, good[1], WRONG_HOST, "is not the proxy"),
        *_bad(CONSUMER, good[2], f"{WRONG_ASID}.{CONSUMER_DOMAIN}", "is nobody: refused with --bind-asid"),
    ]
    return [*good, *bad]


def _bad(role: str, good: Wanted, other_name: str, why_other: str) -> list[Wanted]:
    """Return the bad ones like a good one."""
    purposes = {
        Flaw.EXPIRED: "expired yesterday",
        Flaw.WRONG_NAME: f"is for {other_name}, which {why_other}",
        Flaw.WRONG_AUTHORITY: f"is of another authority, {OTHER_AUTHORITY}",
        Flaw.REVOKED: f"is revoked, says {REVOCATIONS}",
    }
    return [
        replace(
            good,
            name=f"{BAD}/{role}-{flaw}",
            hosts=(other_name,) if flaw is Flaw.WRONG_NAME else good.hosts,
            purpose=purpose,
            flaw=flaw,
        )
        for flaw, purpose in purposes.items()
    ]


def make_certificates(
    directory: Path,
    asids: Sequence[str],
    hosts: Sequence[str],
    now: datetime,
    days: int,
    *,
    force: bool = False,
) -> list[Wanted]:
    """Make an authority and its certificates, valid for some days; return which, the first to use first.

    Raises CertificatesExist where some are there already, unless they are to be replaced, and OSError where
    the directory cannot be written.
    """
    wanted = wanted_certificates(asids, hosts)
    old = _old_files(directory, wanted)
    if old and not force:
        raise CertificatesExist(
            f"{old[0]} exists already: --force replaces every certificate in {directory}, its authority too;"
            " --asid alone adds a consumer's to an authority that is there with its key"
        )
    validity = Validity(now - CLOCKS_DIFFER, now + timedelta(days=days))
    files = _files(directory, wanted, validity)
    files[directory / GUIDE] = guide([(each.name, each.purpose) for each in wanted], validity.end).encode()
    (directory / BAD).mkdir(parents=True, exist_ok=True)
    for path in old:
        path.unlink()
    write_files(files)
    return wanted


def write_files(files: Mapping[Path, bytes]) -> None:
    """Write files; a key so that nobody else may read it."""
    for path, content in files.items():
        path.touch(0o600 if path.name.endswith(KEY_ENDING) else 0o644)
        path.write_bytes(content)


def _old_files(directory: Path, wanted: Sequence[Wanted]) -> list[Path]:
    """Return which files of an earlier time are there: those to be made, and those of other consumers."""
    named = [path(directory, each.name) for each in wanted for path in (certificate_file, key_file)]
    named += [directory / name for name in (AUTHORITY, AUTHORITY_KEY, REVOCATIONS, OTHER_AUTHORITY, GUIDE)]
    others = [path for path in directory.glob("*.pem") if _A_CONSUMERS.fullmatch(path.name)]
    return [path for path in dict.fromkeys((*named, *others)) if path.exists()]


def _files(directory: Path, wanted: Sequence[Wanted], validity: Validity) -> dict[Path, bytes]:
    """Return the content of every PEM file; what is revoked stands in the list of revocations."""
    authority = new_authority("Development SubCA", validity)
    stranger = new_authority("Another SubCA", validity)
    files = {}
    for each in wanted:
        issued = _issued(each, stranger if each.flaw is Flaw.WRONG_AUTHORITY else authority, validity)
        files[certificate_file(directory, each.name)] = issued.certificate_pem()
        files[key_file(directory, each.name)] = key_pem(issued.key)
    files[directory / AUTHORITY] = authority.certificates_pem()
    files[directory / AUTHORITY_KEY] = key_pem(authority.key)
    files[directory / REVOCATIONS] = authority.revocations_pem(validity)
    files[directory / OTHER_AUTHORITY] = stranger.certificates_pem()
    return files


def _issued(wanted: Wanted, authority: Authority, validity: Validity) -> Issued:
    if wanted.flaw is Flaw.EXPIRED:
        now = validity.start + CLOCKS_DIFFER
        validity = Validity(now - LONG_AGO, now - YESTERDAY)
    issued = authority.issue(wanted.common_name, wanted.hosts, validity, server=wanted.for_server)
    if wanted.flaw is Flaw.REVOKED:
        authority.revoked.append(issued.certificate.serial_number)
    return issued
