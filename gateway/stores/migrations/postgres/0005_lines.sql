-- A number line has a name of its own, apart from the kind of the documents that draw from it.
-- Frozen: later changes are revisions of their own.

ALTER TABLE counters RENAME COLUMN kind TO line;
ALTER TABLE issued RENAME COLUMN kind TO line;
ALTER TABLE ledger RENAME COLUMN kind TO line;

-- Numbers may be reserved before there is a document, lines may have bounds, a series may belong to one dialect.
ALTER TABLE issued ADD COLUMN reserved BOOLEAN NOT NULL DEFAULT false;
ALTER TABLE issued ADD COLUMN reservation_key TEXT;
CREATE UNIQUE INDEX uq_issued_tenant_reservation_key ON issued (tenant, reservation_key) WHERE reservation_key IS NOT NULL;
ALTER TABLE counters ADD COLUMN first_number BIGINT;
ALTER TABLE counters ADD COLUMN last_number BIGINT;
ALTER TABLE series ADD COLUMN owner TEXT;
COMMENT ON COLUMN series.owner IS 'the dialect that alone sees it';

-- A document knows the line of its number; until now that was the one named as its kind.
ALTER TABLE documents ADD COLUMN line TEXT;
UPDATE documents SET line = kind WHERE number IS NOT NULL;
DROP INDEX ix_documents_walk;
CREATE INDEX ix_documents_walk ON documents (tenant, id, kind, status, stage, series, line, number, customer, external_status, registered, changed);
