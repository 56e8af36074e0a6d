-- +goose Up
-- Files as answers and evidence. Their content lies encrypted in the object
-- store; here stand where, its key under the draft's data key, and nothing that
-- can be read: no name, type or exact size.

-- The files of a draft. The same object may be in several drafts of a tender: a
-- replacement begins with what was submitted.
CREATE TABLE draft_files (
  tender_id      uuid NOT NULL REFERENCES tenders,
  draft          integer NOT NULL,
  -- The supplier's own id of the file; it stays when the content is replaced.
  id             uuid NOT NULL,
  -- What it answers; null for a general annex.
  requirement_id uuid,
  lot_id         uuid NOT NULL,
  part           text NOT NULL CHECK (part IN ('quality', 'price')),
  version        bigint NOT NULL CHECK (version > 0),
  -- Name, type, size, hash and key of the content, encrypted.
  sealed         bytea NOT NULL,
  object_id      uuid NOT NULL,
  -- Of the ciphertext.
  size           bigint NOT NULL CHECK (size > 0),
  sha256         bytea NOT NULL CHECK (length(sha256) = 32),
  -- What the virus scan at the upload came to.
  scan           text NOT NULL CHECK (scan IN ('off', 'clean', 'away')),
  saved_at       timestamptz NOT NULL,
  PRIMARY KEY (tender_id, draft, id)
);
CREATE INDEX draft_files_object ON draft_files (object_id);

-- The files of a submission, as its receipt lists them. Names and keys are in
-- the envelope.
CREATE TABLE submitted_files (
  tender_id  uuid NOT NULL,
  submission integer NOT NULL,
  id         uuid NOT NULL,
  lot_id     uuid NOT NULL,
  part       text NOT NULL CHECK (part IN ('quality', 'price')),
  object_id  uuid NOT NULL,
  size       bigint NOT NULL CHECK (size > 0),
  sha256     bytea NOT NULL CHECK (length(sha256) = 32),
  scan       text NOT NULL CHECK (scan IN ('off', 'clean', 'away')),
  saved_at   timestamptz NOT NULL,
  PRIMARY KEY (tender_id, submission, id),
  FOREIGN KEY (tender_id, submission) REFERENCES submissions (tender_id, n)
);
CREATE INDEX submitted_files_object ON submitted_files (object_id);

-- Opened files: from now on the key of the content is readable to those who may
-- see the tender, as opened answers are. The object stays as the receipt has it.
CREATE TABLE opened_files (
  tender_id      uuid NOT NULL REFERENCES tenders,
  id             uuid NOT NULL,
  requirement_id uuid,
  lot_id         uuid NOT NULL,
  part           text NOT NULL CHECK (part IN ('quality', 'price')),
  name           text NOT NULL,
  media_type     text NOT NULL,
  size           bigint NOT NULL,
  content_sha256 bytea NOT NULL,
  object_id      uuid NOT NULL,
  key            bytea NOT NULL,
  -- A find blocks the file's download and never rejects the tender by itself.
  scan           text NOT NULL CHECK (scan IN ('off', 'clean', 'away', 'found')),
  finding        text,
  scanned_at     timestamptz,
  PRIMARY KEY (tender_id, id)
);
CREATE INDEX opened_files_object ON opened_files (object_id);
CREATE INDEX opened_files_unscanned ON opened_files (tender_id) WHERE scan IN ('off', 'away');

-- Which of some objects nothing refers to. It tells the worker nothing of a
-- draft, which it cannot read, but that an object is used.
CREATE FUNCTION unused_objects(objects uuid[]) RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT o FROM unnest(objects) o
  WHERE NOT EXISTS (SELECT 1 FROM draft_files d WHERE d.object_id = o)
    AND NOT EXISTS (SELECT 1 FROM submitted_files s WHERE s.object_id = o)
    AND NOT EXISTS (SELECT 1 FROM opened_files x WHERE x.object_id = o)
$$;

-- +goose StatementBegin
DO $$
DECLARE
  t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['draft_files', 'submitted_files', 'opened_files'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('GRANT SELECT ON %I TO fellesloft_backup', t);
  END LOOP;
  FOREACH t IN ARRAY ARRAY['draft_files', 'submitted_files'] LOOP
    EXECUTE format('CREATE POLICY app ON %I TO fellesloft_app USING (is_own_tender(tender_id)) WITH CHECK (is_own_tender(tender_id))', t);
  END LOOP;
  FOREACH t IN ARRAY ARRAY['submitted_files', 'opened_files'] LOOP
    EXECUTE format('CREATE POLICY engine ON %I TO fellesloft_engine USING (true) WITH CHECK (true)', t);
  END LOOP;
END $$;
-- +goose StatementEnd
GRANT SELECT, INSERT, DELETE ON draft_files TO fellesloft_app;
GRANT UPDATE (requirement_id, lot_id, part, version, sealed, object_id, size, sha256, scan, saved_at) ON draft_files TO fellesloft_app;
GRANT SELECT, INSERT ON submitted_files TO fellesloft_app;
GRANT SELECT ON submitted_files TO fellesloft_engine;
CREATE POLICY app_read ON opened_files FOR SELECT TO fellesloft_app USING (may_see(tender_id));
GRANT SELECT ON opened_files TO fellesloft_app;
GRANT SELECT, INSERT ON opened_files TO fellesloft_engine;
GRANT UPDATE (scan, finding, scanned_at) ON opened_files TO fellesloft_engine;
REVOKE EXECUTE ON FUNCTION unused_objects(uuid[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION unused_objects(uuid[]) TO fellesloft_engine;

-- +goose Down
SELECT 'forward only' / 0;
