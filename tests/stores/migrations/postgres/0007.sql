-- A store as revision 0007 left it.
CREATE TABLE public.alembic_version (
    version_num character varying(32) NOT NULL
);
CREATE TABLE public.catalogue (
    tenant text NOT NULL,
    list text NOT NULL,
    id text NOT NULL,
    body text NOT NULL
);
COMMENT ON COLUMN public.catalogue.body IS 'JSON object';
CREATE TABLE public.counters (
    series bigint NOT NULL,
    line text NOT NULL,
    next_number bigint,
    issued bigint NOT NULL,
    highest_issued bigint,
    latest_date text,
    first_number bigint,
    last_number bigint
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
    body text NOT NULL,
    line text
);
COMMENT ON COLUMN public.documents.document_date IS 'ISO 8601 date';
COMMENT ON COLUMN public.documents.key IS 'that it was created under';
COMMENT ON COLUMN public.documents.registered IS 'microseconds since 1970, UTC';
COMMENT ON COLUMN public.documents.changed IS 'microseconds since 1970, UTC';
COMMENT ON COLUMN public.documents.body IS 'JSON object: lines, extras, the highest line id';
CREATE TABLE public.due_work (
    tenant text NOT NULL,
    id bigint NOT NULL,
    dialect text NOT NULL,
    kind text NOT NULL,
    lane text NOT NULL,
    body text NOT NULL,
    due bigint NOT NULL,
    scheduled bigint NOT NULL,
    request_id text NOT NULL,
    state text NOT NULL,
    attempts bigint NOT NULL,
    taken_by text NOT NULL,
    taken_until bigint NOT NULL,
    ended bigint,
    log text NOT NULL
);
COMMENT ON COLUMN public.due_work.lane IS 'dialect, slash, and what its order belongs to';
COMMENT ON COLUMN public.due_work.body IS 'JSON of the dialect''s own';
COMMENT ON COLUMN public.due_work.due IS 'microseconds since 1970, UTC, by the tenant''s clock';
COMMENT ON COLUMN public.due_work.scheduled IS 'microseconds since 1970, UTC, by the tenant''s clock';
COMMENT ON COLUMN public.due_work.taken_until IS 'milliseconds since 1970, UTC, by the machine''s clock';
COMMENT ON COLUMN public.due_work.ended IS 'microseconds since 1970, UTC, by the tenant''s clock; NULL while it waits';
COMMENT ON COLUMN public.due_work.log IS 'JSON array of the last attempts';
CREATE TABLE public.fences (
    tenant text NOT NULL,
    body text NOT NULL
);
COMMENT ON COLUMN public.fences.body IS 'JSON object: what stores.fences writes';
CREATE TABLE public.issued (
    series bigint NOT NULL,
    line text NOT NULL,
    number bigint NOT NULL,
    tenant text NOT NULL,
    key text NOT NULL,
    document text NOT NULL,
    voided boolean NOT NULL,
    reserved boolean DEFAULT false NOT NULL,
    reservation_key text
);
CREATE TABLE public.ledger (
    series bigint NOT NULL,
    line text NOT NULL,
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
CREATE TABLE public.record_tombstones (
    tenant text NOT NULL COLLATE pg_catalog."C",
    kind text NOT NULL COLLATE pg_catalog."C",
    id text NOT NULL COLLATE pg_catalog."C",
    format bigint NOT NULL,
    version bigint NOT NULL,
    registered bigint NOT NULL,
    changed bigint NOT NULL
);
CREATE TABLE public.record_usage (
    tenant text NOT NULL COLLATE pg_catalog."C",
    kind text NOT NULL COLLATE pg_catalog."C",
    records bigint NOT NULL,
    tombstones bigint NOT NULL,
    bytes bigint NOT NULL,
    last_id bigint NOT NULL
);
CREATE TABLE public.record_values (
    tenant text NOT NULL COLLATE pg_catalog."C",
    kind text NOT NULL COLLATE pg_catalog."C",
    field text NOT NULL COLLATE pg_catalog."C",
    value text NOT NULL COLLATE pg_catalog."C",
    id text NOT NULL COLLATE pg_catalog."C"
);
CREATE TABLE public.records (
    tenant text NOT NULL COLLATE pg_catalog."C",
    kind text NOT NULL COLLATE pg_catalog."C",
    id text NOT NULL COLLATE pg_catalog."C",
    format bigint NOT NULL,
    version bigint NOT NULL,
    registered bigint NOT NULL,
    changed bigint NOT NULL,
    found_by text NOT NULL,
    body bytea NOT NULL
);
CREATE TABLE public.series (
    id bigint NOT NULL,
    tenant text NOT NULL,
    key text NOT NULL,
    name text NOT NULL,
    prefix text,
    suffix text,
    is_default boolean NOT NULL,
    owner text
);
COMMENT ON COLUMN public.series.owner IS 'the dialect that alone sees it';
CREATE TABLE public.snapshots (
    tenant text NOT NULL,
    name text NOT NULL,
    created text NOT NULL,
    rows bigint NOT NULL,
    body bytea NOT NULL
);
COMMENT ON COLUMN public.snapshots.created IS 'ISO 8601, UTC';
COMMENT ON COLUMN public.snapshots.rows IS 'how many rows the body holds';
COMMENT ON COLUMN public.snapshots.body IS 'what stores.contents packs';
CREATE TABLE public.tenants (
    id text NOT NULL,
    body text NOT NULL,
    created text NOT NULL
);
COMMENT ON COLUMN public.tenants.body IS 'JSON object, credentials included';
COMMENT ON COLUMN public.tenants.created IS 'ISO 8601, UTC';
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
INSERT INTO public.alembic_version VALUES ('0007');
INSERT INTO public.counters VALUES (1, 'invoice', 5, 4, 4, NULL, NULL, NULL);
INSERT INTO public.counters VALUES (2, 'invoice', 11, 2, 20, NULL, 10, 99);
INSERT INTO public.documents VALUES (2, 'demo', 'invoice', 'draft', '', NULL, NULL, NULL, NULL, NULL, 'draft-1', 1, 1796030868810515, 1796030868810515, '{"last_line":0,"extras":{},"lines":[]}', NULL);
INSERT INTO public.documents VALUES (1, 'demo', 'invoice', 'issued', '', 1, 4, 1, NULL, NULL, NULL, 1, 1796030868803981, 1796030868803981, '{"last_line":1,"extras":{"vendor":{"x":[1,null]}},"lines":[[1,0,"normal",null,"Ære; ''x''","0","0","0","0",{}]]}', 'invoice');
INSERT INTO public.due_work VALUES ('demo', 1, 'test', 'call', 'test/a', '{}', 1796070718033355, 1796070718033355, 'request-1', 'waiting', 0, '', 0, NULL, '[]');
INSERT INTO public.fences VALUES ('gone', '{"digest": "", "former": "", "move": "move-1", "other": "east", "since": "2024-01-01T00:00:00+00:00", "state": "moved"}');
INSERT INTO public.issued VALUES (1, 'invoice', 1, 'demo', 'a', 'document a', false, false, NULL);
INSERT INTO public.issued VALUES (1, 'invoice', 3, 'demo', 'c', 'document c', false, false, NULL);
INSERT INTO public.issued VALUES (1, 'invoice', 2, 'demo', 'b', 'document b', true, false, NULL);
INSERT INTO public.issued VALUES (1, 'invoice', 4, 'demo', 'd-1', 'document:1', false, false, NULL);
INSERT INTO public.issued VALUES (2, 'invoice', 10, 'demo', 'reservation:reserved', '', false, true, 'reserved');
INSERT INTO public.issued VALUES (2, 'invoice', 20, 'demo', 'claimed', 'by hand', false, false, NULL);
INSERT INTO public.ledger VALUES (1, 'series', 1, 'demo', 'create', NULL, NULL, NULL, '', 'config', 'configuration', 'startup', '', '2026-11-30T09:27:48.437910+00:00', '0000000000000000000000000000000000000000000000000000000000000000', '8d667c0967b621507e4174b804f99d62407cb9a8f0b8bcaeb72545df48d0a4bd');
INSERT INTO public.ledger VALUES (2, 'series', 1, 'demo', 'create', NULL, NULL, NULL, '', 'config', 'configuration', 'startup', '', '2026-11-30T09:27:48.446705+00:00', '0000000000000000000000000000000000000000000000000000000000000000', 'a39bae458bbe2a58fa2e9afce5c4b39b7a50fbb8899bf00700788c99a017ca94');
INSERT INTO public.ledger VALUES (1, 'invoice', 1, 'demo', 'issue', NULL, 2, 1, 'a', 'test', 'tester', 'request-1', '', '2026-11-30T09:27:48.448891+00:00', '0000000000000000000000000000000000000000000000000000000000000000', '5378df6c0f4237af3c3275bf48eec1eafb2e8dc1ddde30c150192ae8c185c3dd');
INSERT INTO public.ledger VALUES (1, 'invoice', 2, 'demo', 'issue', 2, 3, 2, 'b', 'test', 'tester', 'request-1', '', '2026-11-30T09:27:48.451527+00:00', '5378df6c0f4237af3c3275bf48eec1eafb2e8dc1ddde30c150192ae8c185c3dd', '57fd153890533a79c21cd1a474dfa0a065d7fab8833e643c238c451b2dd3dd6d');
INSERT INTO public.ledger VALUES (1, 'invoice', 3, 'demo', 'issue', 3, 4, 3, 'c', 'test', 'tester', 'request-1', '', '2026-11-30T09:27:48.453430+00:00', '57fd153890533a79c21cd1a474dfa0a065d7fab8833e643c238c451b2dd3dd6d', 'c8cfa6b56cb3053347cbfa75cd395b242f4ec67eb682e124b42373420326d90e');
INSERT INTO public.ledger VALUES (1, 'invoice', 4, 'demo', 'void', 4, 4, 2, 'b', 'test', 'tester', 'request-1', '', '2026-11-30T09:27:48.455647+00:00', 'c8cfa6b56cb3053347cbfa75cd395b242f4ec67eb682e124b42373420326d90e', 'c071976ceb7dac806ba57c999d6bdfbdf43434d1084dc26a4519a235be196de5');
INSERT INTO public.ledger VALUES (1, 'invoice', 5, 'demo', 'issue', 4, 5, 4, 'd-1', 'test', 'tester', 'request-1', 'document:1', '2026-11-30T09:27:48.803981+00:00', 'c071976ceb7dac806ba57c999d6bdfbdf43434d1084dc26a4519a235be196de5', '4e77071f0a19acbf4c9d4d83a004b787bc782403b3580fa4a7c348f6c551bd93');
INSERT INTO public.ledger VALUES (2, 'invoice', 1, 'demo', 'bounds', NULL, NULL, NULL, '10..99', 'test', 'tester', 'request-1', '', '2026-11-30T20:31:58.004800+00:00', '0000000000000000000000000000000000000000000000000000000000000000', '47dff1bd01c7b67956ac640f86d493e31238fcec0a23c3300391d202ac007830');
INSERT INTO public.ledger VALUES (2, 'invoice', 2, 'demo', 'reserve', NULL, 11, 10, 'reserved', 'test', 'tester', 'request-1', '', '2026-11-30T20:31:58.008705+00:00', '47dff1bd01c7b67956ac640f86d493e31238fcec0a23c3300391d202ac007830', 'c4d6408efdaa2b6d5b0e5373f55b89ae4464fc3bf1699da9f3e7eaeb2c1f4b7f');
INSERT INTO public.ledger VALUES (2, 'invoice', 3, 'demo', 'claim', 11, 11, 20, 'claimed', 'test', 'tester', 'request-1', '', '2026-11-30T20:31:58.014771+00:00', 'c4d6408efdaa2b6d5b0e5373f55b89ae4464fc3bf1699da9f3e7eaeb2c1f4b7f', '7ec4af27f75446382ea95c8e59ea4964f179c56ea3709f9a56a7d7ced6a18935');
INSERT INTO public.ledger VALUES (3, 'series', 1, 'demo', 'create', NULL, NULL, NULL, '', 'test', 'tester', 'request-1', '', '2026-11-30T20:31:58.020189+00:00', '0000000000000000000000000000000000000000000000000000000000000000', 'cbaf2199330b0520d7121f64f2a47510d75576672a5599770ad1ed4a1bc2337a');
INSERT INTO public.meta VALUES ('primary-timeline', '00000001');
INSERT INTO public.meta VALUES ('catalogue-seed:demo', '6935f10b1b040422260dcc5491c5030784ab1ba540f792742c013b0288bc08f5');
INSERT INTO public.meta VALUES ('last-document-id', '2');
INSERT INTO public.meta VALUES ('catalogue-version:demo', '0006');
INSERT INTO public.record_tombstones VALUES ('demo', 'test.thing', '012', 1, 2, 1796070718024358, 1796070718030276);
INSERT INTO public.record_usage VALUES ('demo', 'customer', 1, 0, 203, -1);
INSERT INTO public.record_usage VALUES ('demo', 'test.thing', 1, 1, 15, -1);
INSERT INTO public.record_values VALUES ('demo', 'customer', 'name', 'åse', '011');
INSERT INTO public.record_values VALUES ('demo', 'test.thing', 'name', 'thing 1', '011');
INSERT INTO public.records VALUES ('demo', 'customer', '011', 1, 1, 1796070717955037, 1796070717955037, '{"name":["åse"]}', '\x7b226964223a312c226e616d65223a22c3857365222c226f7267616e697a6174696f6e5f6e756d626572223a22222c22656d61696c223a22222c22696e766f6963655f656d61696c223a22222c2270686f6e65223a22222c22676c6e223a22222c227061796d656e745f64617973223a6e756c6c2c22616464726573736573223a7b22706f7374223a6e756c6c2c2264656c6976657279223a6e756c6c2c227669736974223a6e756c6c2c22696e766f696365223a6e756c6c7d2c22657874726173223a7b7d7d');
INSERT INTO public.records VALUES ('demo', 'test.thing', '011', 1, 1, 1796070718024358, 1796070718024358, '{"name":["thing 1"]}', '\x7b2261223a317d');
INSERT INTO public.series VALUES (1, 'demo', 'main', 'Main å', 'P-', NULL, true, NULL);
INSERT INTO public.series VALUES (2, 'demo', 'extra', 'Extra', NULL, '/x', false, NULL);
INSERT INTO public.series VALUES (3, 'demo', 'stamp', 'test/stamp', NULL, NULL, false, 'test');
INSERT INTO public.snapshots VALUES ('demo', 'snap', '2199-12-31T00:00:00.000000+00:00', 19, '\x785ec5564b6fe4360cfe2b035f7a68d2526f697aeeb1400fbded04811e546a74c64efd48b30df2df4bd99eb1b39bed023b051a4c6c3d488bfcf891d44b95dbeee4876abf6337bbaa6bffea69f852f5d8d558861f3e94f584a7b6a2f7c9d74d79ff42efdd61044055a6bfded2b3198fc79bddd08d7877b3fbc0375af83c74bec8fdbc0c66d1eac7675accfed8e31da954b11d9b01bbf5d4ba796aeb8824a46e7672fa15cd49b8eefb11d3c5c055746bee74686ae378c266d895d97c1ad957c456a5adb5e18d52999d7d7aab23361ec6373a65f68583c8850b98e9966dd5f665b6a27136fbf320ac669f51a08f922e99479fa7e70ceff6498bcc380d02acb61684b3efae542f87eae8fbe1fe583778a8f6ece6504dc1eb69427b4fd8a4b69bc7cff42214a780bcbe9260d12972853140f3a610eb78a826119a17ba44dde14fbbef9ebfa3e54305ef3e5f5eefee5eab4f39b4713a753e0f05b90be93e777861d8243ac1fcd65f068a11a736982c2b9f22501c591178e3663172a2ad1ffcb17d187122e325ba71ec87f654e84c3253a009b43a2da836fe54005e50513d4de8a4b67bf04dfdb71feab6b96fc653c0023609954da4e42338cfd30590fb4f961f7f6fa7d02d4a0fc7669d3cfa8f2511ee93ff5802b5c4c5a7d461df4fb123131fdb7e5837131eeb27ec3eae2b4f755f6f04163396fd02d006ae05a123a607ecbe92ab53425f224a0959b26d4ae001fb29dce54d9f29650aff1c6932e74ff9e7c0f52d63b7027e03b7e7662fed0f525aebd8f7007b80220357fe956f28616cca3a42965c189f4514dca890a5458c0c7d0e1c6d8a2ca584022253c01cf76823b32a8a94265a7fb9f49c3120efa9ba94a23415a36f058038cecd0ac0d5c617004c4e4c09eb4009e18d8b9cc5c4bc3432650f1eb44a26fb60ad10a8a5885cd828150b3c25725fbf07c0b68e9e01a0352a656567aaacdf0c80900236005c6b7cb1c7c6ec75503a065130902686ec8d8a493815b8e45962d40683b61c1997a11045480e82ebe400df61c0b62750c34be4f1dcecae2780d2724380ab6d2ffe8361cee888c1241f2de8e09589ceb9a443caf49384b94c0cac4c916b4fc1779e0b1590399de8baf079065021be54cd3301c8fbb9e7574b97fc0a05cedd726aa2ef9683b9ebad64b8da113a47a2318447064f4e120f647449262b3c800cc69a108de5124410ca42f6d29b28a4a5faa128259213173096ebd65cf4ce97add8a11fd692b86d7253d18b6d93eb8775347653e3280bfde0bb617cfcd7f2288c639be4b8b23a4e25d626ad4d04a74dd09c8a9f41c98c0c16642e042128285b9cb719820dd11387b8928a3863137819e6ea5058ff7fe021b501f5dfb60b2f5cf028950d01b957367b8ecee7882aca407bc62bc881aaa573210318fa594bc9e48199e89d9c2f1843fb0736f3359080e9fb25c69c142151510f2c7981c286244068e6bd554a5b4a4704f43119a679c6ac3d57199d09999a028de76bee72afa7be3f12e6d4c57774712837b51c0fd52b8950842c63564ef498cc39e1e067632e379fdb1e31edcf1fd34ea8cc20b0001224e75c438a5149c7a2a21ba8b1d2d39e5712b271dc481e818900dc1227c0662a1174a1fc071a4269a6');
INSERT INTO public.tenants VALUES ('later', '{"id": "later"}', '2024-01-01T00:00:00+00:00');
INSERT INTO public.tokens VALUES ('session', '2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b', 'demo', '{"user": "\u00fc"}', 7258118400000);
ALTER TABLE ONLY public.alembic_version
    ADD CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num);
ALTER TABLE ONLY public.catalogue
    ADD CONSTRAINT pk_catalogue PRIMARY KEY (tenant, list, id);
ALTER TABLE ONLY public.counters
    ADD CONSTRAINT pk_counters PRIMARY KEY (series, line);
ALTER TABLE ONLY public.documents
    ADD CONSTRAINT pk_documents PRIMARY KEY (id);
ALTER TABLE ONLY public.due_work
    ADD CONSTRAINT pk_due_work PRIMARY KEY (tenant, id);
ALTER TABLE ONLY public.fences
    ADD CONSTRAINT pk_fences PRIMARY KEY (tenant);
ALTER TABLE ONLY public.issued
    ADD CONSTRAINT pk_issued PRIMARY KEY (series, line, number);
ALTER TABLE ONLY public.ledger
    ADD CONSTRAINT pk_ledger PRIMARY KEY (series, line, index);
ALTER TABLE ONLY public.meta
    ADD CONSTRAINT pk_meta PRIMARY KEY (name);
ALTER TABLE ONLY public.record_tombstones
    ADD CONSTRAINT pk_record_tombstones PRIMARY KEY (tenant, kind, id);
ALTER TABLE ONLY public.record_usage
    ADD CONSTRAINT pk_record_usage PRIMARY KEY (tenant, kind);
ALTER TABLE ONLY public.record_values
    ADD CONSTRAINT pk_record_values PRIMARY KEY (tenant, kind, field, value, id);
ALTER TABLE ONLY public.records
    ADD CONSTRAINT pk_records PRIMARY KEY (tenant, kind, id);
ALTER TABLE ONLY public.series
    ADD CONSTRAINT pk_series PRIMARY KEY (id);
ALTER TABLE ONLY public.snapshots
    ADD CONSTRAINT pk_snapshots PRIMARY KEY (tenant, name);
ALTER TABLE ONLY public.tenants
    ADD CONSTRAINT pk_tenants PRIMARY KEY (id);
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
CREATE INDEX ix_documents_walk ON public.documents USING btree (tenant, id, kind, status, stage, series, line, number, customer, external_status, registered, changed);
CREATE INDEX ix_due_work_again ON public.due_work USING btree (tenant, lane, due, id) WHERE ((state = 'waiting'::text) AND (attempts > 0));
CREATE INDEX ix_due_work_ended ON public.due_work USING btree (tenant, ended, id) WHERE (ended IS NOT NULL);
CREATE INDEX ix_due_work_first ON public.due_work USING btree (tenant, lane, due, id) WHERE ((state = 'waiting'::text) AND (attempts = 0));
CREATE INDEX ix_due_work_taken ON public.due_work USING btree (tenant, lane) WHERE ((state = 'waiting'::text) AND (taken_by <> ''::text));
CREATE INDEX ix_due_work_waiting ON public.due_work USING btree (tenant, due) WHERE (state = 'waiting'::text);
CREATE INDEX ix_record_tombstones_changed ON public.record_tombstones USING btree (tenant, kind, changed, id) WHERE (changed IS NOT NULL);
CREATE INDEX ix_records_changed ON public.records USING btree (tenant, kind, changed, id) WHERE (changed IS NOT NULL);
CREATE INDEX ix_tokens_tenant_expires_ms ON public.tokens USING btree (tenant, expires_ms);
CREATE UNIQUE INDEX uq_issued_tenant_reservation_key ON public.issued USING btree (tenant, reservation_key) WHERE (reservation_key IS NOT NULL);
CREATE UNIQUE INDEX uq_series_default ON public.series USING btree (tenant) WHERE is_default;
ALTER TABLE ONLY public.counters
    ADD CONSTRAINT fk_counters_series FOREIGN KEY (series) REFERENCES public.series(id);
ALTER TABLE ONLY public.documents
    ADD CONSTRAINT fk_documents_series FOREIGN KEY (series) REFERENCES public.series(id);
ALTER TABLE ONLY public.issued
    ADD CONSTRAINT fk_issued_series FOREIGN KEY (series) REFERENCES public.series(id);
ALTER TABLE ONLY public.ledger
    ADD CONSTRAINT fk_ledger_series FOREIGN KEY (series) REFERENCES public.series(id);
