"""The script before the correction: no answer is taken for no invoice."""

from .bank import Bank


def ship_all(bank: Bank, payment: str, parcels: dict[str, int]) -> None:
    for parcel, amount in parcels.items():
        try:
            bank.finalize(payment, parcel, amount)
        except OSError:
            bank.finalize(payment, parcel, amount)  # "no answer, so there is no invoice: once more"
