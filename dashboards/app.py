"""The entry script: page settings, navigation, the frame around every page. No content of a page.

Page files lie in `screens/`: a folder called `pages` beside this script would be served past the guard.
"""

from pathlib import Path

import streamlit as st

from dashboards.components.frame import frame, remember
from dashboards.components.speech import speaker
from dashboards.identity import current_user
from dashboards.pages import PAGES

user = current_user()
say = speaker()
home = st.Page("screens/home.py", default=True, visibility="hidden")
pages = {
    page.name: st.Page(
        page.file,
        title=say.text("app.tab", page=say.text(f"pages.{page.name}.title")),
        url_path=page.path,
    )
    for page in PAGES
    if user is not None and user.may(page.permission)
}
current = st.navigation([home, *pages.values()], position="hidden")
st.set_page_config(
    page_icon=str(Path(__file__).parent / "assets" / "icon.png"), layout="wide", initial_sidebar_state=210
)
frame(pages)
current.run()
remember(current.url_path)
