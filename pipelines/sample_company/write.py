"""The sample company on disk: its feed files and, beside them, `truth.json`."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from pipelines.sample_company.channel_files import channel_files
from pipelines.sample_company.company import SIZES
from pipelines.sample_company.faults import plant_faults
from pipelines.sample_company.simulation import simulate
from pipelines.sample_company.site_files import site_files
from pipelines.sample_company.truth import Json, truth_of

DEFAULT_SEED = 20261031
TRUTH_FILE = "truth.json"


@dataclass(frozen=True, slots=True)
class FormatFiles:
    """The files of one format, in the order in which they are loaded."""

    format: str
    paths: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class SampleCompany:
    """What was written: files by format, in loading order, and the truth."""

    loads: tuple[FormatFiles, ...]
    truth: Json


def write_sample_company(folder: Path, *, size: str = "standard", seed: int = DEFAULT_SEED) -> SampleCompany:
    """Write the company's feed files and truth below `folder`; the same size and seed write the same bytes.

    Raises:
        KeyError: the size is unknown.
    """
    chosen = SIZES[size]
    history = simulate(chosen, seed)
    files = [*site_files(history, chosen), *channel_files(history, chosen)]
    faulty = plant_faults(files, seed)
    written = [(file.format, file.write(folder)) for file in files]
    truth = truth_of(history, chosen, seed, files, faulty)
    text = json.dumps(truth, ensure_ascii=False, indent=1, sort_keys=True)
    (folder / TRUTH_FILE).write_text(text + "\n", encoding="utf-8")
    return SampleCompany(loads=_loads(written), truth=truth)


def _loads(written: Sequence[tuple[str, Path]]) -> tuple[FormatFiles, ...]:
    grouped = groupby(written, key=lambda pair: pair[0])
    return tuple(FormatFiles(name, tuple(path for _, path in pairs)) for name, pairs in grouped)
