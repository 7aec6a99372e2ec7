-- Tenants made while a gateway runs (those of the configuration are not here), and snapshots of tenants.
-- Frozen: later changes are revisions of their own.

CREATE TABLE tenants (
    id TEXT NOT NULL,
    body TEXT NOT NULL,
    created TEXT NOT NULL,
    CONSTRAINT pk_tenants PRIMARY KEY (id)
);
COMMENT ON COLUMN tenants.body IS 'JSON object, credentials included';
COMMENT ON COLUMN tenants.created IS 'ISO 8601, UTC';

CREATE TABLE snapshots (
    tenant TEXT NOT NULL,
    name TEXT NOT NULL,
    created TEXT NOT NULL,
    rows BIGINT NOT NULL,
    body BYTEA NOT NULL,
    CONSTRAINT pk_snapshots PRIMARY KEY (tenant, name)
);
COMMENT ON COLUMN snapshots.created IS 'ISO 8601, UTC';
COMMENT ON COLUMN snapshots.rows IS 'how many rows the body holds';
COMMENT ON COLUMN snapshots.body IS 'what stores.contents packs';
