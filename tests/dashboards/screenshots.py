"""Screenshots of every page at three widths in both languages, for looking at and for the guide.

`python -m tests.dashboards.screenshots [--clerk] [--home HOME] [--out FOLDER]`; without a home the sample company is
made, with `--clerk` the stage of a clerk's day.
"""

import argparse
import tempfile
from collections.abc import Mapping
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

from dashboards.language import LANGUAGES
from oms_core.services import live, order_detail, orders_read
from oms_core.settings import Settings
from tests.conftest import BROWSERS
from tests.dashboards.browser import FLAGS, WIDTHS, looking
from tests.dashboards.clerk_stage import set_busy_stage
from tests.dashboards.conftest import REPOSITORY, Server, run_oms

TALLEST = 2_000  # pixels; a longer page is cut
COLOURS = 128  # flat pages: a palette halves the file and shows no difference


def an_order(home: Path) -> str:
    """An order with a return, for the richest detail page; else the newest."""
    engine = live.open_core(Settings.at(home))
    with live.reading(engine) as connection:
        rows = orders_read.find_orders(connection, channel="marketplace", status="closed", limit=300).rows
        for row in rows:
            reference = f"{row.account}/{row.external_id}"
            if order_detail.show_order(connection, reference)["returns"]:
                return reference
    return f"{rows[0].account}/{rows[0].external_id}"


def shoot(home: Path, out: Path, executable: str, pages: Mapping[str, str]) -> list[Path]:
    """Write a picture of each page (address by name) at every width in both languages; gives their paths."""
    out.mkdir(parents=True, exist_ok=True)
    server = Server(home)
    written = []
    try:
        server.wait()
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=executable, headless=True, args=FLAGS)
            for name, path in pages.items():
                for width in WIDTHS:
                    for language in LANGUAGES:
                        with looking(browser, server.base, width=width, language=language) as seen:
                            seen.go(path)
                            if name == "overview":  # the chart engine comes late on a first visit
                                seen.page.wait_for_selector(".js-plotly-plot .main-svg")
                            seen.page.wait_for_timeout(1_500)
                            tall = seen.page.locator('[data-testid="stMain"]').evaluate("main => main.scrollHeight")
                            seen.page.set_viewport_size({"width": width, "height": min(int(tall) + 20, TALLEST)})
                            seen.page.wait_for_timeout(800)
                            file = out / f"{name}-{width}-{language}.png"
                            seen.page.screenshot(path=file)
                        Image.open(file).convert("RGB").quantize(COLOURS).save(file, optimize=True)
                        written.append(file)
            browser.close()
    finally:
        server.stop()
    return written


def sample_pages(home: Path) -> dict[str, str]:
    """The pages of the sample company."""
    return {"overview": "/overview", "orders": "/orders", "order": f"/order?id={an_order(home)}"}


CLERK_PAGES = {
    "held": "/order?id=web/1001",
    "to-pack": "/order?id=web/1005",
    "shipping": "/waves",
    "returns": "/returns-desk",
}


def main() -> None:
    """Command line."""
    import shutil

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path)
    parser.add_argument("--out", type=Path, default=REPOSITORY / "docs" / "guide" / "screens")
    parser.add_argument("--clerk", action="store_true", help="the pages of a clerk's day instead of the sample's")
    chosen = parser.parse_args()
    executable = next(path for name in BROWSERS if (path := shutil.which(name)))
    with tempfile.TemporaryDirectory() as folder:
        home = chosen.home or Path(folder) / "home"
        if chosen.home is None and chosen.clerk:
            set_busy_stage(home)
        elif chosen.home is None:
            run_oms(home, "demo", "--no-serve")
        pages = CLERK_PAGES if chosen.clerk else sample_pages(home)
        for file in shoot(home, chosen.out, executable, pages):
            print(file, f"{file.stat().st_size / 1024:.0f} kB")  # noqa: T201 - a command's answer


if __name__ == "__main__":
    main()
