"""The stories of orders, each in a file of its own that a clerk can read."""

from pytest_bdd import scenarios

scenarios("orders")
