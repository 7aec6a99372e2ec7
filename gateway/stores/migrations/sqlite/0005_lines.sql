-- A number line has a name of its own, apart from the kind of the documents that draw from it.
-- Frozen: later changes are revisions of their own.

ALTER TABLE counters RENAME COLUMN kind TO line;
ALTER TABLE issued RENAME COLUMN kind TO line;
ALTER TABLE ledger RENAME COLUMN kind TO line;
