"""What every table shares: the metadata, the clocks of a row, and checks made of lists."""

from sqlalchemy import BigInteger, CheckConstraint, Column, MetaData

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)


def one_of(column: str, values: tuple[str, ...], *, name: str) -> CheckConstraint:
    """A check that a column holds one of these words."""
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} in ({listed})", name=name)


def clocks() -> tuple[Column[int], Column[int]]:
    """`recorded_at` and `change_id`, which every row that is exported carries."""
    return (
        Column("recorded_at", BigInteger, nullable=False),
        Column("change_id", BigInteger, nullable=False, index=True),
    )
