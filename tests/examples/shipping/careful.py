"""The corrected script: without an answer it asks what the bank has invoiced, before it says anything twice."""

from .bank import Bank


def ship_all(bank: Bank, payment: str, parcels: dict[str, int]) -> None:
    for parcel, amount in parcels.items():
        ship(bank, payment, parcel, amount)


def ship(bank: Bank, payment: str, parcel: str, amount: int, attempts: int = 5) -> None:
    for _ in range(attempts):
        try:
            bank.finalize(payment, parcel, amount)
        except OSError:
            if parcel not in dict(bank.invoices(payment)):
                continue  # the bank has not heard of it
        return
    raise RuntimeError(f"{parcel} may be invoiced or not; somebody must look")
