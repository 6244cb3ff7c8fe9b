"""FHIR XML: what is read is what JSON would have said, and what must not come in does not."""

from typing import Any

import pytest

from simulator.domain.refusals import BadRequest, InvalidResource
from simulator.fhir.models import attributes_of, elements_of, is_resource_type, stu3_model
from simulator.fhir.reading import DEEPEST, check_base
from simulator.fhir.xml import read_xml, write_xml
from tests.practice_client import Json

NS = 'xmlns="http://hl7.org/fhir"'


def patient(content: str, attributes: str = NS) -> bytes:
    return f"<Patient {attributes}>{content}</Patient>".encode()


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ('<active value="true"/>', {"active": True}),
        ('<active value="false"/>', {"active": False}),
        ('<multipleBirthInteger value="-2"/>', {"multipleBirthInteger": -2}),
        ('<birthDate value="1980-02-03"/>', {"birthDate": "1980-02-03"}),
        ('<name><given value="A"/><given value="B"/></name>', {"name": [{"given": ["A", "B"]}]}),
        ('<name><family value="A"/></name>', {"name": [{"family": "A"}]}),
        (
            '<extension url="urn:x"><valueDecimal value="1.50"/></extension>',
            {"extension": [{"url": "urn:x", "valueDecimal": "1.50"}]},
        ),
        ('<name id="n"><family value="A"/></name>', {"name": [{"id": "n", "family": "A"}]}),
        ('<gender id="g" value="male"/>', {"gender": "male", "_gender": {"id": "g"}}),
        (
            '<gender value="male"><extension url="urn:x"><valueString value="y"/></extension></gender>',
            {"gender": "male", "_gender": {"extension": [{"url": "urn:x", "valueString": "y"}]}},
        ),
        (
            '<gender><extension url="urn:x"><valueString value="y"/></extension></gender>',
            {"_gender": {"extension": [{"url": "urn:x", "valueString": "y"}]}},
        ),
        (
            '<contained><Organization><id value="o"/><name value="X"/></Organization></contained>',
            {"contained": [{"resourceType": "Organization", "id": "o", "name": "X"}]},
        ),
        (
            '<text><status value="empty"/><div xmlns="http://www.w3.org/1999/xhtml"><p>kept?</p></div></text>',
            {"text": {"status": "empty", "div": '<div xmlns="http://www.w3.org/1999/xhtml"/>'}},
        ),
        ("<!-- a comment --><?an instruction?><active value='true'/>", {"active": True}),
        ('<name><family value="&lt;A&amp;B&gt;&#10;&#x41;"/></name>', {"name": [{"family": "<A&B>\nA"}]}),
    ],
)
def test_an_element_is_read_as_json_would_have_it(content: str, expected: Json) -> None:
    resource = {"resourceType": "Patient"} | expected
    assert read_xml(patient(content)) == resource
    check_base(resource, "Patient")


@pytest.mark.parametrize(
    "body",
    [
        patient('<active value="true"/>'),
        b"\xef\xbb\xbf" + patient('<active value="true"/>'),
        b'<?xml version="1.0" encoding="UTF-8"?>\n' + patient('<active value="true"/>'),
        b'<f:Patient xmlns:f="http://hl7.org/fhir"><f:active value="true"/></f:Patient>',
        patient(
            '<active value="true" xml:id="a"/>',
            f'{NS} xmlns:i="http://www.w3.org/2001/XMLSchema-instance" i:schemaLocation="x y"',
        ),
        patient('\n  <active\tvalue = "true" > </active>\n'),
    ],
    ids=["plain", "a byte order mark", "a declaration", "prefixes", "foreign attributes", "white space"],
)
def test_the_ways_of_writing_xml_are_tolerated(body: bytes) -> None:
    assert read_xml(body) == {"resourceType": "Patient", "active": True}


@pytest.mark.parametrize(
    ("content", "path"),
    [
        ('<invalidField value="x"/>', "Patient.invalidField"),
        ("<invalidField/>", "Patient.invalidField"),
        ("<invalidField><more/></invalidField>", "Patient.invalidField"),
        ('<name><colour value="red"/></name>', "Patient.name[0].colour"),
        ('<gender value="male"><colour/></gender>', "Patient.gender.colour"),
        ('<gender value="male" colour="red"/>', "Patient.gender.@colour"),
        ('<name colour="red"><family value="A"/></name>', "Patient.name[0].@colour"),
        ('<name url="urn:x"><family value="A"/></name>', "Patient.name[0].@url"),
        ('<active xmlns="urn:other" value="true"/>', "Patient.{urn:other}active"),
        ('<name><active value="true"/></name>', "Patient.name[0].active"),
    ],
)
def test_what_fhir_does_not_know_is_named(content: str, path: str) -> None:
    with pytest.raises(InvalidResource) as refusal:
        check_base(read_xml(patient(content)), "Patient")
    assert refusal.value.diagnostics == f"{path}: is not an element of STU3; leave it out"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('<gender value="male"/><gender value="female"/>', "Patient.gender: came more than once"),
        ('<name><use value="old"/><use value="usual"/></name>', "Patient.name.use: came more than once"),
        ('<extension url="urn:x"><url value="urn:y"/></extension>', None),
        ("<contained/>", "Patient.contained: holds 0 resources"),
        ("<contained><Organization/><Organization/></contained>", "Patient.contained: holds 2 resources"),
        ('<contained><Organization xmlns="urn:o"/></contained>', "is in namespace 'urn:o'"),
        ("<extension>" * (DEEPEST + 1) + "</extension>" * (DEEPEST + 1), "nests deeper than 30 levels"),
    ],
)
def test_what_json_could_not_say_is_an_invalid_resource(content: str, message: str | None) -> None:
    if message is None:
        assert read_xml(patient(content))["extension"] == [{"url": "urn:y"}]
        return
    with pytest.raises(InvalidResource, match=message.replace("(", r"\(")):
        read_xml(patient(content))


@pytest.mark.parametrize("depth", [2_000, 40_000])
@pytest.mark.parametrize("name", ["extension", "unknown", "text", "contact"])
def test_endless_depth_is_refused_and_not_followed(name: str, depth: int) -> None:
    body = patient(f"<{name}>" * depth + f"</{name}>" * depth)
    with pytest.raises(InvalidResource):
        check_base(read_xml(body), "Patient")


@pytest.mark.parametrize(
    ("root", "word"),
    [
        ("<Patient/>", "Patient: is in namespace ''; expected http://hl7.org/fhir"),
        ('<Patient xmlns="http://hl7.org/FHIR"/>', "is in namespace 'http://hl7.org/FHIR'"),
        ('<feed xmlns="http://www.w3.org/2005/Atom"/>', "is in namespace 'http://www.w3.org/2005/Atom'"),
    ],
)
def test_a_root_of_another_namespace_is_an_invalid_resource(root: str, word: str) -> None:
    with pytest.raises(InvalidResource, match=word.replace(".", r"\.")):
        read_xml(root.encode())


def test_a_root_that_is_no_resource_is_refused_by_name() -> None:
    resource = read_xml(f"<InvalidResourceType {NS}><active value='true'/></InvalidResourceType>".encode())
    with pytest.raises(InvalidResource, match="resourceType: 'InvalidResourceType' was sent"):
        check_base(resource, "Patient")


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))


@pytest.mark.parametrize(
    "dtd",
    [
        "<!DOCTYPE Patient>",
        '<!DOCTYPE Patient SYSTEM "http://127.0.0.1:9/evil.dtd">',
        '<!DOCTYPE Patient [<!ENTITY e "x">]>',
        '<!DOCTYPE Patient [<!ENTITY e SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE Patient [<!ENTITY % e SYSTEM "http://127.0.0.1:9/"> %e;]>',
        f'<!DOCTYPE Patient [<!ENTITY l0 "ha">{LAUGHS}]>',
    ],
    ids=["bare", "external", "an entity", "a file", "a parameter entity", "a billion laughs"],
)
def test_a_dtd_is_refused_before_anything_else(dtd: str) -> None:
    body = dtd.encode() + patient('<name><family value="&e;&l9;"/></name>')
    with pytest.raises(BadRequest, match="has a DTD"):
        read_xml(body)


@pytest.mark.parametrize(
    ("body", "word"),
    [
        (b"", "is empty"),
        (b" \n ", "is empty"),
        (b"{}", "is not XML"),
        (b"<Patient", "is not XML"),
        (patient("<active>"), "is not XML"),
        (patient('<active value="&nbsp;"/>'), "is not XML"),
        (patient('<active value="a" value="b"/>'), "is not XML"),
        (patient('<active value="&#0;"/>'), "is not XML"),
        (patient("<f:active/>"), "is not XML"),
        (patient("") + b"<more/>", "is not XML"),
        (b'<?xml version="1.0" encoding="klingon"?>' + patient(""), "encoding 'klingon'; expected UTF-8"),
        (b"<?xml version='1.0' encoding = 'ISO-8859-1' ?>" + patient(""), "'ISO-8859-1'; expected UTF-8"),
        (b"<Patient>\xff</Patient>", "is not in UTF-8: invalid start byte at byte 9"),
        (patient("").decode().encode("utf-16"), "is not in UTF-8"),
        (patient("").decode().encode("utf-16-le"), "is not in UTF-8: it has null characters"),
    ],
)
def test_what_is_not_well_formed_is_malformed(body: bytes, word: str) -> None:
    with pytest.raises(BadRequest, match=word):
        read_xml(body)


@pytest.mark.parametrize(
    ("element", "value"),
    [("active", "yes"), ("active", "1"), ("multipleBirthInteger", "two"), ("multipleBirthInteger", "\u0663"),
     ("multipleBirthInteger", "1.0"), ("birthDate", "soon"), ("gender", "")],
)  # fmt: skip
def test_a_value_of_another_type_stays_a_text_to_be_refused_by_name(element: str, value: str) -> None:
    resource = read_xml(patient(f'<{element} value="{value}"/>'))
    assert resource[element] == value


@pytest.mark.parametrize("content", ["<gender/>", "<gender></gender>"])
def test_an_element_without_value_is_an_empty_text(content: str) -> None:
    assert read_xml(patient(content))["gender"] == ""


def test_xml_is_written_in_one_namespace_in_the_order_of_the_schema() -> None:
    resource: Json = {
        "resourceType": "Patient",
        "gender": "male",
        "_gender": {"id": "g", "extension": [{"valueBoolean": True, "url": "urn:x"}]},
        "active": True,
        "multipleBirthInteger": 3,
        "name": [{"given": ["A", "B"], "family": "<&\"'>\n\t", "id": "n"}],
        "contained": [{"name": "X", "id": "o", "resourceType": "Organization"}],
        "_birthDate": {"extension": [{"url": "urn:y", "valueString": "z"}]},
        "id": "7",
    }
    text = write_xml(resource).decode()
    assert text == (
        '<?xml version="1.0" encoding="UTF-8"?><Patient xmlns="http://hl7.org/fhir"><id value="7"/>'
        '<contained><Organization><id value="o"/><name value="X"/></Organization></contained>'
        '<active value="true"/>'
        '<name id="n"><family value="&lt;&amp;&quot;\'&gt;&#10;&#9;"/><given value="A"/>'
        '<given value="B"/></name>'
        '<gender id="g" value="male"><extension url="urn:x"><valueBoolean value="true"/></extension></gender>'
        '<birthDate><extension url="urn:y"><valueString value="z"/></extension></birthDate>'
        '<multipleBirthInteger value="3"/></Patient>'
    )
    assert read_xml(text.encode()) == resource


@pytest.mark.parametrize(
    ("resource_type", "element", "repeats", "kind"),
    [
        ("Patient", "name", True, "HumanName"),
        ("Patient", "maritalStatus", False, "CodeableConcept"),
        ("Patient", "active", False, bool),
        ("Patient", "multipleBirthInteger", False, int),
        ("Patient", "birthDate", False, "text"),
        ("Appointment", "slot", True, "Reference"),
        ("Appointment", "serviceCategory", False, "CodeableConcept"),
        ("Appointment", "priority", False, int),
        ("CapabilityStatement", "format", True, "text"),
        ("Bundle", "entry", True, "BundleEntry"),
        ("Patient", "contained", True, "resource"),
    ],
)
def test_the_models_say_what_repeats_and_of_what_type_it_is(
    resource_type: str, element: str, repeats: bool, kind: Any
) -> None:
    found = elements_of(stu3_model(resource_type))[element]
    assert found.repeats is repeats
    if kind == "resource":
        assert found.any_resource
    elif isinstance(kind, type):
        assert (found.model, found.primitive) == (None, kind)
    elif kind == "text":
        assert found.model is None and found.primitive not in (bool, int)
    else:
        assert found.model is not None and found.model.__name__ == kind


def test_only_an_extension_has_its_url_as_an_attribute_and_no_resource_its_id() -> None:
    assert attributes_of(stu3_model("Extension")) == {"id", "url"}
    assert attributes_of(stu3_model("HumanName")) == {"id"}
    assert attributes_of(stu3_model("Patient")) == frozenset()


@pytest.mark.parametrize("name", ["Patient", "Observation", "Bundle"])
def test_fhir_has_these_resources(name: str) -> None:
    assert is_resource_type(name)


@pytest.mark.parametrize("name", ["", "patient", "Nope", "Extension", "HumanName", "{urn:x}Patient", "a.b"])
def test_fhir_has_no_resources_of_these_names(name: str) -> None:
    assert not is_resource_type(name)
