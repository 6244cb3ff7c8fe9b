"""Spoiling XML as only XML can be spoilt: DTDs, entities, namespaces, tags, attributes, encodings, size."""

import random
import re

from tests.fuzz.draft import Draft
from tests.fuzz.practice_world import PracticeWorld
from tests.fuzz.spoiled_queries import Mutation
from tests.fuzz.xml_text import FHIR

DOCTYPES = (
    "<!DOCTYPE a>",
    "<!DOCTYPE Appointment SYSTEM 'http://provider.example.nhs.uk/a.dtd'>",
    "<!DOCTYPE a PUBLIC '-//A//B' 'a.dtd'>",
    "<!DOCTYPE a [<!ENTITY b 'c'>]>",
    "<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]>",
    "<!DOCTYPE a [<!ENTITY % b SYSTEM 'http://provider.example.nhs.uk/'>%b;]>",
    "<!DOCTYPE a [<!ATTLIST Appointment id CDATA 'a'>]>",
    "<!DOCTYPE a ["
    + "<!ENTITY a0 'ha'>"
    + "".join(f"<!ENTITY a{n} '{f'&a{n - 1};' * 10}'>" for n in range(1, 9))
    + "]>",
    "<!DOCTYPE a [<!ENTITY b '" + "x" * 50_000 + "'>]>",
    "<!DOCTYPE",
)
ENTITIES = (
    "&b;", "&a8;", "&#0;", "&#xD800;", "&#x110000;", "&#x1F600;", "&lt", "&", "&amp;amp;", "&#10;",
    "&nbsp;",
    "&#xFFFE;", "&#x8;", "&#99999999999;",
)  # fmt: skip
PRIMITIVES = (
    "--5", "-", "-5", "5.5", "\u0663", "99999999999", "9" * 400, "1e9", " 1 ", "+1", "TRUE", " true ", "1",
    "", " ", "NaN", "\u00a0", "\u2028", "#org1",
)  # fmt: skip
ODD = (
    "<!-- a -->", "<!-- -- -->", "<?xml version='1.0'?>", "<?pi a?>", "<![CDATA[a]]>", "]]>", "text",
    "\x00", "\x0b",
    "\ufffe", "<a/>", "<value/>", "<extension/>", "<extension url=''/>", "<div/>", "<text><div/></text>",
    "<contained/>", "<contained><a/></contained>", "<contained><Patient/><Patient/></contained>",
    "<contained xmlns=''><Patient/></contained>", "<text><status value='generated'/><div>a</div></text>",
    f"<text><div xmlns='http://www.w3.org/1999/xhtml'><p>{'b' * 99}</p></div></text>",
    "<resourceType value='Slot'/>", "<_status value='a'/>", "<fhir_comments value='a'/>",
    "<identifier><system value='a'/></identifier>", "<priority value='--5'/>",
    "<minutesDuration value='\u0663'/>",
    "<modifierExtension url='urn:a'><valueDecimal value='1e999'/></modifierExtension>",
    "<extension url='urn:a'><valueInteger value='--1'/></extension>",
    "<extension url='urn:a'><valueBoolean value='maybe'/></extension>",
    "<extension url='urn:a' url='urn:b'/>", "<implicitRules value=''/>", "<language value='en'/>",
)  # fmt: skip
ENCODINGS = (
    ("utf-16", "utf-16"), ("utf-16-le", "UTF-16"), ("utf-8", "utf-16"), ("latin-1", "iso-8859-1"),
    ("utf-8", "us-ascii"), ("cp037", "cp037"), ("utf-7", "utf-7"), ("utf-8", "nonsense"), ("utf-8-sig",
    "utf-8"),
    ("utf-32", "utf-32"), ("utf-8", "big5"), ("utf-8", "hex"), ("utf-8", "rot13"), ("utf-8", ""),
    ("latin-1", "utf-8"), ("utf-8", "x" * 500), ("utf-8", "idna"), ("utf-8", "undefined"), ("utf-8",
    "zlib"),
)  # fmt: skip
_VALUE = re.compile(r'value="[^"]*"')
_TAG = re.compile(r"<([A-Za-z]\w*)([^<>]*?)(/?)>")


def _text(draft: Draft) -> str:
    """Return the body as it is so far."""
    whole = b"".join(draft.body) if draft.body is not None else draft.dumped()
    return whole.decode("utf-8", "replace")


def _put(draft: Draft, text: str) -> None:
    draft.body = (text.encode("utf-8", "surrogatepass"),)


def _changed(text: str, pattern: re.Pattern[str], new: str, chance: random.Random) -> str:
    """Return a text with one match of a pattern replaced."""
    found = list(pattern.finditer(text))
    if not found:
        return text + new
    one = chance.choice(found)
    return text[: one.start()] + new + text[one.end() :]


def doctype(draft: Draft, world: PracticeWorld, chance: random.Random) -> None:
    """Send a DTD, with entities that grow or come from elsewhere, used or not."""
    text = _text(draft)
    if chance.random() < 0.5:
        text = _changed(text, _VALUE, f'value="{chance.choice(ENTITIES)}"', chance)
    declared = "<?xml version='1.0'?>" if chance.random() < 0.5 else ""
    _put(draft, declared + chance.choice(DOCTYPES) + text)


def entity(draft: Draft, world: PracticeWorld, chance: random.Random) -> None:
    """Send an entity or character reference that stands for nothing, or for what FHIR does not have."""
    _put(draft, _changed(_text(draft), _VALUE, f'value="{chance.choice(ENTITIES)}"', chance))


def primitive(draft: Draft, world: PracticeWorld, chance: random.Random) -> None:
    """Send a text that is no number, boolean or date."""
    _put(draft, _changed(_text(draft), _VALUE, f'value="{chance.choice(PRIMITIVES)}"', chance))


def namespace(draft: Draft, world: PracticeWorld, chance: random.Random) -> None:
    """Leave the namespace out, bend it, or write it another way."""
    text, declaration = _text(draft), f' xmlns="{FHIR}"'
    name = text[1:].partition(" ")[0]
    choices = (
        text.replace(declaration, ""), text.replace(declaration, ' xmlns="urn:other"'),
        text.replace(FHIR, FHIR.upper()), text.replace(FHIR, FHIR + "/"), text.replace(declaration,
        ' xmlns=""'),
        _TAG.sub(r"<f:\1\2\3>", text).replace("</", "</f:").replace("xmlns=", "xmlns:f="),
        text.replace("<status ", '<status xmlns="urn:other" '), text.replace("<status ", "<f:status "),
        text.replace("<name ", '<name xmlns="urn:other" '), text.replace(name, "html"),
        text.replace("<birthDate ", '<f:birthDate xmlns:f="urn:other" '), text.replace(declaration,
        declaration * 2),
    )  # fmt: skip
    _put(draft, chance.choice(choices))


def tag(draft: Draft, world: PracticeWorld, chance: random.Random) -> None:
    """Bend a tag: its case, its end; or give an element twice, within itself,
    or with something odd in it."""
    text = _text(draft)
    found = list(_TAG.finditer(text))
    if not found:
        return
    one = chance.choice(found)
    whole, name, attributes, empty = one[0], one[1], one[2], one[3]
    bent = (
        whole.replace(name, name.upper()), whole.replace(name, name.lower()), whole * 2, f"<{name}>{whole}",
        f"<{name}{attributes}>", f"</{name}>", whole + chance.choice(ODD), chance.choice(ODD) + whole,
        f"<{name}{attributes}>{chance.choice(ODD)}</{name}>" if empty else whole + chance.choice(ODD), "",
        whole.replace(name, "Parameters"), whole.replace(name, f"{name} {name}"),
    )  # fmt: skip
    _put(draft, text[: one.start()] + chance.choice(bent) + text[one.end() :])


def attribute(draft: Draft, world: PracticeWorld, chance: random.Random) -> None:
    """Rename, repeat, drop or add an attribute."""
    new = (
        "Value='a'",
        "value='a' value='b'",
        "",
        "value='a' other='b'",
        "value=a",
        "value='a' id='b'",
        "id='b'",
    )
    url = ("", "url=''", "URL='urn:a'", "url='urn:a'")
    text = _text(draft)
    if chance.random() < 0.3 and "url=" in text:
        _put(draft, _changed(text, re.compile(r'url="[^"]*"'), chance.choice(url), chance))
    else:
        _put(draft, _changed(text, _VALUE, chance.choice(new), chance))


def cut(draft: Draft, world: PracticeWorld, chance: random.Random) -> None:
    """Cut the text short, or add to it."""
    text = _text(draft)
    place = chance.randrange(len(text) + 1)
    odd = chance.choice(ODD)
    _put(
        draft,
        chance.choice((text[:place], text[place:], text * 2, text + odd, odd + text, text[:-1], f"\n{text}")),
    )


def encoding(draft: Draft, world: PracticeWorld, chance: random.Random) -> None:
    """Encode the text in another way, and say so or not."""
    written, declared = chance.choice(ENCODINGS)
    text = f'<?xml version="1.0" encoding="{declared}"?>{_text(draft)}'
    draft.body = (text.encode(written, "replace"),)


def deep(draft: Draft, world: PracticeWorld, chance: random.Random) -> None:
    """Nest elements as deep as a body has room for."""
    depth = chance.choice((29, 31, 200, 900, 5_000, 20_000))
    opened, closed = chance.choice(
        (
            ("<extension url='a'>", "</extension>"), ("<a>", "</a>"),
            ("<contained><Patient>", "</Patient></contained>"), ("<contact>", "</contact>"),
            ("<text><div xmlns='http://www.w3.org/1999/xhtml'>" + "<b>" * depth,
            "</b>" * depth + "</div></text>"),
        )
    )  # fmt: skip
    many = 1 if opened.startswith("<text>") else depth
    _put(draft, _inside(_text(draft), opened * many + closed * many))


def wide(draft: Draft, world: PracticeWorld, chance: random.Random) -> None:
    """Send very many elements or attributes, or very long ones."""
    size = chance.choice((1_000, 30_000))
    attributes = "".join(f" a{n}='b'" for n in range(size))
    choices = (
        "<comment value='a'/>" * size, "<a/>" * size, f"<a{attributes}/>",
        f"<comment value='{'x' * 30 * size}'/>",
        f"<{'a' * 20 * size}/>", f"<text>{'x' * 25 * size}</text>", "<!-- a -->" * size,
        "<participant/>" * size,
    )  # fmt: skip
    _put(draft, _inside(_text(draft), chance.choice(choices)))


def _inside(text: str, more: str) -> str:
    """Return a text with more in it, after the start of the first element."""
    place = text.find(">") + 1
    return text[:place] + more + text[place:]


XML: tuple[Mutation, ...] = (
    doctype, entity, primitive, primitive, namespace, namespace, tag, tag, tag, attribute, attribute, cut,
    encoding, deep, wide,
)  # fmt: skip
