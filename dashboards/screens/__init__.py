"""One question a page; each file is run by the entry script and begins with its guard."""
