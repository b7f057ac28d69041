"""Conditions of a column map: small tests on the typed value of one field."""

import re
from collections.abc import Callable, Mapping
from typing import Annotated, Any, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, model_validator

from oms_core.domain.money import Exact


class ConditionSpec(BaseModel):
    """Every test given must hold; a plain value in the YAML means `equals`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    equals: str | int | None = None
    one_of: list[str] | None = None
    starts_with: str | None = None
    matches: str | None = None
    below: int | None = None
    above: int | None = None
    empty: bool | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("a condition says at least one of equals, in, starts_with, matches, below, above, empty")
        if self.matches is not None:
            try:
                re.compile(self.matches)
            except re.error as error:
                raise ValueError(f"matches: {error}") from None
        return self

    def test(self) -> Callable[[Any], bool]:
        """The test as one function of the value (text, integer, Decimal or null)."""
        tests: list[Callable[[Any], bool]] = []
        if self.equals is not None:
            tests.append(_equals(self.equals))
        if self.one_of is not None:
            tests.append(frozenset(self.one_of).__contains__)
        if self.starts_with is not None:
            tests.append(_starts_with(self.starts_with))
        if self.matches is not None:
            tests.append(_matches(self.matches))
        if self.below is not None:
            tests.append(_below(self.below))
        if self.above is not None:
            tests.append(_above(self.above))
        if self.empty is not None:
            tests.append(_empty(wanted=self.empty))
        return tests[0] if len(tests) == 1 else lambda value: all(test(value) for test in tests)


def _plain(value: object) -> object:
    if isinstance(value, dict):
        return {"one_of" if key == "in" else key: item for key, item in value.items()}
    return {"equals": value}


Condition = Annotated[ConditionSpec, BeforeValidator(_plain)]


def all_hold(conditions: Mapping[str, ConditionSpec]) -> Callable[[Mapping[str, Any]], bool]:
    """One function of a row's record that says whether every condition holds."""
    tests = [(field, condition.test()) for field, condition in conditions.items()]

    if len(tests) == 1:
        ((only, single),) = tests
        return lambda record: single(record.get(only))

    def holds(record: Mapping[str, Any]) -> bool:
        for field, test in tests:  # noqa: SIM110 - runs for every row of a file, and all() costs twice as much
            if not test(record.get(field)):
                return False
        return True

    return holds


def _equals(wanted: str | int) -> Callable[[Any], bool]:
    return lambda value: value == wanted or (value is not None and str(value) == str(wanted))


def _starts_with(prefix: str) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, str) and value.startswith(prefix)


def _matches(pattern: str) -> Callable[[Any], bool]:
    fits = re.compile(pattern).fullmatch
    return lambda value: isinstance(value, str) and fits(value) is not None


def _below(bound: int) -> Callable[[Any], bool]:
    return lambda value: value is not None and _number(value) < bound


def _above(bound: int) -> Callable[[Any], bool]:
    return lambda value: value is not None and _number(value) > bound


def _number(value: Any) -> Any:
    return value.decimal if isinstance(value, Exact) else value


def _empty(*, wanted: bool) -> Callable[[Any], bool]:
    return lambda value: (value is None or value == "") is wanted
