"""What an order is said to wait for, from its document alone."""

from typing import Any

import pytest

from dashboards.queries.order_steps import Step, open_lines, places_to_release, steps_of


def line(**units: int) -> dict[str, Any]:
    counted = ("cancelled", "moved", "shipped", "allocated", "reserved", "delivered")
    known = {f"{name}_quantity": units.get(name, 0) for name in counted}
    return {"line_id": 1, "line_key": "1", "line_kind": "item", "parent_line_id": None, "quantity": 3, **known}


def order(**facts: Any) -> dict[str, Any]:
    plain = {
        "holds": [],
        "lifecycle": "confirmed",
        "fulfilled_here": True,
        "payment_status": "paid",
        "lines": [line()],
        "promises": [],
        "shipments": [],
        "return_requests": [],
        "to_refund": None,
    }
    return plain | facts


def parcel(state: str, picked: int | None = None) -> dict[str, Any]:
    return {"state": state, "location": "MAIN", "lines": [{"quantity": 3, "picked": picked}]}


PROMISED = {"lines": [line(allocated=3)], "promises": [{"location": "MAIN", "allocated": 3}]}


@pytest.mark.parametrize(
    ("facts", "steps"),
    [
        ({"holds": [{"kind": "address"}], "lifecycle": "on_hold"}, [Step.RELEASE]),
        ({"lifecycle": "pending", "payment_status": "unpaid"}, [Step.PAY, Step.CONFIRM]),
        ({"lifecycle": "pending"}, [Step.CONFIRM]),
        ({}, [Step.ALLOCATE]),
        ({"fulfilled_here": False}, [Step.ELSEWHERE]),
        (PROMISED, [Step.WAVE]),
        (PROMISED | {"shipments": [parcel("planned")]}, [Step.WAVE]),
        (PROMISED | {"shipments": [parcel("released")]}, [Step.PARCEL]),
        ({"lines": [line(shipped=3)], "shipments": [parcel("shipped", 3)]}, [Step.PARCEL]),
        ({"lifecycle": "closed", "lines": [line(shipped=3, delivered=3)]}, [Step.NOTHING]),
        ({"lifecycle": "closed", "return_requests": [{"state": "requested"}]}, [Step.RETURN]),
        ({"lifecycle": "cancelled", "to_refund": "26.50"}, [Step.REFUND]),
    ],
)
def test_an_order_waits_for(facts: dict[str, Any], steps: list[Step]):
    assert steps_of(order(**facts)) == steps


def test_a_bundle_is_open_by_its_components():
    bundle = line() | {"line_id": 7, "line_key": "7"}
    component = line(shipped=1) | {"line_id": 8, "line_key": "8", "parent_line_id": 7}

    assert [(it["line_key"], it["open"]) for it in open_lines(order(lines=[bundle, component]))] == [("8", 2)]


def test_an_order_that_is_held_has_nothing_to_release():
    assert places_to_release(order(**PROMISED, lifecycle="on_hold")) == []
