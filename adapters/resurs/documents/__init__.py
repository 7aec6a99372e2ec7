"""Invoices and credit notes of payments as PDFs. Source: P-110 to P-114.

`requests` the two operations · `paper` what is printed · `words` the words that other documents do not need
"""
