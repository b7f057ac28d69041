"""What the database refused, told as a rule: the name of the constraint decides the code.

The checks and triggers are the last word where two callers race; a service asks first and gives the better message.
"""

import re

import sqlalchemy as sa

from oms_core.domain.errors import RuleViolationError

# constraint, or the word a trigger's message begins with → (code, reason, remedy)
_REFUSALS: dict[str, tuple[str, str, str]] = {
    "ck_stock_balance_not_oversold": (
        "STOCK_SHORT",
        "there are fewer units free than asked for",
        "Ask for what is available, or let the rest wait for goods that are on order.",
    ),
    "ck_stock_balance_signs": ("NOT_PROMISED", "more units would be taken back than were promised", "Read it again."),
    "ck_line_allocation_promised": (
        "NOT_PROMISED",
        "more units would be taken back or shipped than were promised to the line at this place",
        "Read the order's allocation again.",
    ),
    "ck_order_line_promised": ("NOT_PROMISED", "more units would be taken back than were promised", "Read it again."),
    "ck_order_line_units_accounted": (
        "UNITS_NOT_OPEN",
        "the line has fewer open units than this would use",
        "Read the order again: units were cancelled, promised, moved or shipped meanwhile.",
    ),
    "ck_order_line_cancelled_quantity": ("UNITS_NOT_OPEN", "the line has fewer units", "Read the order again."),
    "ck_order_line_delivered": ("NOT_SHIPPED", "more units would be delivered than were shipped", "Read it again."),
    "ck_order_line_returned": (
        "RETURN_EXCEEDS_DELIVERED",
        "more units would come back than were delivered and not returned yet",
        "Read what is left to return.",
    ),
    "ck_order_line_graded": ("GRADE_EXCEEDS_RECEIVED", "more units would be graded than came back", "Read it again."),
    "ck_payment_not_below_zero": (
        "REFUND_EXCEEDS_PAID",
        "more would be paid back than was captured",
        "Refund at most what is paid.",
    ),
    "ck_payment_within_authorization": (
        "CAPTURE_EXCEEDS_AUTHORISED",
        "more would be captured or voided than was authorised",
        "Capture at most what is authorised.",
    ),
    "ck_stored_value_balance": ("BALANCE_SHORT", "the card or credit holds less", "Use at most its balance."),
    "ck_lot_balance_on_hand": ("LOT_SHORT", "the lot has fewer units there", "Choose another lot or count it."),
    "ck_lot_balance_serial": ("SERIAL_TAKEN", "the serial number is in stock already", "Check the number."),
    "ix_lot_balance_serial": ("SERIAL_TAKEN", "the serial number is in stock elsewhere", "Check the number."),
    "ck_return_request_line_received": ("RETURN_EXCEEDS_REQUEST", "more would be received than requested", "Check it."),
    "ck_return_request_line_graded": ("GRADE_EXCEEDS_RECEIVED", "more would be graded than received", "Check it."),
    "ck_approval_four_eyes": (
        "OWN_REQUEST",
        "nobody decides on his own request",
        "Ask a second person with the permission.",
    ),
    "uq_stock_allocation_pending_id": ("RESERVATION_ENDED", "this reservation has ended already", "Read it again."),
    "STATE": ("STATE_MOVED", "somebody changed it meanwhile", "Read it again and decide anew."),
    "COUNTER": ("STOCK_SHORT", "there is nothing of it at this place", "Choose a place that holds the article."),
    "STOCK_ALLOCATION": ("NOT_PROMISED", "the promise does not fit the line it names", "Read the order again."),
}
_TOLD_AS = {
    "stock_allocation.pending_id": "uq_stock_allocation_pending_id",
    "DUPLICATE: stock_allocation has this pending_id": "uq_stock_allocation_pending_id",
    "lot_balance.sku, lot_balance.lot": "ix_lot_balance_serial",
}
_NAMED = re.compile(r"\b(?:ck|uq|ix)_[a-z_]+|\b[A-Z_]{5,}(?=:)")


def refusal_of(error: sa.exc.DBAPIError) -> RuleViolationError | None:
    """The rule behind a refusal of the database; null where it is no rule of ours."""
    diagnosis = getattr(error.orig, "diag", None)
    constraint = getattr(diagnosis, "constraint_name", None)
    found = [constraint] if constraint else _NAMED.findall(_known_columns(str(error.orig)))
    for name in found:
        if name in _REFUSALS:
            code, reason, remedy = _REFUSALS[name]
            return RuleViolationError(code, reason, remedy=remedy, rule=name)
    return None


def _known_columns(message: str) -> str:
    """SQLite names the columns of a unique key, and its rule against a second row of a key the table; never the key."""
    for told, name in _TOLD_AS.items():
        message = message.replace(told, name)
    return message
