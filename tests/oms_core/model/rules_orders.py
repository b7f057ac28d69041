"""Rules about orders: placed, confirmed, held, cancelled, split, merged, closed."""

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from oms_core.domain.order_requests import NewCharge, NewCustomer, NewLine, NewPayment, PlaceOrder
from oms_core.services.cancel_order import CancelOrder, cancel_order
from oms_core.services.change_order import ChangeOrder, change_order
from oms_core.services.close_order import CloseOrder, PrioritiseOrder, close_order, prioritise_order
from oms_core.services.confirm_order import ConfirmOrder, confirm_order
from oms_core.services.merge_orders import MergeOrders, merge_orders
from oms_core.services.order_holds import HoldOrder, ReleaseOrder, hold_order, release_order
from oms_core.services.order_units import LineUnits
from oms_core.services.place_orders import place_order
from oms_core.services.split_order import SplitOrder, split_order
from tests.builders import march, rows_of
from tests.oms_core.model import plain_cuts, plain_orders
from tests.oms_core.model.machine_base import MachineBase, picks, wild
from tests.oms_core.model.plain_company import Company, Line, Order, Refused
from tests.order_cases import BERLIN

Answer = dict[str, Any] | None
HOLDS = st.sampled_from(["fraud", "address", "stock", "manual", "change"])
OPEN = ("pending", "confirmed", "on_hold")


class OrderRules(MachineBase):
    """What people do to orders."""

    def order(self, pick: int, *states: str, anything: bool) -> str | None:
        """The number of an order in one of these states, or of any."""
        orders = list(self.company.orders.values())
        return self.choose(
            [it.number for it in orders if it.state in states], [it.number for it in orders], pick, anything=anything
        )

    def request(self, number: str, terms: str, lines: list[tuple[str, int, int, int]], **more: Any) -> PlaceOrder:
        """An order of (sku, units, discount in cents, tax in percent) lines at ten euros a unit."""
        return PlaceOrder(
            account="shop",
            number=number,
            placed_at=march(2, 12),
            currency="EUR",
            lines=tuple(
                NewLine(str(at), sku, units, 1000, discount=discount, tax_rate=percent * 10_000)
                for at, (sku, units, discount, percent) in enumerate(lines, start=1)
            ),
            customer=NewCustomer(f"C-{number}"),
            ship_to=BERLIN._replace(street=f"Street {number}"),
            payment_terms=terms,
            **more,
        )

    def place(self, terms: str, lines: list[tuple[str, int, int, int]], authorized: int, shipping: int) -> str:
        """Place an order; its number."""
        number = self.number("A")
        payments = (NewPayment("card", "authorize", authorized, "psp", f"with-{number}"),) if authorized else ()
        charges = (NewCharge("shipping", shipping),) if shipping else ()
        request = self.request(number, terms, lines, payments=payments, charges=charges)
        made: dict[str, Line] = {}
        for at, (sku, units, discount, percent) in enumerate(lines, start=1):
            made |= plain_orders.goods_lines(str(at), sku, units, 1000, discount, percent)

        def act(c: Company, _: Answer) -> None:
            plain_orders.place(c, number, terms, made, authorized=authorized, shipping=shipping)

        self.run(place_order, request, act)
        return number

    @rule(
        terms=st.sampled_from(["on_account", "on_account", "cash_on_delivery"]),
        sku=st.sampled_from(["MUG", "CUP"]),
        units=st.integers(1, 6),
        discount=st.sampled_from([0, 0, 7, 333]),
        percent=st.sampled_from([0, 19]),
        shipping=st.sampled_from([0, 490]),
    )
    def place_one(self, terms: str, sku: str, units: int, discount: int, percent: int, shipping: int) -> None:
        self.place(terms, [(sku, units, discount, percent)], 0, shipping)

    @rule(
        mugs=st.integers(1, 4), cups=st.integers(1, 4), sets=st.integers(0, 2), pays=st.sampled_from([0, 9000, 10**6])
    )
    def place_several_lines(self, mugs: int, cups: int, sets: int, pays: int) -> None:
        lines = [("MUG", mugs, 0, 19), ("CUP", cups, 1, 19)] + ([("SET", sets, 0, 7)] if sets else [])
        self.place("prepaid", lines, min(pays, 20_000), 0)

    @rule(units=st.sampled_from([101, 150]))
    def place_so_many_that_somebody_looks(self, units: int) -> None:
        self.place("on_account", [("CUP", units, 0, 0)], 0, 0)

    @precondition(lambda self: self.company.orders)
    @rule(pick=picks, units=st.integers(7, 9))
    def place_a_known_number_with_other_content(self, pick: int, units: int) -> None:
        number = self.order(pick, anything=True)
        assert number

        def act(c: Company, _: Answer) -> None:
            raise Refused("ORDER_NUMBER_TAKEN")

        self.run(place_order, self.request(number, "on_account", [("MUG", units, 0, 0)]), act)

    @precondition(lambda self: self.company.orders)
    @rule(pick=picks, anything=wild)
    def confirm(self, pick: int, *, anything: bool) -> None:
        number = self.order(pick, "pending", anything=anything)
        self.run(confirm_order, ConfirmOrder(f"shop/{number}"), lambda c, _: plain_orders.confirm(c, str(number)))

    @precondition(lambda self: self.company.orders)
    @rule(pick=picks, kind=HOLDS, anything=wild)
    def hold(self, pick: int, kind: str, *, anything: bool) -> None:
        number = self.order(pick, "confirmed", "pending", anything=anything)
        request = HoldOrder(f"shop/{number}", kind, "a look first")
        self.run(hold_order, request, lambda c, _: plain_orders.hold(c, str(number), kind))

    @precondition(lambda self: self.company.orders)
    @rule(pick=picks, kind=st.one_of(st.none(), HOLDS), anything=wild)
    def release_hold(self, pick: int, kind: str | None, *, anything: bool) -> None:
        number = self.order(pick, "on_hold", anything=anything)
        request = ReleaseOrder(f"shop/{number}", "looked at", kind if anything else None)
        self.run(release_order, request, lambda c, _: plain_orders.release(c, str(number), request.kind))

    @precondition(lambda self: self.company.orders)
    @rule(pick=picks, anything=wild)
    def cancel_whole(self, pick: int, *, anything: bool) -> None:
        number = self.order(pick, *OPEN, anything=anything)
        request = CancelOrder(f"shop/{number}", "not wanted")
        self.run(cancel_order, request, lambda c, _: plain_cuts.cancel(c, str(number)))

    def units(self, order: Order, pick: int, units: int, *, anything: bool) -> dict[str, int] | None:
        """Units of one line that can be cut, or of any."""
        fits = [
            key
            for key, line in order.lines.items()
            if not line.bundle and line.wanted - plain_cuts.busy(order, key) >= units
        ]
        key = self.choose(fits, list(order.lines), pick, anything=anything)
        return None if key is None else {key: units}

    @precondition(lambda self: self.company.orders)
    @rule(pick=picks, line=picks, units=st.integers(1, 3), anything=wild)
    def cancel_units(self, pick: int, line: int, units: int, *, anything: bool) -> None:
        number = str(self.order(pick, *OPEN, anything=anything))
        asked = self.units(self.company.orders[number], line, units, anything=anything) or {}
        request = CancelOrder(f"shop/{number}", "fewer", tuple(LineUnits(*it) for it in asked.items()))
        self.run(cancel_order, request, lambda c, _: plain_cuts.cancel_units(c, number, asked))

    @precondition(lambda self: self.company.orders)
    @rule(pick=picks, line=picks, units=st.integers(1, 3), stale=wild, anything=wild)
    def change_to_fewer(self, pick: int, line: int, units: int, *, stale: bool, anything: bool) -> None:
        number = str(self.order(pick, *OPEN, anything=anything))
        order = self.company.orders[number]
        (key,) = self.units(order, line, units, anything=anything) or (next(iter(order.lines)),)
        wanted = order.lines[key].wanted
        left = max(0, wanted - units)
        ((version,),) = rows_of(self.core, f"select edit_version from sales_order where external_id = '{number}'")
        request = ChangeOrder(f"shop/{number}", version + stale, "fewer", (LineUnits(key, left),))

        def act(c: Company, _: Answer) -> None:
            plain_cuts.change_to_fewer(c, number, key, wanted - left, stale=stale)

        self.run(change_order, request, act)

    @precondition(lambda self: self.company.orders)
    @rule(pick=picks, line=picks, units=st.integers(1, 3), anything=wild)
    def split(self, pick: int, line: int, units: int, *, anything: bool) -> None:
        number = str(self.order(pick, "confirmed", "pending", anything=anything))
        asked = self.units(self.company.orders[number], line, units, anything=anything) or {}
        request = SplitOrder(f"shop/{number}", tuple(LineUnits(*it) for it in asked.items()), "in two parcels")

        def act(c: Company, answer: Answer) -> None:
            child = None if answer is None else answer["child"]["order"].removeprefix("shop/")
            plain_cuts.split(c, number, asked, child)

        self.run(split_order, request, act)

    @precondition(lambda self: len(self.company.orders) > 1)
    @rule(pick=picks, other=picks, anything=wild)
    def merge(self, pick: int, other: int, *, anything: bool) -> None:
        orders = self.company.orders
        pairs = [
            (one, two)
            for one in orders
            for two in orders
            if one != two and orders[one].customer == orders[two].customer and orders[two].state in OPEN
        ]
        every = [(one, two) for one in orders for two in orders if one != two]
        pair = self.choose(pairs, every, pick * 7 + other, anything=anything)
        assert pair
        request = MergeOrders((f"shop/{pair[0]}", f"shop/{pair[1]}"), "one parcel")
        self.run(merge_orders, request, lambda c, _: plain_cuts.merge(c, *pair))

    @precondition(lambda self: self.company.orders)
    @rule(pick=picks, priority=st.integers(-2, 5), anything=wild)
    def prioritise(self, pick: int, priority: int, *, anything: bool) -> None:
        number = str(self.order(pick, *OPEN, anything=anything))
        request = PrioritiseOrder(f"shop/{number}", priority)
        self.run(prioritise_order, request, lambda c, _: plain_orders.prioritise(c, number, priority))

    @precondition(lambda self: self.company.orders)
    @rule(pick=picks, anything=wild)
    def close(self, pick: int, *, anything: bool) -> None:
        number = str(self.order(pick, "confirmed", anything=anything))
        self.run(close_order, CloseOrder(f"shop/{number}"), lambda c, _: plain_orders.close(c, number))
