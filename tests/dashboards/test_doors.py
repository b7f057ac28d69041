"""Doors: who may open a websocket, what the gate believes, which headers every answer carries. Real server."""

import base64
import gzip
import http.client
import os
import re
import socket
from pathlib import Path

import pytest
import streamlit

from dashboards.server.gate import host_name, is_own_origin, without_forged_identity


def get(server, path: str, **headers: str) -> tuple[http.client.HTTPResponse, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
    connection.request("GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()})
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer, body


def websocket_status(server, *, origin: str | None, host: str | None = None, extra: str = "") -> int:
    """The HTTP status of a websocket handshake, written by hand: a client library would add an Origin of its own."""
    lines = [
        "GET /_stcore/stream HTTP/1.1",
        f"Host: {host or f'127.0.0.1:{server.port}'}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Version: 13",
        f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}",
        *([f"Origin: {origin}"] if origin is not None else []),
        *([extra] if extra else []),
    ]
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as line:
        line.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        first = line.recv(200).decode("latin-1")
    return int(first.split()[1])


def test_a_websocket_from_our_own_page_opens(server):
    assert websocket_status(server, origin=server.base) == 101


@pytest.mark.parametrize("origin", [None, "", "null", "https://evil.example", "http://127.0.0.1:1", "ftp://127.0.0.1"])
def test_a_websocket_without_our_origin_is_refused(server, origin: str | None):
    assert websocket_status(server, origin=origin) == 403


def test_a_name_that_was_pointed_at_us_is_refused(server):
    host = f"rebound.example:{server.port}"

    assert websocket_status(server, origin=f"http://{host}", host=host) == 403
    assert get(server, "/overview", Host=host)[0].status == 421


def test_a_forged_identity_does_not_reach_the_page(server):
    answer, _ = get(server, "/overview", X_Oms_Role="customer", x_oms_lang="xx")

    assert answer.status == 200


def test_every_spelling_of_the_identity_headers_is_dropped():
    kept = without_forged_identity([(b"X-OMS-Uid", b"a"), (b"x_oms_role", b"b"), (b"x-oms-", b"c"), (b"accept", b"d")])

    assert kept == [(b"accept", b"d")]


@pytest.mark.parametrize("path", ["/overview", "/orders", "/health", "/nothing", "/_stcore/health", "/assets/shell.js"])
def test_every_answer_carries_the_security_headers(server, path: str):
    answer, _ = get(server, path)

    policy = answer.headers["content-security-policy"]
    assert "script-src 'self' 'wasm-unsafe-eval';" in policy
    assert "frame-ancestors 'none'" in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "same-origin"
    assert answer.headers["cross-origin-opener-policy"] == "same-origin"


def test_the_root_leads_to_the_overview_with_its_query(server):
    answer, _ = get(server, "/?lang=zh")

    assert (answer.status, answer.headers["location"]) == (307, "/overview?lang=zh")


@pytest.mark.parametrize(
    ("headers", "query", "language"),
    [
        ({"Accept_Language": "zh-CN,zh;q=0.9"}, "", "zh-CN"),
        ({"Accept_Language": "de"}, "", "en-GB"),
        ({"Accept_Language": "en", "Cookie": "oms_lang=zh"}, "", "zh-CN"),
        ({"Accept_Language": "en", "Cookie": "oms_lang=zh"}, "?lang=en", "en-GB"),
        ({"Cookie": 'oms_lang="><script>'}, "", "en-GB"),
    ],
)
def test_the_document_is_in_the_reader_s_language(server, headers: dict[str, str], query: str, language: str):
    answer, body = get(server, f"/overview{query}", **headers)

    assert answer.status == 200
    assert f'<html lang="{language}">' in body.decode()


def test_the_shell_has_no_inline_script_and_the_package_s_own_bundles(server):
    body = get(server, "/overview")[1].decode()

    shipped = (Path(streamlit.__file__).parent / "static" / "index.html").read_text("utf-8")
    bundles = re.findall(r'(?:src|href)="\.(/static/(?:js|css)/[^"]+)"', shipped)
    assert len(bundles) > 10
    assert [bundle for bundle in bundles if f'"{bundle}"' not in body] == []
    assert re.findall(r"<script(?![^>]*\bsrc=)", body) == []
    assert "http://" not in body
    assert "https://" not in body


def test_an_unknown_page_is_a_404_in_words(server):
    answer, body = get(server, "/no/such/page", Accept_Language="zh")

    assert answer.status == 404
    assert "没有这个页面" in body.decode()


@pytest.mark.parametrize(
    "path", ["/_stcore/metrics", "/_stcore/agent/openapi.json", "/static/../index.html", "/assets/../app.py"]
)
def test_what_nobody_needs_is_closed(server, path: str):
    assert get(server, path)[0].status in {400, 404}


def test_bundles_are_sent_compressed_and_are_the_same_bytes(server):
    bundle = next((Path(streamlit.__file__).parent / "static" / "static" / "js").glob("index.*.js"))

    answer, body = get(server, f"/static/js/{bundle.name}", Accept_Encoding="gzip")

    assert answer.headers["content-encoding"] == "gzip"
    assert "immutable" in answer.headers["cache-control"]
    assert gzip.decompress(body) == bundle.read_bytes()
    assert len(body) < bundle.stat().st_size / 2


@pytest.mark.parametrize(
    ("host", "name"),
    [("localhost:8501", "localhost"), ("[::1]:8501", "::1"), ("LOCALHOST", "localhost"), (None, None), ("[", None)],
)
def test_a_host_header_is_read_as_a_name(host: str | None, name: str | None):
    assert host_name(host) == name


def test_an_origin_is_ours_only_whole():
    assert is_own_origin("http://localhost:8501", "localhost:8501")
    assert not is_own_origin("http://localhost", "localhost:8501")
    assert not is_own_origin("http://localhost:8501.evil.example", "localhost:8501")
    assert not is_own_origin("http://[", "[")
