-- A store as revision 0001 left it.
BEGIN TRANSACTION;
CREATE TABLE alembic_version (
    version_num VARCHAR(32) NOT NULL,
    CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0001');
CREATE TABLE counters (
    series BIGINT NOT NULL,
    kind TEXT NOT NULL,
    next_number BIGINT,
    issued BIGINT NOT NULL,
    highest_issued BIGINT,
    CONSTRAINT pk_counters PRIMARY KEY (series, kind),
    CONSTRAINT fk_counters_series FOREIGN KEY(series) REFERENCES series (id)
)
 WITHOUT ROWID
;
INSERT INTO "counters" VALUES(1,'invoice',4,3,3);
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
)
 WITHOUT ROWID
;
INSERT INTO "issued" VALUES(1,'invoice',1,'demo','a','document a',0);
INSERT INTO "issued" VALUES(1,'invoice',2,'demo','b','document b',1);
INSERT INTO "issued" VALUES(1,'invoice',3,'demo','c','document c',0);
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
)
 WITHOUT ROWID
;
INSERT INTO "ledger" VALUES(1,'invoice',1,'demo','issue',NULL,2,1,'a','test','tester','request-1','','2026-11-30T09:27:47.822223+00:00','0000000000000000000000000000000000000000000000000000000000000000','7db0d98323763e017ba545ca2bccc9309be480bb6bf5cf88ea71c6e55f4cdb88');
INSERT INTO "ledger" VALUES(1,'invoice',2,'demo','issue',2,3,2,'b','test','tester','request-1','','2026-11-30T09:27:47.823103+00:00','7db0d98323763e017ba545ca2bccc9309be480bb6bf5cf88ea71c6e55f4cdb88','d95e2185044e537de2fe3372e37770b77c530c0f83f1aeef8f17f4c180db0779');
INSERT INTO "ledger" VALUES(1,'invoice',3,'demo','issue',3,4,3,'c','test','tester','request-1','','2026-11-30T09:27:47.823663+00:00','d95e2185044e537de2fe3372e37770b77c530c0f83f1aeef8f17f4c180db0779','dc2dce27f70b59081373af91579d790416590c51a2c1e6da067dfdd2deb6384d');
INSERT INTO "ledger" VALUES(1,'invoice',4,'demo','void',4,4,2,'b','test','tester','request-1','','2026-11-30T09:27:47.824433+00:00','dc2dce27f70b59081373af91579d790416590c51a2c1e6da067dfdd2deb6384d','a7067a9f10e18aa95e593ba908c27bc1e1e472d6cf2fabc053b403ea843388c2');
INSERT INTO "ledger" VALUES(1,'series',1,'demo','create',NULL,NULL,NULL,'','config','configuration','startup','','2026-11-30T09:27:47.820434+00:00','0000000000000000000000000000000000000000000000000000000000000000','a50e573fdfdbe16d47f72606f37720746bdfa31151a8bbe14a331fea3b5f839c');
INSERT INTO "ledger" VALUES(2,'series',1,'demo','create',NULL,NULL,NULL,'','config','configuration','startup','','2026-11-30T09:27:47.821405+00:00','0000000000000000000000000000000000000000000000000000000000000000','685dd97fddeb39c2814cc77f9b9d5fd778bc76a974ea22344b121b087996a796');
CREATE TABLE meta (
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    CONSTRAINT pk_meta PRIMARY KEY (name)
)
 WITHOUT ROWID
;
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
INSERT INTO "series" VALUES(1,'demo','main','Main å','P-',NULL,1);
INSERT INTO "series" VALUES(2,'demo','extra','Extra',NULL,'/x',0);
CREATE TABLE tokens (
    kind TEXT NOT NULL,
    digest TEXT NOT NULL,
    tenant TEXT NOT NULL,
    facts TEXT NOT NULL,
    expires_ms BIGINT NOT NULL,
    CONSTRAINT pk_tokens PRIMARY KEY (kind, digest)
)
 WITHOUT ROWID
;
INSERT INTO "tokens" VALUES('session','2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b','demo','{"user": "\u00fc"}',7258118400000);
CREATE UNIQUE INDEX uq_series_default ON series (tenant) WHERE is_default;
CREATE INDEX ix_tokens_tenant_expires_ms ON tokens (tenant, expires_ms);
COMMIT;
