"""The log of what was asked and what was answered, each line on the disk before anything else happens."""

import base64
import json
import os
import pickle
from pathlib import Path
from typing import Any, NamedTuple


class Intent(NamedTuple):
    """A command that is about to be sent."""

    number: int
    key: str
    case: str
    request: Any
    now: int


class Answer(NamedTuple):
    """What came back: a document, or the code of a refusal."""

    key: str
    document: dict[str, Any] | None
    code: str
    repeated: bool


class AckLog:
    """A file of JSON lines; a line that a kill cut short was never written."""

    def __init__(self, path: Path) -> None:
        path.touch()
        whole = path.read_bytes()
        os.truncate(path, whole.rfind(b"\n") + 1)
        self._file = path.open("ab")
        self.intents: dict[str, Intent] = {}
        self.answers: dict[str, Answer] = {}
        for line in path.read_text(encoding="utf-8").splitlines():
            self._read(json.loads(line))

    def _read(self, line: dict[str, Any]) -> None:
        if line["what"] == "intent":
            request = pickle.loads(base64.b64decode(line["request"]))  # noqa: S301 - we wrote it ourselves
            intent = Intent(line["number"], line["key"], line["case"], request, line["now"])
            self.intents[intent.key] = intent
        else:
            answer = Answer(line["key"], line["document"], line["code"], line["repeated"])
            assert answer.key not in self.answers, f"{answer.key} was answered twice"
            self.answers[answer.key] = answer

    @property
    def open_intent(self) -> Intent | None:
        """The command whose answer nobody has seen."""
        return next((it for key, it in self.intents.items() if key not in self.answers), None)

    def intend(self, intent: Intent) -> None:
        """Say what is about to be sent."""
        request = base64.b64encode(pickle.dumps(intent.request)).decode()
        self._write({"what": "intent", **intent._asdict(), "request": request})
        self.intents[intent.key] = intent

    def acknowledge(self, answer: Answer) -> None:
        """Say what was answered."""
        self._write({"what": "answer", **answer._asdict()})
        self.answers[answer.key] = answer

    def _write(self, line: dict[str, Any]) -> None:
        self._file.write(json.dumps(line).encode() + b"\n")
        self._file.flush()
        os.fsync(self._file.fileno())
