"""The company, its accounts, places, goods and customers, and the policies they are served by."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Integer,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
)

from oms_core.storage.tables.base import clocks, metadata

company_setting = Table(
    "company_setting",
    metadata,
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("time_zone", Text, nullable=False),
    Column("base_currency", Text),
    Column("actor", Text, nullable=False),
    *clocks(),
)

channel_account = Table(
    "channel_account",
    metadata,
    Column("account", Text, primary_key=True),
    Column("channel", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("moves_stock", Boolean, nullable=False),
    Column("fulfilled_here", Boolean, nullable=False, server_default="0"),  # this core allocates and ships its orders
    Column("priority", SmallInteger, nullable=False, server_default="0"),  # of its orders; greater goes first
    *clocks(),
)

location = Table(
    "location",
    metadata,
    Column("location", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("country", Text),
    Column("allows_negative_stock", Boolean, nullable=False),
    Column("opening_from_first_balance", Boolean, nullable=False),
    Column("valuation", Text, nullable=False),
    Column("listing", Text, nullable=False),
    Column("kind", Text, nullable=False, server_default="site"),  # site | in_transit
    Column("latitude", Integer),  # millionths of a degree
    Column("longitude", Integer),
    Column("region", Text),  # of the postcode regions that the allocation policy names
    Column("time_zone", Text),  # null: the company's
    Column("cutoff_minute", SmallInteger),  # minute of the local day until which orders leave the same day
    Column("handling_cost", BigInteger, nullable=False, server_default="0"),  # per order, company currency, minor units
    Column("priority", SmallInteger, nullable=False, server_default="0"),  # greater is preferred
    *clocks(),
    CheckConstraint("valuation in ('dated', 'fifo')", name="valuation"),
    CheckConstraint("listing in ('ever_moved', 'intervals')", name="listing"),
    CheckConstraint("kind in ('site', 'in_transit')", name="kind"),
)

sku = Table(
    "sku",
    metadata,
    Column("sku", Text, primary_key=True),
    Column("title", Text),
    Column("category", Text),
    Column("tracking", Text, nullable=False, server_default="none"),  # none | lot | serial
    Column("weight_grams", BigInteger),
    Column("list_price", BigInteger),
    Column("list_price_scale", SmallInteger),
    Column("list_currency", Text),
    Column("reorder_point", BigInteger),  # units, as the source says
    Column("is_returnable", Boolean, nullable=False, server_default="1"),
    *clocks(),
    CheckConstraint("tracking in ('none', 'lot', 'serial')", name="tracking"),
)

bundle_component = Table(
    "bundle_component",
    metadata,
    Column("bundle_sku", Text, ForeignKey("sku.sku"), primary_key=True),
    Column("component_sku", Text, ForeignKey("sku.sku"), primary_key=True),
    Column("quantity", BigInteger, nullable=False),  # units of the component in one bundle
    *clocks(),
    CheckConstraint("quantity > 0 and component_sku <> bundle_sku", name="quantity"),
)

exchange_rate = Table(
    "exchange_rate",
    metadata,
    Column("currency", Text, primary_key=True),
    Column("base_currency", Text, primary_key=True),
    Column("valid_from", BigInteger, primary_key=True),
    Column("rate", BigInteger, nullable=False),  # base units for one unit of `currency`, at rate_scale
    Column("rate_scale", SmallInteger, nullable=False),
    Column("actor", Text, nullable=False),
    *clocks(),
    CheckConstraint("rate > 0 and rate_scale between 0 and 12", name="rate"),
)

policy = Table(
    "policy",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("document", Text, nullable=False),  # YAML as it was set
    Column("actor", Text, nullable=False),
    *clocks(),
)

unit_cost = Table(
    "unit_cost",
    metadata,
    Column("sku", Text, ForeignKey("sku.sku"), primary_key=True),
    Column("location", Text, primary_key=True),  # '' = valid at every location
    Column("valid_from", BigInteger, primary_key=True),
    Column("unit_cost", BigInteger, nullable=False),
    Column("cost_scale", SmallInteger, nullable=False),
    Column("currency", Text, nullable=False),
    *clocks(),
    CheckConstraint("unit_cost >= 0 and cost_scale between 0 and 6", name="cost"),
)

# --- customers: the key apart from the person ------------------------------------------------------

customer = Table(
    "customer",
    metadata,
    Column("customer_id", BigInteger, primary_key=True, autoincrement=False),
    Column("account", Text, ForeignKey("channel_account.account"), nullable=False),
    *clocks(),
)

customer_personal = Table(
    "customer_personal",
    metadata,
    Column("customer_id", BigInteger, ForeignKey("customer.customer_id"), primary_key=True),
    Column("account", Text, nullable=False),
    Column("external_ref", Text, nullable=False),
    Column("name", Text),
    Column("email", Text),
    Column("phone", Text),
    Column("address", Text),
    UniqueConstraint("account", "external_ref"),
)
