"""Which files were loaded whole: the first test for a repetition."""

import sqlalchemy as sa

from oms_core.storage import feed_inbox
from oms_core.storage.changes import next_change_id
from oms_core.storage.documents import Stamp
from oms_core.storage.engine import reading, write
from oms_core.storage.feed_inbox import Sender


def is_loaded(engine: sa.Engine, sender: Sender, *, file_sha256: str, map_sha256: str) -> int | None:
    """The messages of a file that was loaded whole before by the same map; null where it was not."""
    with reading(engine) as connection:
        return feed_inbox.is_loaded(connection, sender, file_sha256=file_sha256, map_sha256=map_sha256)


def mark_loaded(
    engine: sa.Engine,
    sender: Sender,
    *,
    file_sha256: str,
    map_sha256: str,
    path: str,
    messages: int,
    actor: str,
    now: int,
) -> None:
    """Record that a file was loaded whole; a second process that loaded the same one changes nothing."""

    def work(connection: sa.Connection) -> None:
        if feed_inbox.is_loaded(connection, sender, file_sha256=file_sha256, map_sha256=map_sha256) is None:
            stamp = Stamp(next_change_id(connection), now, actor)
            feed_inbox.mark_loaded(
                connection,
                sender,
                file_sha256=file_sha256,
                map_sha256=map_sha256,
                path=path,
                messages=messages,
                stamp=stamp,
            )

    write(engine, work)
