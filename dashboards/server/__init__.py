"""Serving: the gate, the page shell, static files, health and the options of the one process. No page content."""
