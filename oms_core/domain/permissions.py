"""Who may do what: roles, permissions, and the one table that grants them. Default: nothing.

Source of the roles and of what each may: docs/decisions/0010. Services ask `Actor.require`; pages and commands do not
decide. An actor may be confined to sites (`locations`), accounts or, a customer, to orders of his own.
"""

from dataclasses import dataclass
from enum import StrEnum

from oms_core.domain.errors import RuleViolationError


class Role(StrEnum):
    """What somebody is in the company."""

    VIEWER = "viewer"
    ANALYST = "analyst"
    SUPPORT = "support"
    WAREHOUSE = "warehouse"
    PLANNER = "planner"
    FINANCE = "finance"
    OPS_LEAD = "ops_lead"
    ADMIN = "admin"
    AUDITOR = "auditor"
    FEED_SERVICE = "feed_service"
    CUSTOMER = "customer"


class Permission(StrEnum):
    """What a use case asks for."""

    ORDER_PLACE = "order.place"
    ORDER_CONFIRM = "order.confirm"
    ORDER_HOLD = "order.hold"
    ORDER_CHANGE = "order.change"
    ORDER_CANCEL = "order.cancel"
    ORDER_PRIORITISE = "order.prioritise"
    ORDER_CLOSE = "order.close"
    ALLOCATE = "stock.allocate"
    WAVE_RELEASE = "wave.release"
    PICK = "shipment.pick"
    PACK = "shipment.pack"
    SHIP = "shipment.ship"
    DELIVER = "shipment.deliver"
    RECEIVE = "stock.receive"
    TRANSFER = "stock.transfer"
    COUNT = "stock.count"
    ADJUST = "stock.adjust"
    STOCK_APPROVE = "stock.approve"
    REBUILD = "stock.rebuild"
    LOCATION_DEFINE = "location.define"
    SKU_DEFINE = "sku.define"
    SUPPLIER_DEFINE = "supplier.define"
    PURCHASE_DRAFT = "purchase.draft"
    PURCHASE_APPROVE = "purchase.approve"
    PAYMENT_RECORD = "payment.record"
    REFUND = "payment.refund"
    REFUND_APPROVE = "payment.approve_refund"
    STORED_VALUE = "payment.stored_value"
    EXCHANGE_RATE = "payment.exchange_rate"
    RETURN_REQUEST = "return.request"
    RETURN_REVIEW = "return.review"
    RETURN_RECEIVE = "return.receive"
    RETURN_GRADE = "return.grade"
    POLICY_SET = "policy.set"


_ORDERS = frozenset(
    {
        Permission.ORDER_PLACE,
        Permission.ORDER_CONFIRM,
        Permission.ORDER_HOLD,
        Permission.ORDER_CHANGE,
        Permission.ORDER_CANCEL,
        Permission.ALLOCATE,
        Permission.RETURN_REQUEST,
        Permission.RETURN_REVIEW,
        Permission.REFUND,
        Permission.PAYMENT_RECORD,
    }
)
_SITE = frozenset(
    {
        Permission.PICK,
        Permission.PACK,
        Permission.SHIP,
        Permission.DELIVER,
        Permission.RECEIVE,
        Permission.TRANSFER,
        Permission.COUNT,
        Permission.ADJUST,
        Permission.RETURN_RECEIVE,
        Permission.RETURN_GRADE,
    }
)
_LEAD = frozenset(
    {
        Permission.ORDER_PRIORITISE,
        Permission.ORDER_CLOSE,
        Permission.WAVE_RELEASE,
        Permission.STOCK_APPROVE,
        Permission.REFUND_APPROVE,
        Permission.PURCHASE_APPROVE,
        Permission.LOCATION_DEFINE,
        Permission.SKU_DEFINE,
        Permission.SUPPLIER_DEFINE,
        Permission.PURCHASE_DRAFT,
        Permission.STORED_VALUE,
    }
)

GRANTS: dict[Role, frozenset[Permission]] = {
    Role.VIEWER: frozenset(),
    Role.ANALYST: frozenset(),
    Role.SUPPORT: _ORDERS,
    Role.WAREHOUSE: _SITE | {Permission.WAVE_RELEASE},
    Role.PLANNER: frozenset({Permission.PURCHASE_DRAFT, Permission.SUPPLIER_DEFINE, Permission.SKU_DEFINE}),
    Role.FINANCE: frozenset(
        {
            Permission.PAYMENT_RECORD,
            Permission.REFUND,
            Permission.REFUND_APPROVE,
            Permission.STORED_VALUE,
            Permission.EXCHANGE_RATE,
            Permission.PURCHASE_APPROVE,
        }
    ),
    Role.OPS_LEAD: _ORDERS | _SITE | _LEAD,
    Role.ADMIN: frozenset(
        {Permission.POLICY_SET, Permission.LOCATION_DEFINE, Permission.REBUILD, Permission.EXCHANGE_RATE}
    ),
    Role.AUDITOR: frozenset(),
    Role.FEED_SERVICE: frozenset({Permission.ORDER_PLACE, Permission.PAYMENT_RECORD, Permission.DELIVER}),
    Role.CUSTOMER: frozenset({Permission.RETURN_REQUEST}),
}


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts. `locations`, `accounts`, `orders` (ids): what he is confined to; null: to nothing."""

    name: str
    role: Role
    locations: frozenset[str] | None = None
    accounts: frozenset[str] | None = None
    orders: frozenset[int] | None = None

    def may(self, permission: Permission) -> bool:
        """Whether the role grants it."""
        return permission in GRANTS[self.role]

    def require(self, permission: Permission, action: str) -> None:
        """Raise RuleViolationError NOT_PERMITTED unless the role grants it."""
        if not self.may(permission):
            roles = ", ".join(sorted(role for role, granted in GRANTS.items() if permission in granted))
            raise RuleViolationError(
                "NOT_PERMITTED",
                f"{self.name} ({self.role}) may not do {action}",
                remedy=f"Ask somebody who may: {roles}.",
            )

    def require_location(self, location: str) -> None:
        """Raise RuleViolationError NOT_PERMITTED where he is confined to other sites."""
        if self.locations is not None and location not in self.locations:
            raise _elsewhere(self.name, f"at {location}", self.locations)

    def require_account(self, account: str) -> None:
        """Raise RuleViolationError NOT_PERMITTED where he is confined to other accounts."""
        if self.accounts is not None and account not in self.accounts:
            raise _elsewhere(self.name, f"for {account}", self.accounts)

    def require_order(self, order_id: int) -> None:
        """Raise RuleViolationError NOT_PERMITTED where it is not one of his own; the refusal tells nothing else."""
        if self.role is Role.CUSTOMER and (self.orders is None or order_id not in self.orders):
            raise RuleViolationError(
                "NOT_PERMITTED", "this order cannot be reached from here", remedy="Use the link of your own order."
            )


def _elsewhere(name: str, where: str, own: frozenset[str]) -> RuleViolationError:
    return RuleViolationError(
        "NOT_PERMITTED", f"{name} may not act {where}", remedy=f"His own are {', '.join(sorted(own)) or 'none'}."
    )
