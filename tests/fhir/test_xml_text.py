"""Text in FHIR XML: in UTF-8, and in attributes alone."""

import pytest

from simulator.domain.refusals import InvalidResource
from simulator.fhir.xml import read_xml
from tests.fhir.test_xml import patient


@pytest.mark.parametrize(
    "declaration",
    [b"", b'<?xml version="1.0"?>', b'<?xml version="1.0" encoding="utf-8"?>', b"\xef\xbb\xbf"],
)
def test_texts_in_utf_8_are_read_as_they_are(declaration: bytes) -> None:
    body = declaration + patient('<language value="caf\u00e9 \u00a35"/>')
    assert read_xml(body)["language"] == "caf\u00e9 \u00a35"


@pytest.mark.parametrize(
    ("content", "path"),
    [
        ('hello<active value="true"/>', "Patient"),
        ('<active value="true"/>hello', "Patient"),
        ('<name><family value="Lark"/>hello</name>', "Patient.name"),
    ],
)
def test_text_between_elements_is_refused(content: str, path: str) -> None:
    with pytest.raises(InvalidResource, match=f"^{path}: has the text 'hello' in it; expected elements"):
        read_xml(patient(content))


def test_a_value_between_tags_is_told_where_it_belongs() -> None:
    with pytest.raises(
        InvalidResource, match=r"^Patient\.active: has the text 'true' in it; .*attribute `value`"
    ):
        read_xml(patient("<active>true</active>"))
