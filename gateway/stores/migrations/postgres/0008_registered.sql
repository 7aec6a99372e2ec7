-- Records and tombstones in the order of their registration. Customers and products are found by more fields: what the program
-- does after this file writes their values (see `gateway.stores.engine.former_items`).
-- Frozen: later changes are revisions of their own.

-- `changed` stands behind the id, so that a question about both moments is answered from the index alone.
-- Only for questions that say something about `registered`: see revision 0006.
CREATE INDEX ix_records_registered ON records (tenant, kind, registered, id, changed) WHERE registered IS NOT NULL;
CREATE INDEX ix_record_tombstones_registered ON record_tombstones (tenant, kind, registered, id, changed) WHERE registered IS NOT NULL;
