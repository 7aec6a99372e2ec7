"""A shop's shipping script: each parcel is a part of the payment, and the bank gives its invoice the next number."""
