"""The PostgreSQL store: any number of gateway processes on one database, each with a group commit of its own.

address     the URL: hosts, database, the store's own options
connection  one connection to the primary: trying hosts in turn, dropping instead of cancelling
lease       for how long a server that has proved to be the primary is believed
failures    what an error means for the group that met it, by SQLSTATE
holding     locks and loads what a group of commands needs, in one order for all processes
writing     the group's rows, one statement for each table
marks       how a group in doubt is recognised
group       one group's way through retries, commits and doubt
reading     queries of one turn of the event loop share a SELECT
audit       ledger pages and its verification
setup       tables and migrations
store       all of it behind the ports of the core
"""

from __future__ import annotations

from gateway.stores.postgres.store import PostgresStore

__all__ = ["PostgresStore"]
