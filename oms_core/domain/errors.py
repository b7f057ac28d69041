"""Errors of the core. Each carries a stable `code` (pages find its text by it), a `reason` and a `remedy`.

OmsError
├── InvalidRequestError      the request makes no sense, whatever the state
├── RuleViolationError       it makes sense, and a rule says no
└── StorageUnavailableError  the database is locked, missing or out of date: nothing was changed
"""


class OmsError(Exception):
    """A failure that can be explained: what, why, and what to do."""

    def __init__(self, code: str, reason: str, *, remedy: str, **details: object) -> None:
        super().__init__(f"{code}: {reason}. {remedy}")
        self.code = code
        self.reason = reason
        self.remedy = remedy
        self.details = details


class InvalidRequestError(OmsError):
    """The request makes no sense, whatever the state."""


class RuleViolationError(OmsError):
    """The request makes sense, and a rule says no."""


class StorageUnavailableError(OmsError):
    """The database cannot be used right now; nothing was changed."""
