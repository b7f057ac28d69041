"""Faults: what a reader sees when a page breaks, and what the log keeps to find the cause."""

import logging
import secrets

import streamlit as st

from dashboards.components.speech import speaker

_LOG = logging.getLogger("ordersight.screens")


def show_fault(error: Exception) -> bool:
    """Log the traceback under a short reference, show a sentence with it; True: Streamlit adds nothing."""
    reference = secrets.token_hex(4).upper()
    _LOG.error("fault %s", reference, exc_info=error)
    st.error(speaker().text("faults.page", reference=reference), icon=":material/error:")
    return True
