"""The policy `returns` as a typed value: windows, the reason tree, and goods that never come back."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from oms_core.domain.errors import InvalidRequestError


@dataclass(frozen=True, slots=True)
class Reason:
    """A leaf of the reason tree: its code ("faulty.broken"), what people read, and who pays the way back."""

    code: str
    en: str
    zh: str
    paid_by: str  # "customer" or "shop"


@dataclass(frozen=True, slots=True)
class ReturnPolicy:
    """Who may send back what: days from delivery, reasons, and goods that never come back."""

    window_days: int
    reasons: Mapping[str, Reason]
    no_return_skus: frozenset[str] = frozenset()
    no_return_categories: frozenset[str] = frozenset()
    window_days_by_category: Mapping[str, int] | None = None

    def window_for(self, category: str | None) -> int:
        """Days from delivery in which goods of a category may be sent back."""
        return (self.window_days_by_category or {}).get(category or "", self.window_days)


def parse_policy(document: Mapping[str, object]) -> ReturnPolicy:
    """The policy that a document of kind `returns` states.

    Raises:
        InvalidRequestError: POLICY_INVALID with the place in the document that does not fit.
    """
    window = _whole_days(document.get("window_days"), "window_days")
    by_category = _mapping(document.get("window_days_by_category") or {}, "window_days_by_category")
    never = _mapping(document.get("not_returnable") or {}, "not_returnable")
    return ReturnPolicy(
        window_days=window,
        reasons={reason.code: reason for reason in _leaves(document.get("reasons"), ())},
        no_return_skus=frozenset(_words(never.get("skus") or [], "not_returnable.skus")),
        no_return_categories=frozenset(_words(never.get("categories") or [], "not_returnable.categories")),
        window_days_by_category={
            name: _whole_days(days, f"window_days_by_category.{name}") for name, days in by_category.items()
        },
    )


def _leaves(tree: object, above: tuple[str, ...], paid_by: object = None) -> Iterable[Reason]:
    for code, node in _mapping(tree, ".".join(["reasons", *above])).items():
        path = (*above, code)
        where = ".".join(["reasons", *path])
        fields = _mapping(node, where)
        payer = fields.get("paid_by", paid_by)
        if "reasons" in fields:
            yield from _leaves(fields["reasons"], path, payer)
            continue
        en, zh = fields.get("en"), fields.get("zh")
        if not isinstance(en, str) or not isinstance(zh, str):
            raise _invalid(where, "a reason needs its label in `en` and in `zh`")
        if payer not in {"customer", "shop"}:
            raise _invalid(where, "`paid_by` is customer or shop, here or on a branch above")
        yield Reason(".".join(path), en, zh, str(payer))


def _mapping(value: object, where: str) -> Mapping[str, object]:
    if not isinstance(value, Mapping) or not all(isinstance(key, str) for key in value):
        raise _invalid(where, "a mapping of names is expected")
    return value


def _words(value: object, where: str) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(word, str) for word in value):
        raise _invalid(where, "a list of names is expected")
    return value


def _whole_days(value: object, where: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise _invalid(where, "a whole number of days, 0 or more, is expected")
    return value


def _invalid(where: str, reason: str) -> InvalidRequestError:
    return InvalidRequestError("POLICY_INVALID", f"{where}: {reason}", remedy="Correct the document of policy returns.")
