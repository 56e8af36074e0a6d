-- +goose Up
-- Changes of the requirements after publication, what was published when, and
-- suppliers who confirm what they submitted; and an edit version that tells two
-- authors of one list apart.

-- edit counts the changes of a case's list across its versions and never
-- repeats, so that nobody overwrites what another has just written. discarded:
-- an amendment that was begun and never published.
ALTER TABLE requirement_sets DROP CONSTRAINT requirement_sets_state_check;
ALTER TABLE requirement_sets
  ADD COLUMN edit bigint NOT NULL DEFAULT 1 CHECK (edit > 0),
  ADD CONSTRAINT requirement_sets_state_check CHECK (state IN ('draft', 'kept', 'locked', 'superseded', 'discarded'));
GRANT UPDATE (edit) ON requirement_sets TO fellesloft_app;
-- One version is the published one.
CREATE UNIQUE INDEX one_locked_set ON requirement_sets (case_id) WHERE state = 'locked';

-- An amendment being prepared beside the published version.
CREATE TABLE amendments (
  procurement_id uuid NOT NULL,
  space_id       uuid NOT NULL,
  set_version    integer NOT NULL,
  -- The published version that it changes.
  base_version   integer NOT NULL CHECK (base_version > 0 AND base_version < set_version),
  -- The numbers of the clarifications that it follows from.
  clarifications integer[] NOT NULL DEFAULT '{}',
  begun_by       uuid NOT NULL,
  begun_at       timestamptz NOT NULL,
  PRIMARY KEY (procurement_id, set_version),
  FOREIGN KEY (space_id, procurement_id) REFERENCES procurements (space_id, id),
  FOREIGN KEY (procurement_id, set_version) REFERENCES requirement_sets (case_id, version)
);

-- A file holds from the version that it came with until the one that takes it
-- out.
ALTER TABLE procurement_documents ADD COLUMN withdrawn_in integer CHECK (withdrawn_in > set_version);
GRANT UPDATE (withdrawn_in) ON procurement_documents TO fellesloft_app;
ALTER TABLE public_documents ADD COLUMN withdrawn_in integer CHECK (withdrawn_in > set_version);

-- Every version that has been published, as suppliers read it, and how it
-- differs from the one before.
CREATE TABLE public_versions (
  procurement_id  uuid NOT NULL REFERENCES public_procurements,
  version         integer NOT NULL CHECK (version > 0),
  before          integer CHECK (before < version),
  requirement_set jsonb NOT NULL,
  sha256          bytea NOT NULL CHECK (length(sha256) = 32),
  difference      jsonb,
  -- Names of files that came and went.
  files_added     text[] NOT NULL DEFAULT '{}',
  files_removed   text[] NOT NULL DEFAULT '{}',
  clarifications  integer[] NOT NULL DEFAULT '{}',
  reason          text NOT NULL DEFAULT '' CHECK (length(reason) <= 4000),
  deadline_before timestamptz,
  deadline        timestamptz NOT NULL,
  published_at    timestamptz NOT NULL,
  PRIMARY KEY (procurement_id, version),
  CHECK ((before IS NULL) = (difference IS NULL) AND (before IS NULL) = (deadline_before IS NULL))
);
INSERT INTO public_versions (procurement_id, version, requirement_set, sha256, deadline, published_at)
SELECT p.id, p.set_version, p.requirement_set, sha256(convert_to(p.requirement_set::text, 'UTF8')), p.deadline, p.published_at FROM public_procurements p;

-- A signatory's word that what was submitted stands under a later version too.
CREATE TABLE tender_confirmations (
  tender_id    uuid NOT NULL,
  submission   integer NOT NULL,
  set_version  integer NOT NULL CHECK (set_version > 0),
  confirmed_by uuid NOT NULL,
  confirmed_at timestamptz NOT NULL,
  -- Signed by the server, byte for byte.
  receipt      bytea NOT NULL,
  PRIMARY KEY (tender_id, submission, set_version),
  FOREIGN KEY (tender_id, submission) REFERENCES submissions (tender_id, n)
);

-- +goose StatementBegin
DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['amendments', 'public_versions', 'tender_confirmations'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('GRANT SELECT ON %I TO fellesloft_backup', t);
    EXECUTE format('CREATE POLICY engine ON %I TO fellesloft_engine USING (true) WITH CHECK (true)', t);
  END LOOP;
END $$;
-- +goose StatementEnd
CREATE POLICY app ON amendments TO fellesloft_app USING (may_see(procurement_id)) WITH CHECK (may_see(procurement_id));
GRANT SELECT, INSERT ON amendments TO fellesloft_app;
GRANT UPDATE (clarifications) ON amendments TO fellesloft_app;
GRANT SELECT ON amendments TO fellesloft_engine;
CREATE POLICY anyone ON public_versions FOR SELECT TO fellesloft_anyone, fellesloft_app USING (true);
GRANT SELECT ON public_versions TO fellesloft_anyone, fellesloft_app;
GRANT SELECT, INSERT ON public_versions TO fellesloft_engine;
-- Who confirmed what is hidden from the buyers like the tender itself, until it
-- is opened.
CREATE POLICY app_read ON tender_confirmations FOR SELECT TO fellesloft_app USING (may_see(tender_id));
CREATE POLICY app_write ON tender_confirmations FOR INSERT TO fellesloft_app WITH CHECK (is_own_tender(tender_id));
GRANT SELECT, INSERT ON tender_confirmations TO fellesloft_app;
GRANT SELECT ON tender_confirmations TO fellesloft_engine;

-- +goose Down
SELECT 'forward only' / 0;
