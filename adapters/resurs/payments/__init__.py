"""Payments: what a payment is, what may be done to it, and how a change of it becomes one transaction.

`model` values · `status` sums, status set and limits · `specs` amounts and rows · `changes` what each operation does to a
payment · `commit` a change as one transaction, with its number, its document and its callbacks · `records` how payments are
kept · `index` what they are found by · `search` findPayments · `writing` a payment on the wire.
"""
