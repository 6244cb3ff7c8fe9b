"""What the STU3 models know of elements: their order, which repeat, and of what type each is."""

import types
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any, Union, get_args, get_origin

from fhir.resources.STU3 import get_fhir_model_class
from fhir.resources.STU3.resource import Resource
from pydantic import BaseModel

Model = type[BaseModel]


@dataclass(frozen=True, slots=True)
class Element:
    """One element of a type: whether it repeats, the model of its parts (None for a primitive), and the
    primitive's Python type. `any_resource` marks a place that holds a whole resource of any type.
    """

    repeats: bool
    model: Model | None = None
    primitive: type = str
    any_resource: bool = False


def stu3_model(resource_type: str) -> Model:
    """Return the STU3 model of a resource type."""
    module = import_module(f"fhir.resources.STU3.{resource_type.lower()}")
    model: Model = getattr(module, resource_type)
    return model


def is_resource_type(name: str) -> bool:
    """Tell whether STU3 has a resource of a type, whether or not GP Connect uses it."""
    if not (name.isascii() and name.isalpha()) or find_spec(f"fhir.resources.STU3.{name.lower()}") is None:
        return False
    model = getattr(import_module(f"fhir.resources.STU3.{name.lower()}"), name, None)
    return isinstance(model, type) and issubclass(model, Resource)


@lru_cache(maxsize=256)
def attributes_of(model: Model) -> frozenset[str]:
    """Return which parts of a type are attributes in XML: `id`, except of a resource; `url` of extensions."""
    if issubclass(model, Resource):
        return frozenset()
    return frozenset({"id", "url"}) if model is stu3_model("Extension") else frozenset({"id"})


@lru_cache(maxsize=256)
def elements_of(model: Model) -> Mapping[str, Element]:
    """Return the elements of a type by name, in the order in which XML has them."""
    by_alias = {field.alias or name: field.annotation for name, field in model.model_fields.items()}
    sequence: list[str] = model.elements_sequence()  # type: ignore[attr-defined]  # fhir.resources' own
    return types.MappingProxyType({name: _element(by_alias[name]) for name in sequence if name in by_alias})


def _element(annotation: Any) -> Element:
    """Read an annotation such as `Optional[List[IdentifierType]]` or `Optional[Annotated[int, Integer]]`."""
    repeats = False
    while True:
        origin = get_origin(annotation)
        if origin is list:
            repeats = True
        if origin is None or not get_args(annotation):
            break
        annotation = next(part for part in get_args(annotation) if part is not type(None))
        if origin not in (list, Union, types.UnionType) and get_origin(annotation) is None:
            break
    name = getattr(annotation, "__name__", "")
    if not name.endswith("Type"):
        return Element(repeats, None, annotation)
    type_name = name.removesuffix("Type")
    if type_name == "Resource":
        return Element(repeats, any_resource=True)
    return Element(repeats, get_fhir_model_class(type_name))
