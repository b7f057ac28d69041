"""What one run of the graph did, kept for whoever started it: rows loaded, tests, errors, the snapshot."""

from dataclasses import dataclass, field

from pipelines.resources.dbt_project import NodeResult

_GOOD = ("success", "pass", "warn", "no-op")


@dataclass(slots=True)
class BuildJournal:
    """Filled by the assets as they run; one journal per run."""

    full: bool = False
    rows: dict[str, int] = field(default_factory=dict)
    results: list[NodeResult] = field(default_factory=list)
    snapshot_id: str | None = None

    @property
    def tests(self) -> list[NodeResult]:
        """Results of data and unit tests."""
        return [result for result in self.results if result.unique_id.startswith(("test.", "unit_test."))]

    @property
    def failed_tests(self) -> list[NodeResult]:
        """Tests that found rows they must not find, or could not run."""
        return [result for result in self.tests if result.status in ("fail", "error")]

    @property
    def passed_tests(self) -> list[NodeResult]:
        """Tests that hold."""
        return [result for result in self.tests if result.status in _GOOD]

    @property
    def broken_models(self) -> list[NodeResult]:
        """Models that could not be built; a model skipped behind a failed test is not broken."""
        return [result for result in self.results if result not in self.tests and result.status == "error"]
