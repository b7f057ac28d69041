"""Text that others wrote (titles, reasons, names): shown as it is, never read as Markdown."""

import re

_SPECIAL = re.compile(r"([\\`*_{}\[\]()#+\-.!|~:$<>&])")


def literal(text: str) -> str:
    """The text with everything escaped that Markdown or Streamlit's own directives would act on."""
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))
