"""Write docs/guide/orders.md, stock.md and returns.md from the stories: `python -m tests.scenarios.guide`.

The stories are what is tested; the guide is their text, so that it cannot say anything else.
"""

from pathlib import Path

HERE = Path(__file__).parent
GUIDE = HERE.parents[1] / "docs" / "guide"
INTRODUCTIONS = {
    "orders": """# Orders

How an order is taken, checked, confirmed, promised stock, shipped and paid. Every story below is a test that runs
against a real core (`tests/scenarios/orders/`). The commands that do the same at the keyboard are `oms order`,
`oms allocation`, `oms wave`, `oms ship`, `oms delivery` and `oms payment`; `--help` says more.""",
    "stock": """# Stock

How goods come in, move, are counted and put right. Every story below is a test that runs against a real core
(`tests/scenarios/stock/`). The commands are `oms receive`, `oms transfer`, `oms count`, `oms adjust`, `oms purchase`
and `oms stock`.""",
    "returns": """# Returns and refunds

How goods and money come back. Every story below is a test that runs against a real core
(`tests/scenarios/returns/`). The commands are `oms return` and `oms payment`.""",
}
PEOPLE = """The people: *the shop* is the channel that sends orders, *the clerk* works in customer service,
*the picker* in the stockroom, *the lead* runs operations; *finance*, *the planner* and *the administrator* are what
they are called."""


def guide(area: str) -> str:
    """The page of an area: its introduction and its stories in the order of their files."""
    parts = [INTRODUCTIONS[area], PEOPLE]
    parts += [story(path.read_text(encoding="utf-8")) for path in sorted((HERE / area).glob("*.feature"))]
    return "\n\n".join(parts) + "\n"


def story(text: str) -> str:
    """One feature as a section: its title, what it is about, and each scenario as a list of steps."""
    lines: list[str] = []
    in_text = False
    for line in text.splitlines():
        stripped = line.strip()
        word, _, rest = stripped.partition(" ")
        if stripped.startswith('"""'):
            lines.append("  ```")
            in_text = not in_text
        elif in_text:
            lines.append(f"  {line[6:]}")
        elif word == "Feature:":
            lines.append(f"## {rest}")
        elif word == "Scenario:":
            lines += ["", f"**{rest}**", ""]
        elif stripped == "Background:":
            lines += ["", "*In every story:*", ""]
        elif word in ("Given", "When", "Then", "And"):
            lines.append(f"- {word} {rest}")
        elif stripped and not stripped.startswith("#"):
            lines += ["", stripped]
    return "\n".join(lines)


def write() -> None:
    """Write the three pages."""
    for area in INTRODUCTIONS:
        (GUIDE / f"{area}.md").write_text(guide(area), encoding="utf-8")


if __name__ == "__main__":
    write()
