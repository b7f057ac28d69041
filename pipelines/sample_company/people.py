"""Invented customers: a number gives a name and an address at a domain kept for examples."""

_FIRST = ("Ada", "Bela", "Carl", "Dilan", "Edda", "Femi", "Greta", "Hauke", "Ines", "Jonas", "Kaya", "Lin", "Mira")
_LAST = ("Abel", "Brandt", "Carstens", "Demir", "Engel", "Fuchs", "Gao", "Huber", "Iversen", "Jansen", "Kurz")


def name_of(person: int) -> str:
    """The full name of customer number `person`."""
    return f"{_FIRST[person % len(_FIRST)]} {_LAST[person % len(_LAST)]}"


def email_of(person: int) -> str:
    """The address of customer number `person`; nothing is ever delivered to `.example`."""
    return f"{name_of(person).lower().replace(' ', '.')}.{person}@mail.example"
