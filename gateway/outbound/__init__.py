"""What the gateway does of itself: it sends requests to other servers, and does work that is due (ADR-65, ADR-66).

refusal       why a request must not go to an address
connections   sockets and names, each checked at the moment of connecting
pool          sends requests, for all rooms that have any
plan          which items of work may begin now
attempt       one attempt at an item
runner        does the work that is due
"""
