"""Conventions of a Ruby on Rails 2.3 application that serves XML. No vendor, no meaning.

parameters: request bodies to values (`Hash.from_xml`).
builder: values to XML.
numericality: what counts as a number.
paths: suffixes and content types.
responses: headers, blank bodies and static pages.
"""
