-- Records: what is kept beside numbers and documents, found by the values of fields. Customers and products become records.
-- Frozen: later changes are revisions of their own.

-- id: two hexadecimal digits of the id's length, and the id; so short ids come first, and numbers are in their own order.
-- registered, changed: microseconds since 1970, UTC. found_by: JSON object, a list of values by field.
-- No table WITHOUT ROWID, because bodies may be large.
CREATE TABLE records (
    tenant TEXT NOT NULL,
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    format BIGINT NOT NULL,
    version BIGINT NOT NULL,
    registered BIGINT NOT NULL,
    changed BIGINT NOT NULL,
    found_by TEXT NOT NULL,
    body BLOB NOT NULL,
    CONSTRAINT pk_records PRIMARY KEY (tenant, kind, id)
);
CREATE INDEX ix_records_changed ON records (tenant, kind, changed, id);

CREATE TABLE record_tombstones (
    tenant TEXT NOT NULL,
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    format BIGINT NOT NULL,
    version BIGINT NOT NULL,
    registered BIGINT NOT NULL,
    changed BIGINT NOT NULL,
    CONSTRAINT pk_record_tombstones PRIMARY KEY (tenant, kind, id)
) WITHOUT ROWID;
CREATE INDEX ix_record_tombstones_changed ON record_tombstones (tenant, kind, changed, id);

-- The index that records are found by. value: its order as text is the order of the values.
CREATE TABLE record_values (
    tenant TEXT NOT NULL,
    kind TEXT NOT NULL,
    field TEXT NOT NULL,
    value TEXT NOT NULL,
    id TEXT NOT NULL,
    CONSTRAINT pk_record_values PRIMARY KEY (tenant, kind, field, value, id)
) WITHOUT ROWID;

-- How much a tenant has of a kind. last_id: the last number that was made up for an id.
CREATE TABLE record_usage (
    tenant TEXT NOT NULL,
    kind TEXT NOT NULL,
    records BIGINT NOT NULL,
    tombstones BIGINT NOT NULL,
    bytes BIGINT NOT NULL,
    last_id BIGINT NOT NULL,
    CONSTRAINT pk_record_usage PRIMARY KEY (tenant, kind)
) WITHOUT ROWID;

-- Customers and products leave the catalogue. A gateway of an earlier version would still put them there, and nobody would
-- find them: the column has another name, so that it is refused.
ALTER TABLE catalogue RENAME COLUMN section TO list;
