"""Which ASIDs a client certificate may speak for."""

import pytest

from simulator.domain.client_certificate import ClientCertificate, why_not_from

ASID = "200000000115"


@pytest.mark.parametrize(
    "certificate",
    [
        ClientCertificate(ASID),
        ClientCertificate(f"{ASID}.consumer.test"),
        ClientCertificate("Kelver Vale NHS 111", (f"{ASID}.consumer.test",)),
        ClientCertificate("proxy.spine.test", of_proxy=True),
    ],
)
def test_a_certificate_speaks_for_the_asid_it_names_and_the_proxy_for_any(
    certificate: ClientCertificate,
) -> None:
    assert why_not_from(certificate, ASID) is None


@pytest.mark.parametrize(
    "certificate",
    [
        ClientCertificate("200000000116"),
        ClientCertificate(f"{ASID}0"),
        ClientCertificate(f"x{ASID}.consumer.test"),
        ClientCertificate(f"consumer.{ASID}.test"),
        ClientCertificate("", ()),
    ],
)
def test_a_certificate_for_another_does_not(certificate: ClientCertificate) -> None:
    why = why_not_from(certificate, ASID)
    assert why is not None
    assert repr(ASID) in why
    assert (certificate.common_name or "nobody") in why


def test_nobody_without_a_certificate_speaks_for_an_asid() -> None:
    assert "no client certificate" in str(why_not_from(None, ASID))


def test_part_of_a_name_is_no_asid() -> None:
    assert not ClientCertificate(f"{ASID}.consumer.test").is_for(f"{ASID}.consumer")
