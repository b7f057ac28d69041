"""One reader in a process of its own: asks the current snapshot until a file says stop; prints what it saw as JSON.

Every order of these homes has one line of one unit at 1.00 that was shipped, so three metrics say the same number,
and a later snapshot never says a smaller one: anything else is a mix of snapshots or a half publish.
"""

import json
import sys
from pathlib import Path

from pipelines.marts import metrics, snapshots

METRICS = ("orders", "net_sales", "units_shipped")


def main(home: Path, stop: Path) -> None:
    """Read until `stop` exists."""
    seen: dict[str, int] = {}
    wrong: list[str] = []
    reads, last = 0, 0
    while not stop.exists():
        try:
            snapshot = snapshots.open_snapshot(home)
            found = [int(metrics.ask(snapshot, name).rows[0]["value"]) for name in METRICS]
        except Exception as error:  # noqa: BLE001 - any failure of a read is a finding
            wrong.append(repr(error))
            continue
        reads += 1
        if len(set(found)) > 1 or found[0] < last or seen.setdefault(snapshot.id, found[0]) != found[0]:
            wrong.append(f"{snapshot.id}: {found} after {last}")
        last = found[0]
    print(json.dumps({"reads": reads, "snapshots": seen, "wrong": wrong}))  # noqa: T201 - its answer


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
