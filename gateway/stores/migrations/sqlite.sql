CREATE TABLE series (
    id BIGINT NOT NULL,
    tenant TEXT NOT NULL,
    "key" TEXT NOT NULL,
    name TEXT NOT NULL,
    prefix TEXT,
    suffix TEXT,
    is_default BOOLEAN NOT NULL,
    CONSTRAINT pk_series PRIMARY KEY (id),
    CONSTRAINT uq_series_tenant_name UNIQUE (tenant, name),
    CONSTRAINT uq_series_tenant_key UNIQUE (tenant, "key")
);
CREATE UNIQUE INDEX uq_series_default ON series (tenant) WHERE is_default;
CREATE TABLE catalogue (
    tenant TEXT NOT NULL,
    section TEXT NOT NULL,
    id TEXT NOT NULL,
    body TEXT NOT NULL,
    CONSTRAINT pk_catalogue PRIMARY KEY (tenant, section, id)
) WITHOUT ROWID;
CREATE TABLE tokens (
    kind TEXT NOT NULL,
    digest TEXT NOT NULL,
    tenant TEXT NOT NULL,
    facts TEXT NOT NULL,
    expires_ms BIGINT NOT NULL,
    CONSTRAINT pk_tokens PRIMARY KEY (kind, digest)
) WITHOUT ROWID;
CREATE INDEX ix_tokens_tenant_expires_ms ON tokens (tenant, expires_ms);
CREATE TABLE tenants (
    id TEXT NOT NULL,
    body TEXT NOT NULL,
    created TEXT NOT NULL,
    CONSTRAINT pk_tenants PRIMARY KEY (id)
) WITHOUT ROWID;
CREATE TABLE snapshots (
    tenant TEXT NOT NULL,
    name TEXT NOT NULL,
    created TEXT NOT NULL,
    rows BIGINT NOT NULL,
    body BLOB NOT NULL,
    CONSTRAINT pk_snapshots PRIMARY KEY (tenant, name)
);
CREATE TABLE fences (
    tenant TEXT NOT NULL,
    body TEXT NOT NULL,
    CONSTRAINT pk_fences PRIMARY KEY (tenant)
) WITHOUT ROWID;
CREATE TABLE meta (
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    CONSTRAINT pk_meta PRIMARY KEY (name)
) WITHOUT ROWID;
CREATE TABLE counters (
    series BIGINT NOT NULL,
    kind TEXT NOT NULL,
    next_number BIGINT,
    issued BIGINT NOT NULL,
    highest_issued BIGINT,
    latest_date TEXT,
    CONSTRAINT pk_counters PRIMARY KEY (series, kind),
    CONSTRAINT fk_counters_series FOREIGN KEY(series) REFERENCES series (id)
) WITHOUT ROWID;
CREATE TABLE issued (
    series BIGINT NOT NULL,
    kind TEXT NOT NULL,
    number BIGINT NOT NULL,
    tenant TEXT NOT NULL,
    "key" TEXT NOT NULL,
    document TEXT NOT NULL,
    voided BOOLEAN NOT NULL,
    CONSTRAINT pk_issued PRIMARY KEY (series, kind, number),
    CONSTRAINT uq_issued_tenant_key UNIQUE (tenant, "key"),
    CONSTRAINT fk_issued_series FOREIGN KEY(series) REFERENCES series (id)
) WITHOUT ROWID;
CREATE TABLE ledger (
    series BIGINT NOT NULL,
    kind TEXT NOT NULL,
    "index" BIGINT NOT NULL,
    tenant TEXT NOT NULL,
    operation TEXT NOT NULL,
    "before" BIGINT,
    "after" BIGINT,
    number BIGINT,
    "key" TEXT NOT NULL,
    dialect TEXT NOT NULL,
    principal TEXT NOT NULL,
    request_id TEXT NOT NULL,
    reason TEXT NOT NULL,
    at TEXT NOT NULL,
    previous_hash TEXT NOT NULL,
    hash TEXT NOT NULL,
    CONSTRAINT pk_ledger PRIMARY KEY (series, kind, "index"),
    CONSTRAINT fk_ledger_series FOREIGN KEY(series) REFERENCES series (id)
) WITHOUT ROWID;
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
CREATE INDEX ix_documents_status ON documents (tenant, status);
CREATE INDEX ix_documents_customer ON documents (tenant, customer) WHERE customer IS NOT NULL;
CREATE INDEX ix_documents_stage ON documents (tenant, stage);
CREATE INDEX ix_documents_registered ON documents (tenant, registered);
CREATE INDEX ix_documents_changed ON documents (tenant, changed);
CREATE INDEX ix_documents_external_status ON documents (tenant, external_status) WHERE external_status IS NOT NULL;
CREATE INDEX ix_documents_walk ON documents (tenant, id, kind, status, stage, series, number, customer, external_status, registered, changed);
CREATE UNIQUE INDEX ix_documents_key ON documents (tenant, "key") WHERE "key" IS NOT NULL;
CREATE INDEX ix_documents_number ON documents (tenant, number) WHERE number IS NOT NULL;
CREATE TABLE alembic_version (
    version_num VARCHAR(32) NOT NULL,
    CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
