"""The core: records what happened, and nothing else.

`services → storage → domain`. Orders, returns, stock movements and feed messages are facts, appended;
states and balances are derived from them by the database itself. Nothing here knows of feeds' file
formats, of the analytics database or of screens.
"""
