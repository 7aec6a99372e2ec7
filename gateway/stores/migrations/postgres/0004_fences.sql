-- Fences: tenants that this store must not serve, because they are in another store or on their way there.
-- A revision of its own also keeps out older programs, which would not read the fences.
-- Frozen: later changes are revisions of their own.

CREATE TABLE fences (
    tenant TEXT NOT NULL,
    body TEXT NOT NULL,
    CONSTRAINT pk_fences PRIMARY KEY (tenant)
);
COMMENT ON COLUMN fences.body IS 'JSON object: what stores.fences writes';
