"""The stories of returns, each in a file of its own that a clerk can read."""

from pytest_bdd import scenarios

scenarios("returns")
