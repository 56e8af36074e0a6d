-- +goose Up
-- Versions that the lead buyer keeps while the requirements are being written,
-- input rounds among the participants, and the library of reusable requirements.

-- kept: a version before publication that the lead buyer gave a note; the draft
-- goes on as the next version.
ALTER TABLE requirement_sets DROP CONSTRAINT requirement_sets_state_check;
ALTER TABLE requirement_sets
  ADD CONSTRAINT requirement_sets_state_check CHECK (state IN ('draft', 'kept', 'locked', 'superseded')),
  ADD COLUMN note text CHECK (length(note) BETWEEN 1 AND 500),
  ADD COLUMN kept_by uuid,
  ADD CONSTRAINT requirement_sets_kept CHECK ((state = 'kept') = (kept_by IS NOT NULL));
CREATE UNIQUE INDEX one_draft_of_a_set ON requirement_sets (case_id) WHERE state = 'draft';
CREATE UNIQUE INDEX versions_of_a_case ON requirement_sets (case_id, version);
GRANT UPDATE (note, kept_by) ON requirement_sets TO fellesloft_app;

-- +goose StatementBegin
CREATE OR REPLACE FUNCTION locked_set_is_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE s text;
BEGIN
  SELECT state INTO s FROM requirement_sets WHERE id = coalesce(NEW.set_id, OLD.set_id) AND version = coalesce(NEW.set_version, OLD.set_version);
  IF s <> 'draft' THEN
    RAISE EXCEPTION 'the requirement set is locked' USING ERRCODE = 'check_violation', CONSTRAINT = 'requirement_set_locked';
  END IF;
  RETURN coalesce(NEW, OLD);
END $$;
-- What was read, commented on or answered stays as it was. Only a published
-- version may end, when an amended one takes its place.
CREATE FUNCTION set_version_is_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.state <> 'draft' THEN
    IF TG_OP = 'UPDATE' AND OLD.state = 'locked' AND NEW.state = 'superseded'
       AND (NEW.head, NEW.sha256, NEW.locked_at, NEW.note) IS NOT DISTINCT FROM (OLD.head, OLD.sha256, OLD.locked_at, OLD.note) THEN
      RETURN NEW;
    END IF;
    RAISE EXCEPTION 'the requirement set is locked' USING ERRCODE = 'check_violation', CONSTRAINT = 'requirement_set_locked';
  END IF;
  RETURN coalesce(NEW, OLD);
END $$;
-- +goose StatementEnd
CREATE TRIGGER set_version_is_frozen BEFORE UPDATE OR DELETE ON requirement_sets FOR EACH ROW EXECUTE FUNCTION set_version_is_frozen();

-- Files go on with the draft; a kept version is one of the requirements.
GRANT UPDATE (set_version) ON procurement_documents TO fellesloft_app;

-- An input round (innspillsrunde): rows only, since nothing waits for it but the
-- decision to publish, which counts them. Instants are case time.
CREATE TABLE input_rounds (
  id             uuid PRIMARY KEY,
  procurement_id uuid NOT NULL,
  space_id       uuid NOT NULL,
  n              integer NOT NULL CHECK (n > 0),
  -- The kept version that the participants read.
  set_version    integer NOT NULL CHECK (set_version > 0),
  opened_by      uuid NOT NULL,
  opened_at      timestamptz NOT NULL,
  until          timestamptz NOT NULL CHECK (until > opened_at),
  closed_by      uuid,
  closed_at      timestamptz,
  UNIQUE (procurement_id, n),
  UNIQUE (procurement_id, id),
  CHECK ((closed_at IS NULL) = (closed_by IS NULL)),
  FOREIGN KEY (space_id, procurement_id) REFERENCES procurements (space_id, id)
);
CREATE TABLE inputs (
  id             uuid PRIMARY KEY,
  procurement_id uuid NOT NULL,
  round_id       uuid NOT NULL,
  org_id         uuid NOT NULL REFERENCES organisations,
  given_by       uuid NOT NULL,
  given_at       timestamptz NOT NULL,
  version        bigint NOT NULL DEFAULT 1,
  kind           text NOT NULL CHECK (kind IN ('set', 'requirement', 'proposal')),
  requirement_id uuid,
  text           text NOT NULL CHECK (length(text) BETWEEN 1 AND 8000),
  wording        text NOT NULL DEFAULT '' CHECK (length(wording) <= 8000),
  outcome        text CHECK (outcome IN ('taken-in', 'partly', 'rejected')),
  reason         text CHECK (length(reason) BETWEEN 3 AND 8000),
  -- What was changed, added or taken out for it.
  requirement_ids uuid[] NOT NULL DEFAULT '{}',
  answered_by    uuid,
  answered_at    timestamptz,
  CHECK ((kind = 'requirement') = (requirement_id IS NOT NULL)),
  CHECK ((outcome IS NULL) = (reason IS NULL) AND (outcome IS NULL) = (answered_by IS NULL) AND (outcome IS NULL) = (answered_at IS NULL)),
  FOREIGN KEY (procurement_id, round_id) REFERENCES input_rounds (procurement_id, id)
);
CREATE INDEX inputs_case ON inputs (procurement_id, id);
CREATE INDEX inputs_round ON inputs (round_id);

-- Reusable requirements. One without an organisation is the deployment's own.
CREATE TABLE library_entries (
  id          uuid PRIMARY KEY,
  version     integer NOT NULL DEFAULT 1 CHECK (version > 0),
  org_id      uuid REFERENCES organisations,
  -- The network whose members read it too.
  network_id  uuid REFERENCES networks,
  code        text NOT NULL CHECK (length(code) BETWEEN 1 AND 40),
  area        text NOT NULL DEFAULT '' CHECK (length(area) <= 200),
  sectors     text[] NOT NULL DEFAULT '{}',
  source      text NOT NULL DEFAULT '' CHECK (length(source) <= 1000),
  source_read text NOT NULL DEFAULT 'not' CHECK (source_read IN ('read', 'partly', 'not')),
  proposal    boolean NOT NULL DEFAULT false,
  changed_at  timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE UNIQUE INDEX library_code ON library_entries (coalesce(org_id, '00000000-0000-0000-0000-000000000000'), lower(code));
-- Every wording that there has been: a requirement keeps the version it was made
-- from.
CREATE TABLE library_versions (
  entry_id    uuid NOT NULL REFERENCES library_entries,
  version     integer NOT NULL CHECK (version > 0),
  requirement jsonb NOT NULL,
  made_by     uuid,
  made_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (entry_id, version)
);

-- +goose StatementBegin
DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['input_rounds', 'inputs', 'library_entries', 'library_versions'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('GRANT SELECT ON %I TO fellesloft_backup', t);
    EXECUTE format('CREATE POLICY engine ON %I TO fellesloft_engine USING (true) WITH CHECK (true)', t);
  END LOOP;
END $$;
-- +goose StatementEnd
-- The lead buyer and the participants read all inputs of their case; each speaks
-- for itself. Suppliers share no object with them.
CREATE POLICY app ON input_rounds TO fellesloft_app USING (may_see(procurement_id)) WITH CHECK (may_see(procurement_id));
CREATE POLICY app ON inputs TO fellesloft_app USING (may_see(procurement_id)) WITH CHECK (may_see(procurement_id));
CREATE POLICY app_own ON inputs AS RESTRICTIVE FOR INSERT TO fellesloft_app WITH CHECK (org_id = app_org());
GRANT SELECT, INSERT ON input_rounds, inputs TO fellesloft_app;
GRANT UPDATE (closed_at, closed_by) ON input_rounds TO fellesloft_app;
GRANT UPDATE (outcome, reason, requirement_ids, answered_by, answered_at, version) ON inputs TO fellesloft_app;
GRANT SELECT ON input_rounds, inputs TO fellesloft_engine;

-- An entry is read by its owner, by the members of the network that it is shared
-- with, and the deployment's own by everybody signed in.
CREATE POLICY app_read ON library_entries FOR SELECT TO fellesloft_app USING (app_org() IS NOT NULL AND (org_id IS NULL OR org_id = app_org()
  OR EXISTS (SELECT 1 FROM network_members m WHERE m.network_id = library_entries.network_id AND m.org_id = app_org() AND m.to_on IS NULL)));
CREATE POLICY app_make ON library_entries FOR INSERT TO fellesloft_app WITH CHECK (org_id = app_org()
  AND (network_id IS NULL OR EXISTS (SELECT 1 FROM network_members m WHERE m.network_id = library_entries.network_id AND m.org_id = app_org() AND m.to_on IS NULL)));
CREATE POLICY app_change ON library_entries FOR UPDATE TO fellesloft_app USING (org_id = app_org()) WITH CHECK (org_id = app_org()
  AND (network_id IS NULL OR EXISTS (SELECT 1 FROM network_members m WHERE m.network_id = library_entries.network_id AND m.org_id = app_org() AND m.to_on IS NULL)));
CREATE POLICY app_read ON library_versions FOR SELECT TO fellesloft_app USING (EXISTS (SELECT 1 FROM library_entries e WHERE e.id = entry_id));
CREATE POLICY app_make ON library_versions FOR INSERT TO fellesloft_app WITH CHECK (EXISTS (SELECT 1 FROM library_entries e WHERE e.id = entry_id AND e.org_id = app_org()));
GRANT SELECT, INSERT ON library_entries, library_versions TO fellesloft_app;
GRANT UPDATE (version, network_id, area, sectors, source, source_read, proposal, changed_at) ON library_entries TO fellesloft_app;

REVOKE EXECUTE ON FUNCTION set_version_is_frozen() FROM PUBLIC;

-- +goose Down
SELECT 'forward only' / 0;
