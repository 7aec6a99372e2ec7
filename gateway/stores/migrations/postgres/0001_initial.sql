-- The first schema: series, counters, issued numbers, ledger, tokens, meta.
-- Frozen: later changes are revisions of their own.

CREATE TABLE IF NOT EXISTS alembic_version (
    version_num VARCHAR(32) NOT NULL,
    CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);

CREATE TABLE series (
    id BIGINT NOT NULL,
    tenant TEXT NOT NULL,
    key TEXT NOT NULL,
    name TEXT NOT NULL,
    prefix TEXT,
    suffix TEXT,
    is_default BOOLEAN NOT NULL,
    CONSTRAINT pk_series PRIMARY KEY (id),
    CONSTRAINT uq_series_tenant_name UNIQUE (tenant, name),
    CONSTRAINT uq_series_tenant_key UNIQUE (tenant, key)
);
CREATE UNIQUE INDEX uq_series_default ON series (tenant) WHERE is_default;

CREATE TABLE counters (
    series BIGINT NOT NULL,
    kind TEXT NOT NULL,
    next_number BIGINT,
    issued BIGINT NOT NULL,
    highest_issued BIGINT,
    CONSTRAINT pk_counters PRIMARY KEY (series, kind),
    CONSTRAINT fk_counters_series FOREIGN KEY (series) REFERENCES series (id)
);

CREATE TABLE issued (
    series BIGINT NOT NULL,
    kind TEXT NOT NULL,
    number BIGINT NOT NULL,
    tenant TEXT NOT NULL,
    key TEXT NOT NULL,
    document TEXT NOT NULL,
    voided BOOLEAN NOT NULL,
    CONSTRAINT pk_issued PRIMARY KEY (series, kind, number),
    CONSTRAINT uq_issued_tenant_key UNIQUE (tenant, key),
    CONSTRAINT fk_issued_series FOREIGN KEY (series) REFERENCES series (id)
);

-- Times that a hash covers are kept as the text that was hashed.
CREATE TABLE ledger (
    series BIGINT NOT NULL,
    kind TEXT NOT NULL,
    index BIGINT NOT NULL,
    tenant TEXT NOT NULL,
    operation TEXT NOT NULL,
    before BIGINT,
    after BIGINT,
    number BIGINT,
    key TEXT NOT NULL,
    dialect TEXT NOT NULL,
    principal TEXT NOT NULL,
    request_id TEXT NOT NULL,
    reason TEXT NOT NULL,
    at TEXT NOT NULL,
    previous_hash TEXT NOT NULL,
    hash TEXT NOT NULL,
    CONSTRAINT pk_ledger PRIMARY KEY (series, kind, index),
    CONSTRAINT fk_ledger_series FOREIGN KEY (series) REFERENCES series (id)
);

CREATE TABLE tokens (
    kind TEXT NOT NULL,
    digest TEXT NOT NULL,
    tenant TEXT NOT NULL,
    facts TEXT NOT NULL,
    expires_ms BIGINT NOT NULL,
    CONSTRAINT pk_tokens PRIMARY KEY (kind, digest)
);
COMMENT ON COLUMN tokens.digest IS 'lower-case hex SHA-256 of the token';
COMMENT ON COLUMN tokens.facts IS 'JSON object';
COMMENT ON COLUMN tokens.expires_ms IS 'milliseconds since 1970, UTC';
CREATE INDEX ix_tokens_tenant_expires_ms ON tokens (tenant, expires_ms);

CREATE TABLE meta (
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    CONSTRAINT pk_meta PRIMARY KEY (name)
);
