"""Conventions of a Ruby on Rails 2.3 application that serves XML: what goes in, what comes out, and what breaks how.

parameters: request bodies to values (`Hash.from_xml`). builder: values to XML. numericality: what counts as a number.
paths: suffixes and content types. responses: headers, blank bodies and static pages. Knows no vendor and no meaning.
"""
