"""Customers: a key for everybody, the person in a table of his own."""

from collections.abc import Iterable

import sqlalchemy as sa

from oms_core.domain.facts import CustomerFact
from oms_core.storage.bulk import insert_rows, select_where_in
from oms_core.storage.changes import take_ids
from oms_core.storage.documents import Stamp
from oms_core.storage.tables import customer, customer_personal


def record_customers(
    connection: sa.Connection, account: str, customers: Iterable[CustomerFact], stamp: Stamp
) -> dict[str, int]:
    """Ids by external reference; unknown customers are added."""
    facts = {fact.external_ref: fact for fact in customers}
    columns = (customer_personal.c.external_ref, customer_personal.c.customer_id)
    known = sa.select(*columns).where(customer_personal.c.account == account)
    found = select_where_in(connection, known, customer_personal.c.external_ref, facts)
    ids: dict[str, int] = {row.external_ref: row.customer_id for row in found}
    fresh = sorted(facts.keys() - ids.keys())
    ids.update(zip(fresh, take_ids(connection, "customer", len(fresh)), strict=True))
    insert_rows(
        connection,
        customer,
        ("customer_id", "account", "recorded_at", "change_id"),
        [(ids[ref], account, stamp.recorded_at, stamp.change_id) for ref in fresh],
    )
    people = [(ids[ref], account, ref, *_person(facts[ref])) for ref in fresh]
    names = ("customer_id", "account", "external_ref", "name", "email", "phone", "address")
    insert_rows(connection, customer_personal, names, people)
    return ids


def _person(fact: CustomerFact) -> tuple[str | None, ...]:
    return (fact.name, fact.email, fact.phone, fact.address)
