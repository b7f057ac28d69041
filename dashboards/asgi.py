"""The screens' one process: gate, page shell, static files, health and the Streamlit pages.

`python -m dashboards.asgi --port 8501` serves on the loopback address. Assembly only.
"""

import argparse
import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import streamlit as st
from anyio import to_thread
from starlette.convertors import register_url_convertor
from starlette.middleware import Middleware
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from dashboards.pages import PAGES
from dashboards.server.faults import show_fault
from dashboards.server.gate import LOOPBACK_HOSTS, Gate
from dashboards.server.health import health
from dashboards.server.options import serving_options
from dashboards.server.shell import Elsewhere, index, not_found
from dashboards.server.static_files import PrecompressedStatic
from dashboards.server.warm_up import warm_up

_HERE = Path(__file__).parent


@asynccontextmanager
async def _warm(_app: st.App) -> AsyncGenerator[None, None]:
    await to_thread.run_sync(warm_up)
    yield


def build_app(hosts: frozenset[str] = LOOPBACK_HOSTS) -> st.App:
    """The application; `hosts` are the names it answers to, without port."""
    register_url_convertor("elsewhere", Elsewhere())
    return st.App(
        _HERE / "app.py",
        lifespan=_warm,
        on_script_error=show_fault,
        middleware=[Middleware(Gate, hosts=hosts), Middleware(PrecompressedStatic)],
        routes=[
            Route("/", index),
            *[Route(f"/{page.path}", index) for page in PAGES],
            Route("/health", health),
            Mount("/assets", StaticFiles(directory=_HERE / "assets")),
            Route("/{page:elsewhere}", not_found),
        ],
    )


app = build_app()

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Serve the screens on the loopback address.")
    parser.add_argument("--port", type=int, default=int(os.environ.get("OMS_PORT", "8501")))
    app.run(config=serving_options(parser.parse_args().port))
