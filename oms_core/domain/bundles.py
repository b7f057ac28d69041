"""Bundles: a line sold as one thing and shipped as its components.

The bundle's line keeps the price; component lines carry units and no money. Only whole kits are counted: half a
bundle is not a bundle.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from oms_core.domain.errors import InvalidRequestError, RuleViolationError


class Component(NamedTuple):
    """What one bundle contains of one SKU."""

    sku: str
    quantity: int


class ComponentLine(NamedTuple):
    """A line made of a bundle: units of one component, no money of its own."""

    line_key: str
    sku: str
    quantity: int


def explode(line_key: str, quantity: int, components: Sequence[Component]) -> list[ComponentLine]:
    """The component lines of `quantity` bundles; keys are the bundle's with the component's number after a dot.

    Raises:
        InvalidRequestError: BUNDLE_INVALID for no component, a component without units, or one named twice.
    """
    skus = [component.sku for component in components]
    if not components or any(component.quantity <= 0 for component in components) or len(set(skus)) < len(skus):
        raise InvalidRequestError(
            "BUNDLE_INVALID",
            f"the bundle of line {line_key} has no components, one without units, or one twice",
            remedy="Name each component once with 1 unit or more.",
        )
    return [
        ComponentLine(f"{line_key}.{number}", component.sku, quantity * component.quantity)
        for number, component in enumerate(components, start=1)
    ]


def whole_kits(units: Mapping[str, int], components: Sequence[Component]) -> int:
    """How many whole bundles these units of the components make."""
    return min((units.get(component.sku, 0) // component.quantity for component in components), default=0)


def component_units(kits: int, components: Sequence[Component]) -> dict[str, int]:
    """The units of each component in `kits` whole bundles."""
    return {component.sku: kits * component.quantity for component in components}


def units_of_kits(kits: int, *, ordered_kits: int, ordered_units: int) -> int:
    """The units of a component line that belong to `kits` of its bundle's `ordered_kits`.

    Raises:
        RuleViolationError: KIT_NOT_WHOLE where the component line does not divide into its kits.
    """
    each, rest = divmod(ordered_units, ordered_kits) if ordered_kits > 0 else (0, 1)
    if rest:
        raise RuleViolationError(
            "KIT_NOT_WHOLE",
            f"{ordered_units} units do not make {ordered_kits} whole bundles",
            remedy="Change the bundle's line; its components follow.",
        )
    return kits * each
