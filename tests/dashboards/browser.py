"""How the tests look at a page: a real Chromium, as a desk or a phone, that notes what went wrong."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from playwright.sync_api import Browser, Page

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WIDTHS = (390, 820, 1440)
LOCALES = {"en": "en-GB", "zh": "zh-CN"}
PHONE = (
    "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Mobile Safari/537.36"
)
WAIT_MS = 45_000


@dataclass
class Seen:
    """A page with what its browser complained about."""

    page: Page
    base: str
    errors: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)

    def go(self, path: str) -> None:
        """Load an address and wait until its script has run."""
        self.page.goto(f"{self.base}{path}")
        self.settle()

    def settle(self) -> None:
        """Wait until the page's script has run and its first heading is there."""
        self.page.wait_for_selector('[data-testid="stApp"][data-test-script-state="notRunning"]', timeout=WAIT_MS)
        self.page.wait_for_selector("h1", timeout=WAIT_MS)

    def sideways(self) -> int:
        """By how many pixels the page is wider than its window."""
        script = """() => Math.max(...[document.documentElement, ...document.querySelectorAll('[data-testid="stMain"]')]
            .map(element => element.scrollWidth - element.clientWidth))"""
        return int(self.page.evaluate(script))

    def text(self) -> str:
        """Everything the page says."""
        return self.page.locator('[data-testid="stMain"]').inner_text()


@contextmanager
def looking(browser: Browser, base: str, *, width: int, language: str) -> Iterator[Seen]:
    """A fresh visitor at a width: a phone below 500 pixels. The content policy is the real one."""
    is_phone = width < 500
    context = browser.new_context(
        viewport={"width": width, "height": 844 if is_phone else 900},
        locale=LOCALES[language],
        has_touch=is_phone,
        user_agent=PHONE if is_phone else None,
    )
    page = context.new_page()
    page.set_default_timeout(WAIT_MS)
    seen = Seen(page, base)
    page.on("console", lambda message: seen.errors.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: seen.errors.append(str(error)))
    page.on(
        "request",
        lambda request: None if request.url.startswith((base, "data:", "blob:")) else seen.foreign.append(request.url),
    )
    yield seen
    context.close()
