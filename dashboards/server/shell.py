"""The page shell: the HTML of a page load, in the reader's language and without inline script.

The tags of the bundles are taken from the installed package's own index.html, so an upgrade brings its own.
"""

import html
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Final

import streamlit
from starlette.convertors import PathConvertor
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from dashboards.identity import RIGHTS
from dashboards.language import HTML_LANGUAGE, LANGUAGES, Speaker
from dashboards.pages import HOME, PAGE_BY_PATH
from dashboards.server.gate import LANGUAGE_COOKIE

STREAMLIT_STATIC: Final = Path(streamlit.__file__).parent / "static"
_KEPT_LINKS: Final = frozenset({"modulepreload", "stylesheet"})
_YEAR_SECONDS: Final = 31_536_000


class _AssetTags(HTMLParser):
    """Collects the bundle tags of Streamlit's index.html: external scripts, preloads of them, style sheets."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep what loads a bundle, with an absolute address."""
        named = dict(attrs)
        if tag == "script" and (source := named.get("src")):
            self.tags.append(f'<script type="module" crossorigin src="{_absolute(source)}"></script>')
        elif tag == "link" and named.get("rel") in _KEPT_LINKS and (target := named.get("href")):
            self.tags.append(f'<link rel="{named["rel"]}" crossorigin href="{_absolute(target)}">')


def _absolute(address: str) -> str:
    return html.escape("/" + address.removeprefix("./").lstrip("/"))


@cache
def asset_tags() -> str:
    """The bundle tags, one a line."""
    parser = _AssetTags()
    parser.feed((STREAMLIT_STATIC / "index.html").read_text("utf-8"))
    return "\n    ".join(parser.tags)


class Elsewhere(PathConvertor):
    """Any address that is neither one of ours nor one of Streamlit's own, which come after our routes."""

    regex = r"(?!_stcore/|static/|media/|component/).+"


_PAGE: Final = """<!DOCTYPE html>
<html lang="{language}">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>{title}</title>
    <link rel="icon" type="image/png" href="/assets/icon.png">
    <link rel="stylesheet" href="/assets/shell.css">
    <script src="/assets/shell.js"></script>
    {assets}
  </head>
  <body>
    <noscript><p>{noscript}</p></noscript>
    <div id="root"></div>
  </body>
</html>
"""

_MESSAGE: Final = """<!DOCTYPE html>
<html lang="{language}">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>{title}</title>
    <link rel="icon" type="image/png" href="/assets/icon.png">
    <link rel="stylesheet" href="/assets/shell.css">
  </head>
  <body class="message">
    <main><h1>{title}</h1><p>{sentence}</p><p><a href="{home}">{link}</a></p></main>
  </body>
</html>
"""


async def index(request: Request) -> Response:
    """The shell of a page, 403 in words when the role lacks the right, a redirect from the root."""
    path = request.url.path.strip("/")
    if not path:
        query = f"?{request.url.query}" if request.url.query else ""
        return RedirectResponse(HOME + query, status_code=307)
    speaker = Speaker(request.headers["x-oms-lang"])
    page = PAGE_BY_PATH[path]
    if page.permission not in RIGHTS.get(request.headers["x-oms-role"], frozenset()):
        return message_page(speaker, "forbidden", status=403, right=speaker.text(f"rights.{page.permission}"))
    title = speaker.text("app.tab", page=speaker.text(f"pages.{page.name}.title"))
    body = _PAGE.format(
        language=HTML_LANGUAGE[speaker.language],
        title=html.escape(title),
        noscript=html.escape(speaker.text("app.noscript")),
        assets=asset_tags(),
    )
    response = HTMLResponse(body, headers={"cache-control": "no-cache", "vary": "accept-language, cookie"})
    if request.query_params.get("lang") in LANGUAGES:
        response.set_cookie(LANGUAGE_COOKIE, speaker.language, max_age=_YEAR_SECONDS, samesite="lax", path="/")
    return response


async def not_found(request: Request) -> Response:
    """An address that is no page, in words."""
    return message_page(Speaker(request.headers["x-oms-lang"]), "not_found", status=404)


def message_page(speaker: Speaker, kind: str, *, status: int, **values: str) -> HTMLResponse:
    """A plain page that says one thing and leads home."""
    body = _MESSAGE.format(
        language=HTML_LANGUAGE[speaker.language],
        title=html.escape(speaker.text(f"server.{kind}.title")),
        sentence=html.escape(speaker.text(f"server.{kind}.sentence", **values)),
        home=HOME,
        link=html.escape(speaker.text("server.home_link")),
    )
    return HTMLResponse(body, status_code=status, headers={"cache-control": "no-store"})
