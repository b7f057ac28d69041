"""The options the screens run with: address, what the browser may see of a fault, and the look.

Given to Streamlit as overrides, so no file in a home folder or working directory changes them.
"""

from typing import Final

# Ten colours, told apart by readers with colour blindness and dark enough for lines on white.
PALETTE: Final = (
    "#1f5f8b",
    "#b4541a",
    "#3b7d3b",
    "#7a4fa3",
    "#a8324a",
    "#5b6b73",
    "#8a6d0b",
    "#0f7c7c",
    "#94477f",
    "#44546a",
)

FONTS: Final = (
    "system-ui, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, 'Noto Sans', 'Noto Sans SC', 'PingFang SC', "
    "'Microsoft YaHei', 'Noto Sans CJK SC', sans-serif"
)

_LIGHT: Final = {
    "primaryColor": "#1f5f8b",
    "backgroundColor": "#ffffff",
    "secondaryBackgroundColor": "#f3f5f7",
    "textColor": "#0f1720",
    "linkColor": "#1f5f8b",
    "borderColor": "#cfd6dd",
    "greenTextColor": "#1f6b34",
    "redTextColor": "#a3202f",
    "grayTextColor": "#55626e",
}

_DARK: Final = {
    "primaryColor": "#6db3e8",
    "backgroundColor": "#12181f",
    "secondaryBackgroundColor": "#1b242d",
    "textColor": "#e6ebf0",
    "linkColor": "#8cc4ee",
    "borderColor": "#3a4651",
    "greenTextColor": "#7fd494",
    "redTextColor": "#ff9aa5",
    "grayTextColor": "#a9b5c0",
}

# What the gate injects, and the name `st.user` gives it.
IDENTITY_HEADERS: Final = {"X-Oms-Uid": "uid", "X-Oms-Sid": "sid", "X-Oms-Role": "role"}


def serving_options(port: int) -> dict[str, object]:
    """Streamlit options by dotted name for one process on the loopback address."""
    options: dict[str, object] = {
        "server.address": "127.0.0.1",
        "server.port": port,
        "server.headless": True,
        "server.fileWatcherType": "none",
        "server.maxUploadSize": 8,
        "server.enableStaticServing": False,
        "server.trustedUserHeaders": dict(IDENTITY_HEADERS),
        "client.toolbarMode": "minimal",
        "client.showErrorDetails": "none",
        "client.showSidebarNavigation": False,
        "global.disableWidgetStateDuplicationWarning": True,  # see components.address.seed
        "browser.gatherUsageStats": False,
        "browser.serverAddress": "localhost",
        "logger.hideWelcomeMessage": True,
        "theme.font": FONTS,
        "theme.headingFont": FONTS,
        "theme.baseRadius": "small",
        "theme.metricValueFontSize": "1.6rem",
        "theme.headingFontSizes": ["1.6rem", "1.2rem", "1.05rem", "1rem", "0.95rem", "0.9rem"],
        "theme.headingFontWeights": [600, 600, 600, 600, 600, 600],
        "theme.paddingTop": "1.5rem",
        "theme.paddingBottom": "2rem",
        "theme.chartCategoricalColors": list(PALETTE),
    }
    options |= {f"theme.light.{name}": value for name, value in _LIGHT.items()}
    options |= {f"theme.dark.{name}": value for name, value in _DARK.items()}
    return options
