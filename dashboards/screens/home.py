"""The root: leads to the overview. The server redirects page loads; this is for links inside the page."""

import streamlit as st

from dashboards.identity import guard

guard("analytics.read")
st.switch_page("screens/overview.py", query_params=st.query_params.to_dict())
