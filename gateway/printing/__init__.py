"""Documents as PDF, for any dialect (ADR-67): what is printed, in which words, and where on the page. All three are data.

document  what is on the paper; a dialect's mapping fills it
words     the words of each language, and its way to write amounts and dates; a dialect may add words of its own
layout    what stands where, in which size; `STANDARD` is an invoice on A4, from which a dialect derives its own
pdf       makes the bytes; loads reportlab (the extra `pdf`) when the first document is printed
"""
