"""Text that others wrote (titles, reasons, names): shown as it is, never read as Markdown."""

import re
from typing import Final

_SPECIAL: Final = re.compile(r"([\\`*_{}\[\]()#+\-.!|~:$<>&])")
# Addresses become links even when escaped; an invisible joiner inside keeps them text.
_LINKED: Final = re.compile(r"(://|www|@)", re.IGNORECASE)
_JOINER: Final = "\u2060"


def literal(text: str) -> str:
    """The text with everything escaped that Markdown or Streamlit's own directives would act on."""
    unlinked = _LINKED.sub(
        lambda found: found[0][0] + _JOINER + found[0][1:] if len(found[0]) > 1 else _JOINER + found[0],
        " ".join(text.split()),
    )
    return _SPECIAL.sub(r"\\\1", unlinked)
