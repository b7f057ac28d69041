"""The account under which the core itself writes: movements, payments, receipts and orders that no feed reported."""

import sqlalchemy as sa

from oms_core.domain.facts import AccountFact
from oms_core.storage.catalogue import ensure_account
from oms_core.storage.documents import Stamp
from oms_core.storage.tables import channel_account

OWN_ACCOUNT = "oms"


def ensure_own_account(connection: sa.Connection, stamp: Stamp) -> str:
    """The name of the core's own account; it is added when it is first needed."""
    known = sa.select(channel_account.c.account).where(channel_account.c.account == OWN_ACCOUNT)
    if connection.execute(known).first() is None:
        ensure_account(connection, AccountFact(OWN_ACCOUNT, "oms", "OrderSight"), stamp)
    return OWN_ACCOUNT
