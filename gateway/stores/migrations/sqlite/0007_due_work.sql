-- Work that is due: what is to be done later for a tenant.
-- Frozen: later changes are revisions of their own.

-- lane: the dialect's name, a slash, and what its order belongs to. body: JSON of the dialect's own.
-- due, scheduled, ended: microseconds since 1970, UTC, by the tenant's clock. taken_until: milliseconds since 1970, UTC, by the
-- machine's clock. log: JSON array of the last attempts.
CREATE TABLE due_work (
    tenant TEXT NOT NULL,
    id BIGINT NOT NULL,
    dialect TEXT NOT NULL,
    kind TEXT NOT NULL,
    lane TEXT NOT NULL,
    body TEXT NOT NULL,
    due BIGINT NOT NULL,
    scheduled BIGINT NOT NULL,
    request_id TEXT NOT NULL,
    state TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    taken_by TEXT NOT NULL,
    taken_until BIGINT NOT NULL,
    ended BIGINT,
    log TEXT NOT NULL,
    CONSTRAINT pk_due_work PRIMARY KEY (tenant, id)
);
-- The first item of each lane is one look into an index, however many wait: those that were never attempted, and the others.
CREATE INDEX ix_due_work_first ON due_work (tenant, lane, due, id) WHERE state = 'waiting' AND attempts = 0;
CREATE INDEX ix_due_work_again ON due_work (tenant, lane, due, id) WHERE state = 'waiting' AND attempts > 0;
CREATE INDEX ix_due_work_waiting ON due_work (tenant, due) WHERE state = 'waiting';
CREATE INDEX ix_due_work_taken ON due_work (tenant, lane) WHERE state = 'waiting' AND taken_by <> '';
CREATE INDEX ix_due_work_ended ON due_work (tenant, ended, id) WHERE ended IS NOT NULL;
