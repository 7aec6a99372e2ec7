-- A store as revision 0002 left it.
CREATE TABLE public.alembic_version (
    version_num character varying(32) NOT NULL
);
CREATE TABLE public.catalogue (
    tenant text NOT NULL,
    section text NOT NULL,
    id text NOT NULL,
    body text NOT NULL
);
COMMENT ON COLUMN public.catalogue.body IS 'JSON object';
CREATE TABLE public.counters (
    series bigint NOT NULL,
    kind text NOT NULL,
    next_number bigint,
    issued bigint NOT NULL,
    highest_issued bigint,
    latest_date text
);
COMMENT ON COLUMN public.counters.latest_date IS 'ISO 8601 date';
CREATE TABLE public.documents (
    id bigint NOT NULL,
    tenant text NOT NULL,
    kind text NOT NULL,
    status text NOT NULL,
    stage text NOT NULL,
    series bigint,
    number bigint,
    customer bigint,
    external_status bigint,
    document_date text,
    key text,
    version bigint NOT NULL,
    registered bigint NOT NULL,
    changed bigint NOT NULL,
    body text NOT NULL
);
COMMENT ON COLUMN public.documents.document_date IS 'ISO 8601 date';
COMMENT ON COLUMN public.documents.key IS 'that it was created under';
COMMENT ON COLUMN public.documents.registered IS 'microseconds since 1970, UTC';
COMMENT ON COLUMN public.documents.changed IS 'microseconds since 1970, UTC';
COMMENT ON COLUMN public.documents.body IS 'JSON object: lines, extras, the highest line id';
CREATE TABLE public.issued (
    series bigint NOT NULL,
    kind text NOT NULL,
    number bigint NOT NULL,
    tenant text NOT NULL,
    key text NOT NULL,
    document text NOT NULL,
    voided boolean NOT NULL
);
CREATE TABLE public.ledger (
    series bigint NOT NULL,
    kind text NOT NULL,
    index bigint NOT NULL,
    tenant text NOT NULL,
    operation text NOT NULL,
    before bigint,
    after bigint,
    number bigint,
    key text NOT NULL,
    dialect text NOT NULL,
    principal text NOT NULL,
    request_id text NOT NULL,
    reason text NOT NULL,
    at text NOT NULL,
    previous_hash text NOT NULL,
    hash text NOT NULL
);
CREATE TABLE public.meta (
    name text NOT NULL,
    value text NOT NULL
);
CREATE TABLE public.series (
    id bigint NOT NULL,
    tenant text NOT NULL,
    key text NOT NULL,
    name text NOT NULL,
    prefix text,
    suffix text,
    is_default boolean NOT NULL
);
CREATE TABLE public.tokens (
    kind text NOT NULL,
    digest text NOT NULL,
    tenant text NOT NULL,
    facts text NOT NULL,
    expires_ms bigint NOT NULL
);
COMMENT ON COLUMN public.tokens.digest IS 'lower-case hex SHA-256 of the token';
COMMENT ON COLUMN public.tokens.facts IS 'JSON object';
COMMENT ON COLUMN public.tokens.expires_ms IS 'milliseconds since 1970, UTC';
INSERT INTO public.alembic_version VALUES ('0002');
INSERT INTO public.catalogue VALUES ('demo', 'customers', '1', '{"id":1,"name":"Åse","organization_number":"","email":"","invoice_email":"","phone":"","gln":"","payment_days":null,"addresses":{"post":null,"delivery":null,"visit":null,"invoice":null},"extras":{}}');
INSERT INTO public.counters VALUES (1, 'invoice', 5, 4, 4, NULL);
INSERT INTO public.documents VALUES (1, 'demo', 'invoice', 'issued', '', 1, 4, 1, NULL, NULL, NULL, 1, 1796030868803981, 1796030868803981, '{"last_line":1,"extras":{"vendor":{"x":[1,null]}},"lines":[[1,0,"normal",null,"Ære; ''x''","0","0","0","0",{}]]}');
INSERT INTO public.documents VALUES (2, 'demo', 'invoice', 'draft', '', NULL, NULL, NULL, NULL, NULL, 'draft-1', 1, 1796030868810515, 1796030868810515, '{"last_line":0,"extras":{},"lines":[]}');
INSERT INTO public.issued VALUES (1, 'invoice', 1, 'demo', 'a', 'document a', false);
INSERT INTO public.issued VALUES (1, 'invoice', 3, 'demo', 'c', 'document c', false);
INSERT INTO public.issued VALUES (1, 'invoice', 2, 'demo', 'b', 'document b', true);
INSERT INTO public.issued VALUES (1, 'invoice', 4, 'demo', 'd-1', 'document:1', false);
INSERT INTO public.ledger VALUES (1, 'series', 1, 'demo', 'create', NULL, NULL, NULL, '', 'config', 'configuration', 'startup', '', '2026-11-30T09:27:48.437910+00:00', '0000000000000000000000000000000000000000000000000000000000000000', '8d667c0967b621507e4174b804f99d62407cb9a8f0b8bcaeb72545df48d0a4bd');
INSERT INTO public.ledger VALUES (2, 'series', 1, 'demo', 'create', NULL, NULL, NULL, '', 'config', 'configuration', 'startup', '', '2026-11-30T09:27:48.446705+00:00', '0000000000000000000000000000000000000000000000000000000000000000', 'a39bae458bbe2a58fa2e9afce5c4b39b7a50fbb8899bf00700788c99a017ca94');
INSERT INTO public.ledger VALUES (1, 'invoice', 1, 'demo', 'issue', NULL, 2, 1, 'a', 'test', 'tester', 'request-1', '', '2026-11-30T09:27:48.448891+00:00', '0000000000000000000000000000000000000000000000000000000000000000', '5378df6c0f4237af3c3275bf48eec1eafb2e8dc1ddde30c150192ae8c185c3dd');
INSERT INTO public.ledger VALUES (1, 'invoice', 2, 'demo', 'issue', 2, 3, 2, 'b', 'test', 'tester', 'request-1', '', '2026-11-30T09:27:48.451527+00:00', '5378df6c0f4237af3c3275bf48eec1eafb2e8dc1ddde30c150192ae8c185c3dd', '57fd153890533a79c21cd1a474dfa0a065d7fab8833e643c238c451b2dd3dd6d');
INSERT INTO public.ledger VALUES (1, 'invoice', 3, 'demo', 'issue', 3, 4, 3, 'c', 'test', 'tester', 'request-1', '', '2026-11-30T09:27:48.453430+00:00', '57fd153890533a79c21cd1a474dfa0a065d7fab8833e643c238c451b2dd3dd6d', 'c8cfa6b56cb3053347cbfa75cd395b242f4ec67eb682e124b42373420326d90e');
INSERT INTO public.ledger VALUES (1, 'invoice', 4, 'demo', 'void', 4, 4, 2, 'b', 'test', 'tester', 'request-1', '', '2026-11-30T09:27:48.455647+00:00', 'c8cfa6b56cb3053347cbfa75cd395b242f4ec67eb682e124b42373420326d90e', 'c071976ceb7dac806ba57c999d6bdfbdf43434d1084dc26a4519a235be196de5');
INSERT INTO public.ledger VALUES (1, 'invoice', 5, 'demo', 'issue', 4, 5, 4, 'd-1', 'test', 'tester', 'request-1', 'document:1', '2026-11-30T09:27:48.803981+00:00', 'c071976ceb7dac806ba57c999d6bdfbdf43434d1084dc26a4519a235be196de5', '4e77071f0a19acbf4c9d4d83a004b787bc782403b3580fa4a7c348f6c551bd93');
INSERT INTO public.meta VALUES ('primary-timeline', '00000001');
INSERT INTO public.meta VALUES ('catalogue-seed:demo', '6935f10b1b040422260dcc5491c5030784ab1ba540f792742c013b0288bc08f5');
INSERT INTO public.meta VALUES ('catalogue-version:demo', '9101b6d8ff2c3f31d3778d0e');
INSERT INTO public.meta VALUES ('last-document-id', '2');
INSERT INTO public.series VALUES (1, 'demo', 'main', 'Main å', 'P-', NULL, true);
INSERT INTO public.series VALUES (2, 'demo', 'extra', 'Extra', NULL, '/x', false);
INSERT INTO public.tokens VALUES ('session', '2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b', 'demo', '{"user": "\u00fc"}', 7258118400000);
ALTER TABLE ONLY public.alembic_version
    ADD CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num);
ALTER TABLE ONLY public.catalogue
    ADD CONSTRAINT pk_catalogue PRIMARY KEY (tenant, section, id);
ALTER TABLE ONLY public.counters
    ADD CONSTRAINT pk_counters PRIMARY KEY (series, kind);
ALTER TABLE ONLY public.documents
    ADD CONSTRAINT pk_documents PRIMARY KEY (id);
ALTER TABLE ONLY public.issued
    ADD CONSTRAINT pk_issued PRIMARY KEY (series, kind, number);
ALTER TABLE ONLY public.ledger
    ADD CONSTRAINT pk_ledger PRIMARY KEY (series, kind, index);
ALTER TABLE ONLY public.meta
    ADD CONSTRAINT pk_meta PRIMARY KEY (name);
ALTER TABLE ONLY public.series
    ADD CONSTRAINT pk_series PRIMARY KEY (id);
ALTER TABLE ONLY public.tokens
    ADD CONSTRAINT pk_tokens PRIMARY KEY (kind, digest);
ALTER TABLE ONLY public.issued
    ADD CONSTRAINT uq_issued_tenant_key UNIQUE (tenant, key);
ALTER TABLE ONLY public.series
    ADD CONSTRAINT uq_series_tenant_key UNIQUE (tenant, key);
ALTER TABLE ONLY public.series
    ADD CONSTRAINT uq_series_tenant_name UNIQUE (tenant, name);
CREATE INDEX ix_documents_changed ON public.documents USING btree (tenant, changed);
CREATE INDEX ix_documents_customer ON public.documents USING btree (tenant, customer) WHERE (customer IS NOT NULL);
CREATE INDEX ix_documents_external_status ON public.documents USING btree (tenant, external_status) WHERE (external_status IS NOT NULL);
CREATE UNIQUE INDEX ix_documents_key ON public.documents USING btree (tenant, key) WHERE (key IS NOT NULL);
CREATE INDEX ix_documents_number ON public.documents USING btree (tenant, number) WHERE (number IS NOT NULL);
CREATE INDEX ix_documents_registered ON public.documents USING btree (tenant, registered);
CREATE INDEX ix_documents_stage ON public.documents USING btree (tenant, stage);
CREATE INDEX ix_documents_status ON public.documents USING btree (tenant, status);
CREATE INDEX ix_documents_walk ON public.documents USING btree (tenant, id, kind, status, stage, series, number, customer, external_status, registered, changed);
CREATE INDEX ix_tokens_tenant_expires_ms ON public.tokens USING btree (tenant, expires_ms);
CREATE UNIQUE INDEX uq_series_default ON public.series USING btree (tenant) WHERE is_default;
ALTER TABLE ONLY public.counters
    ADD CONSTRAINT fk_counters_series FOREIGN KEY (series) REFERENCES public.series(id);
ALTER TABLE ONLY public.documents
    ADD CONSTRAINT fk_documents_series FOREIGN KEY (series) REFERENCES public.series(id);
ALTER TABLE ONLY public.issued
    ADD CONSTRAINT fk_issued_series FOREIGN KEY (series) REFERENCES public.series(id);
ALTER TABLE ONLY public.ledger
    ADD CONSTRAINT fk_ledger_series FOREIGN KEY (series) REFERENCES public.series(id);
