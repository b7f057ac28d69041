"""The page list: one entry a screen, read by the entry script (navigation) and by the server (page loads).

No drawing here, and no title: titles are texts (`pages.<name>.title`).
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class PageEntry:
    """One screen: its name in texts, its URL and the right it needs."""

    name: str
    permission: str
    icon: str
    section: str | None = None  # None: hidden, reached from another page

    @property
    def path(self) -> str:
        """The URL path without its leading slash; once given, it stays."""
        return self.name.replace("_", "-")

    @property
    def file(self) -> str:
        """The page file, relative to the entry script."""
        return f"screens/{self.name}.py"


PAGES: Final = (
    PageEntry("overview", permission="analytics.read", icon=":material/monitoring:", section="analyse"),
    PageEntry("orders", permission="orders.read", icon=":material/receipt_long:", section="operate"),
    PageEntry("waves", permission="orders.read", icon=":material/local_shipping:", section="operate"),
    PageEntry("returns_desk", permission="orders.read", icon=":material/undo:", section="service"),
    PageEntry("order", permission="orders.read", icon=":material/receipt:"),
)
SECTIONS: Final = ("analyse", "operate", "service")
HOME: Final = "/overview"

PAGE_BY_PATH: Final = {page.path: page for page in PAGES}
