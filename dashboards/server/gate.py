"""The gate: every http request and websocket passes here before anything else runs.

It believes no identity a browser sends, knows which host names are ours, lets no other origin open a
websocket, and puts the security headers on every answer. Pure ASGI, so it sees both protocols.
"""

from http.cookies import CookieError, SimpleCookie
from typing import Final, TypeAlias
from urllib.parse import parse_qs, urlsplit

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dashboards.identity import LOCAL_OPERATOR, User
from dashboards.language import LANGUAGES, choose_language

LANGUAGE_COOKIE: Final = "oms_lang"
LOOPBACK_HOSTS: Final = frozenset({"localhost", "127.0.0.1", "::1"})

_POLICY: Final = (
    "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self' data: blob:; worker-src 'self' blob:; "
    "media-src 'self' blob:; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
)
SECURITY_HEADERS: Final = (
    (b"content-security-policy", _POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(self), microphone=(), geolocation=()"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"x-frame-options", b"DENY"),
)
# Downloads and uploads belong to one reader: no shared cache may keep them.
_PRIVATE_PATHS: Final = ("/media/", "/_stcore/upload_file", "/documents/")
# Off by design: counters about readers, and driving the pages by machine.
_CLOSED_PATHS: Final = ("/_stcore/metrics", "/_stcore/agent")

Headers: TypeAlias = list[tuple[bytes, bytes]]


def header(headers: Headers, name: bytes) -> str | None:
    """The first value of a header, None when it is absent. Names come in lower case from the server."""
    for key, value in headers:
        if key == name:
            return value.decode("latin-1")
    return None


def cookie(headers: Headers, name: str) -> str | None:
    """One cookie's value; a malformed cookie header counts as none."""
    try:
        morsel = SimpleCookie(header(headers, b"cookie") or "").get(name)
    except CookieError:
        return None
    return morsel.value if morsel else None


def host_name(host: str | None) -> str | None:
    """The name in a Host header without its port, in lower case; None when it is absent or malformed."""
    if not host:
        return None
    try:
        return urlsplit(f"//{host}").hostname
    except ValueError:
        return None


def is_own_origin(origin: str | None, host: str | None) -> bool:
    """Whether a websocket's Origin is the very address it asks. A missing Origin is not."""
    if not origin or not host:
        return False
    try:
        parts = urlsplit(origin)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and parts.netloc.lower() == host.lower()


def without_forged_identity(headers: Headers) -> Headers:
    """The headers less every `x-oms-*` one (also spelt with underscores): only the gate may write those."""
    return [(key, value) for key, value in headers if not key.lower().replace(b"_", b"-").startswith(b"x-oms-")]


class Gate:
    """Vouches for the reader and shuts the doors nobody should use."""

    def __init__(
        self, app: ASGIApp, *, hosts: frozenset[str] = LOOPBACK_HOSTS, operator: User = LOCAL_OPERATOR
    ) -> None:
        self.app = app
        self.hosts = hosts
        self.operator = operator

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI entry point."""
        if scope["type"] not in {"http", "websocket"}:
            await self.app(scope, receive, send)
            return
        headers = without_forged_identity(list(scope["headers"]))
        host = header(headers, b"host")
        is_known_host = host_name(host) in self.hosts
        if scope["type"] == "websocket":
            if not is_known_host or not is_own_origin(header(headers, b"origin"), host):
                await receive()
                await send({"type": "websocket.close", "code": 4403})
                return
        elif not is_known_host or scope["path"].startswith(_CLOSED_PATHS):
            await _refuse(with_security_headers(send, scope["path"]), status=404 if is_known_host else 421)
            return
        language = choose_language(
            asked=_asked_language(scope),
            cookie=cookie(headers, LANGUAGE_COOKIE),
            accepts=header(headers, b"accept-language"),
        )
        identity = {"uid": self.operator.uid, "sid": "local", "role": self.operator.role, "lang": language}
        headers += [(f"x-oms-{name}".encode(), value.encode()) for name, value in identity.items()]
        outward = with_security_headers(send, scope["path"]) if scope["type"] == "http" else send
        await self.app(dict(scope, headers=headers), receive, outward)


def _asked_language(scope: Scope) -> str | None:
    asked = parse_qs(scope.get("query_string", b"").decode("latin-1")).get("lang", [""])[0]
    return asked if asked in LANGUAGES else None


def with_security_headers(send: Send, path: str) -> Send:
    """A `send` that adds the security headers, replacing any the inner application set."""
    names = {name for name, _ in SECURITY_HEADERS}
    extra: Headers = list(SECURITY_HEADERS)
    if path.startswith(_PRIVATE_PATHS):
        extra.append((b"cache-control", b"private, no-store"))
        names.add(b"cache-control")

    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            kept = [(key, value) for key, value in message.get("headers", []) if key.lower() not in names]
            message = {**message, "headers": kept + extra}
        await send(message)

    return send_with_headers


async def _refuse(send: Send, *, status: int) -> None:
    body = b"Not here."
    start = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": start})
    await send({"type": "http.response.body", "body": body})
