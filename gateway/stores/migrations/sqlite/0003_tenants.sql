-- Tenants made while a gateway runs (those of the configuration are not here), and snapshots of tenants.
-- Frozen: later changes are revisions of their own.

-- body: JSON object, credentials included. created: ISO 8601, UTC.
CREATE TABLE tenants (
    id TEXT NOT NULL,
    body TEXT NOT NULL,
    created TEXT NOT NULL,
    CONSTRAINT pk_tenants PRIMARY KEY (id)
) WITHOUT ROWID;

-- created: ISO 8601, UTC. rows: how many rows the body holds. body: packed rows.
CREATE TABLE snapshots (
    tenant TEXT NOT NULL,
    name TEXT NOT NULL,
    created TEXT NOT NULL,
    rows BIGINT NOT NULL,
    body BLOB NOT NULL,
    CONSTRAINT pk_snapshots PRIMARY KEY (tenant, name)
);
