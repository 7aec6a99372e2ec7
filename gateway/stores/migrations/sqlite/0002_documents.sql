-- Documents and catalogue; lines remember the latest date of a document.
-- Frozen: later changes are revisions of their own.

-- ISO 8601 date
ALTER TABLE counters ADD COLUMN latest_date TEXT;

-- document_date: ISO 8601 date. key: that it was created under. registered, changed: microseconds since 1970, UTC.
-- body: JSON object: lines, extras, the highest line id.
CREATE TABLE documents (
    id INTEGER NOT NULL,
    tenant TEXT NOT NULL,
    kind TEXT NOT NULL,
    status TEXT NOT NULL,
    stage TEXT NOT NULL,
    series BIGINT,
    number BIGINT,
    customer BIGINT,
    external_status BIGINT,
    document_date TEXT,
    "key" TEXT,
    version BIGINT NOT NULL,
    registered BIGINT NOT NULL,
    changed BIGINT NOT NULL,
    body TEXT NOT NULL,
    CONSTRAINT pk_documents PRIMARY KEY (id),
    CONSTRAINT fk_documents_series FOREIGN KEY(series) REFERENCES series (id)
);
-- Every index ends with the id by itself, so each gives ids in order within one value.
CREATE INDEX ix_documents_status ON documents (tenant, status);
CREATE INDEX ix_documents_customer ON documents (tenant, customer) WHERE customer IS NOT NULL;
CREATE INDEX ix_documents_stage ON documents (tenant, stage);
CREATE INDEX ix_documents_registered ON documents (tenant, registered);
CREATE INDEX ix_documents_changed ON documents (tenant, changed);
CREATE INDEX ix_documents_external_status ON documents (tenant, external_status) WHERE external_status IS NOT NULL;
CREATE INDEX ix_documents_walk ON documents (tenant, id, kind, status, stage, series, number, customer, external_status, registered, changed);
CREATE UNIQUE INDEX ix_documents_key ON documents (tenant, "key") WHERE "key" IS NOT NULL;
CREATE INDEX ix_documents_number ON documents (tenant, number) WHERE number IS NOT NULL;

-- body: JSON object
CREATE TABLE catalogue (
    tenant TEXT NOT NULL,
    section TEXT NOT NULL,
    id TEXT NOT NULL,
    body TEXT NOT NULL,
    CONSTRAINT pk_catalogue PRIMARY KEY (tenant, section, id)
) WITHOUT ROWID;
