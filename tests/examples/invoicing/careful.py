"""The corrected script: it uses a number only when the vendor has moved on, and does not read "no answer" as "no"."""

from .resurs import Resurs


def invoice_all(resurs: Resurs, orders: list[str]) -> list[tuple[int, str]]:
    return [(reserve(resurs), order) for order in orders]


def reserve(resurs: Resurs, attempts: int = 5) -> int:
    number = resurs.peek()
    for _ in range(attempts):
        try:
            resurs.set_next(number + 1)  # the same request twice changes nothing, so it is safe to repeat
        except OSError:
            continue
        return number
    raise RuntimeError(f"{number} may be taken or not; somebody must look")
