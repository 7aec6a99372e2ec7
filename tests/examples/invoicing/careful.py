"""The script corrected: a number is its own only when the vendor has moved on, and "no answer" is not "no"."""

from .resurs import Resurs


def invoice_all(resurs: Resurs, orders: list[str]) -> list[tuple[int, str]]:
    return [(reserve(resurs), order) for order in orders]


def reserve(resurs: Resurs, attempts: int = 5) -> int:
    number = resurs.peek()
    for _ in range(attempts):
        try:
            resurs.set_next(number + 1)  # saying the same again changes nothing, so it may be said again
        except OSError:
            continue
        return number
    raise RuntimeError(f"{number} may be taken or not; somebody must look")
