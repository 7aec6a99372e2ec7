"""The store in one SQLite file, which one gateway process owns.

connection        a connection whose transactions begin and end where the program says so
lock              one process per file: the operating system's lock on it
trouble           what errors of SQLite and of the file mean
upkeep            once a second: is the file as it was, and is there a log to fold into it
file              opening the file durably, reading the whole state, writing a group
read_thread       a thread with a connection that only reads
documents         answers questions about documents
document_search   finds the ids of documents, after a bounded look at the indexes
consistency       ledger pages and verification
transfer          tenants into the file and out of it
backup            a copy of one instant in one file
replacement       another file in the store's place
store             all of it behind the ports of the core
"""
