"""The script before the correction: it asks for the number once, and counts on by itself after each yes of the vendor."""

from .resurs import Resurs


def invoice_all(resurs: Resurs, orders: list[str]) -> list[tuple[int, str]]:
    written = []
    number = resurs.peek()
    for order in orders:
        written.append((number, order))
        try:
            resurs.set_next(number + 1)
        except OSError:
            continue  # "no answer, so it was not set: the number is still free"
        number += 1
    return written
