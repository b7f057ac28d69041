"""One order: what is in it, what happened to it, and what comes next?"""

import streamlit as st

from dashboards.components.back import back_link
from dashboards.components.notice import refused
from dashboards.components.order_detail import order_detail
from dashboards.components.speech import speaker
from dashboards.identity import guard
from dashboards.queries import orders
from dashboards.queries.desk import order_desk
from dashboards.queries.order_steps import name_of
from oms_core.domain.errors import OmsError

guard("orders.read")
say = speaker()
back_link("screens/orders.py", say.text("order.back"), prefix="or")
try:
    names = {key: account.name for key, account in orders.accounts().items()}
    order = orders.shown(st.query_params.get("id", ""))
    requests = [row["return"] for row in order["return_requests"]]
    skus = sorted({line["sku"] for line in order["lines"] if line["sku"]})
    desk = order_desk(name_of(order), say.language, requests=requests, skus=skus)
    order_detail(order, desk, zone=orders.zone(), accounts=names)
except OmsError as error:
    st.title(say.text("pages.order.title"), anchor=False)
    refused(error)
