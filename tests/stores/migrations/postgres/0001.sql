-- A store as revision 0001 left it.
CREATE TABLE public.alembic_version (
    version_num character varying(32) NOT NULL
);
CREATE TABLE public.counters (
    series bigint NOT NULL,
    kind text NOT NULL,
    next_number bigint,
    issued bigint NOT NULL,
    highest_issued bigint
);
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
INSERT INTO public.alembic_version VALUES ('0001');
INSERT INTO public.counters VALUES (1, 'invoice', 4, 3, 3);
INSERT INTO public.issued VALUES (1, 'invoice', 1, 'demo', 'a', 'document a', false);
INSERT INTO public.issued VALUES (1, 'invoice', 3, 'demo', 'c', 'document c', false);
INSERT INTO public.issued VALUES (1, 'invoice', 2, 'demo', 'b', 'document b', true);
INSERT INTO public.ledger VALUES (1, 'series', 1, 'demo', 'create', NULL, NULL, NULL, '', 'config', 'configuration', 'startup', '', '2026-11-30T09:27:48.437910+00:00', '0000000000000000000000000000000000000000000000000000000000000000', '8d667c0967b621507e4174b804f99d62407cb9a8f0b8bcaeb72545df48d0a4bd');
INSERT INTO public.ledger VALUES (2, 'series', 1, 'demo', 'create', NULL, NULL, NULL, '', 'config', 'configuration', 'startup', '', '2026-11-30T09:27:48.446705+00:00', '0000000000000000000000000000000000000000000000000000000000000000', 'a39bae458bbe2a58fa2e9afce5c4b39b7a50fbb8899bf00700788c99a017ca94');
INSERT INTO public.ledger VALUES (1, 'invoice', 1, 'demo', 'issue', NULL, 2, 1, 'a', 'test', 'tester', 'request-1', '', '2026-11-30T09:27:48.448891+00:00', '0000000000000000000000000000000000000000000000000000000000000000', '5378df6c0f4237af3c3275bf48eec1eafb2e8dc1ddde30c150192ae8c185c3dd');
INSERT INTO public.ledger VALUES (1, 'invoice', 2, 'demo', 'issue', 2, 3, 2, 'b', 'test', 'tester', 'request-1', '', '2026-11-30T09:27:48.451527+00:00', '5378df6c0f4237af3c3275bf48eec1eafb2e8dc1ddde30c150192ae8c185c3dd', '57fd153890533a79c21cd1a474dfa0a065d7fab8833e643c238c451b2dd3dd6d');
INSERT INTO public.ledger VALUES (1, 'invoice', 3, 'demo', 'issue', 3, 4, 3, 'c', 'test', 'tester', 'request-1', '', '2026-11-30T09:27:48.453430+00:00', '57fd153890533a79c21cd1a474dfa0a065d7fab8833e643c238c451b2dd3dd6d', 'c8cfa6b56cb3053347cbfa75cd395b242f4ec67eb682e124b42373420326d90e');
INSERT INTO public.ledger VALUES (1, 'invoice', 4, 'demo', 'void', 4, 4, 2, 'b', 'test', 'tester', 'request-1', '', '2026-11-30T09:27:48.455647+00:00', 'c8cfa6b56cb3053347cbfa75cd395b242f4ec67eb682e124b42373420326d90e', 'c071976ceb7dac806ba57c999d6bdfbdf43434d1084dc26a4519a235be196de5');
INSERT INTO public.meta VALUES ('primary-timeline', '00000001');
INSERT INTO public.series VALUES (1, 'demo', 'main', 'Main å', 'P-', NULL, true);
INSERT INTO public.series VALUES (2, 'demo', 'extra', 'Extra', NULL, '/x', false);
INSERT INTO public.tokens VALUES ('session', '2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b', 'demo', '{"user": "\u00fc"}', 7258118400000);
ALTER TABLE ONLY public.alembic_version
    ADD CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num);
ALTER TABLE ONLY public.counters
    ADD CONSTRAINT pk_counters PRIMARY KEY (series, kind);
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
CREATE INDEX ix_tokens_tenant_expires_ms ON public.tokens USING btree (tenant, expires_ms);
CREATE UNIQUE INDEX uq_series_default ON public.series USING btree (tenant) WHERE is_default;
ALTER TABLE ONLY public.counters
    ADD CONSTRAINT fk_counters_series FOREIGN KEY (series) REFERENCES public.series(id);
ALTER TABLE ONLY public.issued
    ADD CONSTRAINT fk_issued_series FOREIGN KEY (series) REFERENCES public.series(id);
ALTER TABLE ONLY public.ledger
    ADD CONSTRAINT fk_ledger_series FOREIGN KEY (series) REFERENCES public.series(id);
