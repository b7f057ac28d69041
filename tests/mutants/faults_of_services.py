"""Faults in the use cases themselves: locks that writers meet on, and the order in which goods are given out."""

from tests.mutants.planting import FEED, SERVICES, a_mutant

_DOMAIN = "tests/oms_core/domain"

IN_SERVICES = (
    a_mutant(
        "an order is changed without its row being locked",
        "locks",
        (f"{SERVICES}/test_change_order.py", "several_clerks and postgresql"),
        (
            "oms_core/storage/orders_found.py",
            "connection.execute(statement.with_for_update() if lock else statement)",
            "connection.execute(statement)",
        ),
    ),
    a_mutant(
        "a feed moves an order without its row being locked",
        "locks",
        (FEED, "two_writers_that_move_the_same_order"),
        (
            "oms_core/storage/order_store.py",
            "statement.order_by(sales_order.c.order_id).with_for_update()",
            "statement.order_by(sales_order.c.order_id)",
        ),
    ),
    a_mutant(
        "what expires last leaves first",
        "order",
        (f"{_DOMAIN}/test_lots.py", "test"),
        (
            "oms_core/domain/lots.py",
            "(it.expires_at is None, it.expires_at or 0, it.name)",
            "(it.expires_at is None, -(it.expires_at or 0), it.name)",
        ),
    ),
    a_mutant(
        "expired goods leave",
        "order",
        (f"{_DOMAIN}/test_lots.py", "test"),
        ("oms_core/domain/lots.py", "or lot.expires_at > at)", "or lot.expires_at > 0)"),
    ),
    a_mutant(
        "a later order of lower priority goes first",
        "order",
        (f"{_DOMAIN}/test_allocation.py", "test"),
        (
            "oms_core/domain/allocation.py",
            "for order in sorted(orders, key=lambda it: it.rank)}",
            "for order in sorted(orders, key=lambda it: it.rank, reverse=True)}",
        ),
    ),
)
