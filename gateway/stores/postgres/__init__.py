"""The PostgreSQL store: any number of gateway processes on one database, each with a group commit of its own.

url             the store's URL: hosts, database, the store's own options
connection      a connection to the primary: tries hosts in turn, drops itself instead of cancelling a statement
lease           for how long a server that has proved to be the primary is believed
error_classes   what an error means for the group that met it, by SQLSTATE
queries         the texts of the SELECTs
locking         locks and loads what a group of commands needs, in one order for all processes
locked_state    what one transaction has locked and read; a group is decided from that alone
row_writer      writes a group's rows, one statement for each table
commit_proof    how a group in doubt is recognised in the database
committer       one group's way through retries, commits and doubt
read_batches    questions of one turn of the event loop share a SELECT
documents       answers questions about documents
consistency     ledger pages and verification
transfer        tenants into the database and out of it
schema_setup    makes and upgrades the tables
users           who is connected besides this process
store           all of it behind the ports of the core
"""

from __future__ import annotations

from gateway.stores.postgres.store import PostgresStore

__all__ = ["PostgresStore"]
