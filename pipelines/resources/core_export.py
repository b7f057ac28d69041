"""The core as assets see it: export sessions, nothing else."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass

from oms_core.settings import Settings
from oms_core.storage.engine import open_engine
from oms_core.storage.export import export_session
from pipelines.resources.raw_store import Changes


@dataclass(frozen=True, slots=True)
class CoreExport:
    """Opens export sessions on the core of one home."""

    settings: Settings

    @contextlib.contextmanager
    def session(self) -> Iterator[Changes]:
        """One consistent read of the core; raises StorageUnavailableError HOME_NOT_READY before `oms init`."""
        engine = open_engine(self.settings)
        try:
            with export_session(engine) as session:
                yield session
        finally:
            engine.dispose()
