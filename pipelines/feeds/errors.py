"""Errors of feeds.

OmsError
└── PermanentFeedError   a rerun cannot help: the map or the file is wrong; nothing of it was written
    ├── MapError         the column map itself
    └── FileRefusedError the file as a whole
"""

from oms_core.domain.errors import InvalidRequestError


class PermanentFeedError(InvalidRequestError):
    """A rerun cannot help; nothing was written."""


class MapError(PermanentFeedError):
    """The column map does not say what it must, or says what does not exist."""


class FileRefusedError(PermanentFeedError):
    """The file cannot be read as its map says."""
