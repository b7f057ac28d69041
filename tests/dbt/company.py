"""A company with facts of every kind the core exports: the small sample company, and a shop of this core's own.

Belongs here: what happened. The sample company brings what feeds bring; the story that follows brings what commands
bring: shipments, holds, splits, cancellations, payments, promises, returns, counts, transfers, purchases, lots, rates.
"""

from datetime import UTC, datetime

from oms_core.settings import Settings
from pipelines.cli.demo import load_company
from pipelines.sample_company.write import write_sample_company
from tests.cores import opened
from tests.scenarios import conftest as steps
from tests.scenarios.world import World

OPENING = datetime(2026, 11, 2, 9, tzinfo=UTC)  # the Monday after the sample company's last day


def write_company(settings: Settings) -> None:
    """Load the sample company into a new home, then live through the story."""
    load_company(settings, write_sample_company(settings.home / "demo", size="small"))
    with opened(settings) as core:
        world = World(core, now=OPENING)
        for chapter in (_open_shop, _buy, _sell, _wait_for_goods, _hesitate, _take_back, _look_after_stock):
            chapter(world)
        world.end()


def _open_shop(world: World) -> None:
    steps.a_shop(world, "web")
    steps.some_articles(world, "MUG, CUP and TRAY")
    steps.a_bundle(world, "SET", "2", "MUG", "1", "TRAY")
    steps.a_tracked_article(world, "MILK", "lot")
    steps.a_location(world, "YARD", "DE", "1")
    steps.a_location(world, "DOCK", "FR", None)
    steps.on_its_way(world, "ROAD")
    steps.a_lenient_location(world, "SHED")
    steps.a_rate(world, "USD", "0.92")
    steps.some_stock(world, "60", "MUG", "YARD", "4.00")
    steps.some_stock(world, "40", "CUP", "YARD", "1.25")
    steps.some_stock(world, "20", "TRAY", "DOCK", None)
    steps.some_stock(world, "10", "TRAY", "YARD", None)
    steps.some_lot(world, "10", "MILK", "L-1", "2026-12-01", "YARD")


def _buy(world: World) -> None:
    steps.a_supplier(world, "ACME", "2")
    steps.a_price(world, "ACME", "CUP", "1.10", "6", "12")
    steps.orders_goods(world, "the planner", "24", "CUP", "ACME", "YARD", "2026-11-09")
    steps.moves_po(world, "finance", "approve")
    steps.moves_po(world, "the planner", "send")
    steps.days_pass(world, "3")
    steps.slips(world, "the planner", "2026-11-12")
    steps.receives_po(world, "the picker", "18", "CUP", "2", None)


def _sell(world: World) -> None:
    steps.an_order(world, "1001", '3 "MUG" and 1 "CUP" at 9.90', None)
    steps.a_paid_order(world, "1002", '2 "MUG"', "20.00", "card")
    steps.an_order(world, "1003", '1 "SET"', None)
    steps.a_cash_order(world, "1004", '2 "CUP"')
    steps.an_urgent_order(world, "1005", "5", '3 "MUG"')
    steps.places_discounted(world, "the shop", "1006", '2 "CUP" and 1 "TRAY"', "4.55")
    steps.places_in(world, "the shop", "1007", '1 "MUG" at 12.34', "USD")
    for number in ("1001", "1002", "1003", "1004"):
        steps.so_far(world, number, "shipped")
        world.wait(hours=5)
    steps.days_pass(world, "1")
    steps.works(world, "the lead", "deliver", "1001", None)
    steps.works(world, "the lead", "deliver", "1002", None)
    steps.cannot_deliver(world, "the lead", "1004", "nobody at home")
    steps.tries_again(world, "the lead", "1004")
    steps.so_far(world, "1005", "released")
    steps.picks_short(world, "the picker", "2", "MUG", "1005")


def _wait_for_goods(world: World) -> None:
    for name, units in (("TRAY", "40"), ("MUG", "12")):
        steps.a_price(world, "ACME", name, "2.00", "1", "1")
        steps.orders_goods(world, "the planner", units, name, "ACME", "YARD", "2026-11-14")
        steps.moves_po(world, "finance", "approve")
        steps.moves_po(world, "the planner", "send")
        if name == "TRAY":
            steps.an_order(world, "1014", '45 "TRAY"', None)
            steps.allocated(world, "1014")  # what is missing is promised for the day the purchase order comes
            steps.days_pass(world, "1")
            steps.receives_po(world, "the picker", units, name, None, None)
            steps.so_far(world, "1014", "delivered")
        else:
            steps.receives_po(world, "the lead", "14", name, None, ", even too many")


def _hesitate(world: World) -> None:
    steps.an_order(world, "1010", '2 "MUG" and 3 "CUP"', None)
    steps.holds(world, "the clerk", "1010", "manual", "the buyer calls back")
    steps.days_pass(world, "2")
    steps.releases(world, "the clerk", "1010", "he did")
    steps.cancels_units(world, "the clerk", "1", "CUP", "1010", "one too many")
    steps.splits(world, "the clerk", "1", "MUG", "1010", "the rest")
    steps.an_order(world, "1011", '1 "TRAY"', None)
    steps.cancels(world, "the clerk", "1011", "ordered twice")
    steps.an_order(world, "1012", '80 "TRAY"', None)  # more than there is
    steps.an_unpaid_order(world, "1013", '1 "CUP"')
    steps.chooses(world, "the clerk", "express", "1006")
    steps.allocates_all(world, "the clerk")


def _take_back(world: World) -> None:
    steps.asks_return(world, "the clerk", "2", "MUG", "1001", "changed_mind.not_needed")
    steps.approves_return(world, "the clerk", "1001", "YARD")
    steps.days_pass(world, "2")
    steps.takes_in(world, "the picker", "2", "MUG", "1001", "YARD")
    steps.grades(world, "the picker", "1", "MUG", "1001", "YARD", "restock")
    steps.asks_return(world, "the clerk", "1", "MUG", "1002", "faulty.broken")
    steps.refunds(world, "finance", "7.50", "1002", "broken")


def _look_after_stock(world: World) -> None:
    steps.sends(world, "the picker", "8", "MUG", "YARD", "DOCK", "ROAD")
    steps.days_pass(world, "1")
    steps.receives_transfer(world, "the picker", "7", "MUG")
    steps.loses(world, "the lead", "1", "MUG", "fell off the lorry")
    steps.counts(world, "the picker", "20", "CUP", "YARD")
    steps.decides_count(world, "the lead", "approve", "the shelf is empty")
    steps.adjusts(world, "the lead", "MUG", "YARD", "-1", "broken")
    steps.back_dated(world, "the lead", "1", "MUG", "YARD", "4")
    steps.scraps(world, "the lead", "1", "CUP", "YARD")
    steps.adjusts(world, "the lead", "TRAY", "SHED", "-1", "nobody knows")
