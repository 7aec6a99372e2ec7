-- Records: what is kept beside numbers and documents, found by the values of fields. Customers and products become records.
-- Frozen: later changes are revisions of their own.

-- id: two hexadecimal digits of the id's length, and the id; so short ids come first, and numbers are in their own order.
-- registered, changed: microseconds since 1970, UTC. found_by: JSON object, a list of values by field.
-- Texts are in the order of their code points whatever the database's collation is.
CREATE TABLE records (
    tenant TEXT COLLATE "C" NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    id TEXT COLLATE "C" NOT NULL,
    format BIGINT NOT NULL,
    version BIGINT NOT NULL,
    registered BIGINT NOT NULL,
    changed BIGINT NOT NULL,
    found_by TEXT NOT NULL,
    body BYTEA NOT NULL,
    CONSTRAINT pk_records PRIMARY KEY (tenant, kind, id)
);
-- Only for questions that say something about `changed`: while the database has no statistics, it would take this index to find a
-- record by its id, too, and read all of the kind.
CREATE INDEX ix_records_changed ON records (tenant, kind, changed, id) WHERE changed IS NOT NULL;

CREATE TABLE record_tombstones (
    tenant TEXT COLLATE "C" NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    id TEXT COLLATE "C" NOT NULL,
    format BIGINT NOT NULL,
    version BIGINT NOT NULL,
    registered BIGINT NOT NULL,
    changed BIGINT NOT NULL,
    CONSTRAINT pk_record_tombstones PRIMARY KEY (tenant, kind, id)
);
CREATE INDEX ix_record_tombstones_changed ON record_tombstones (tenant, kind, changed, id) WHERE changed IS NOT NULL;

-- The index that records are found by. value: its order as text is the order of the values.
CREATE TABLE record_values (
    tenant TEXT COLLATE "C" NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    field TEXT COLLATE "C" NOT NULL,
    value TEXT COLLATE "C" NOT NULL,
    id TEXT COLLATE "C" NOT NULL,
    CONSTRAINT pk_record_values PRIMARY KEY (tenant, kind, field, value, id)
);

-- How much a tenant has of a kind. last_id: the last number that was made up for an id.
CREATE TABLE record_usage (
    tenant TEXT COLLATE "C" NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    records BIGINT NOT NULL,
    tombstones BIGINT NOT NULL,
    bytes BIGINT NOT NULL,
    last_id BIGINT NOT NULL,
    CONSTRAINT pk_record_usage PRIMARY KEY (tenant, kind)
);

-- Customers and products leave the catalogue. A gateway of an earlier version would still put them there, and nobody would
-- find them: the column has another name, so that it is refused.
ALTER TABLE catalogue RENAME COLUMN section TO list;
-- It also learns at once that it does not know the catalogues any more: each has another version.
INSERT INTO meta (name, value) SELECT DISTINCT 'catalogue-version:' || tenant, '0006' FROM catalogue
ON CONFLICT (name) DO UPDATE SET value = excluded.value;
