-- Documents are found by their date.
-- Frozen: later changes are revisions of their own.

CREATE INDEX ix_documents_document_date ON documents (tenant, document_date) WHERE document_date IS NOT NULL;
DROP INDEX ix_documents_walk;
CREATE INDEX ix_documents_walk ON documents (tenant, id, kind, status, stage, series, line, number, customer, external_status, document_date, registered, changed);
