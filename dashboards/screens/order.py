"""One order: what is in it, and what happened to it?"""

import streamlit as st

from dashboards.components.back import back_link
from dashboards.components.notice import refused
from dashboards.components.order_detail import order_detail
from dashboards.components.speech import speaker
from dashboards.identity import guard
from dashboards.queries import orders
from oms_core.domain.errors import OmsError

guard("orders.read")
say = speaker()
back_link("screens/orders.py", say.text("order.back"), prefix="or")
try:
    names = {key: account.name for key, account in orders.accounts().items()}
    order_detail(orders.shown(st.query_params.get("id", "")), zone=orders.zone(), accounts=names)
except OmsError as error:
    st.title(say.text("pages.order.title"), anchor=False)
    refused(error)
