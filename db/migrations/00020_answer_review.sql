-- +goose Up
-- What a supplier's people tell each other about an answer: that a version has
-- been reviewed, or is sent back, with a comment. Comments are sealed with the
-- key of the draft's summary, which no opening is ever given.
CREATE TABLE answer_notes (
  id             uuid PRIMARY KEY,
  tender_id      uuid NOT NULL REFERENCES tenders,
  -- Whose summary key seals the comment.
  draft          integer NOT NULL,
  requirement_id uuid NOT NULL,
  answer_version bigint NOT NULL CHECK (answer_version > 0),
  kind           text NOT NULL CHECK (kind IN ('reviewed', 'returned', 'comment')),
  sealed         bytea CHECK (kind = 'reviewed' OR sealed IS NOT NULL),
  noted_by       uuid NOT NULL,
  noted_at       timestamptz NOT NULL
);
CREATE INDEX answer_notes_thread ON answer_notes (tender_id, requirement_id, noted_at);

-- Who of the supplier is to answer a requirement.
CREATE TABLE answer_assignments (
  tender_id      uuid NOT NULL REFERENCES tenders,
  requirement_id uuid NOT NULL,
  assignee_id    uuid NOT NULL,
  assigned_by    uuid NOT NULL,
  assigned_at    timestamptz NOT NULL,
  PRIMARY KEY (tender_id, requirement_id)
);

-- +goose StatementBegin
DO $$
DECLARE
  t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['answer_notes', 'answer_assignments'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('GRANT SELECT ON %I TO fellesloft_backup', t);
    EXECUTE format('CREATE POLICY app ON %I TO fellesloft_app USING (is_own_tender(tender_id)) WITH CHECK (is_own_tender(tender_id))', t);
  END LOOP;
END $$;
-- +goose StatementEnd
GRANT SELECT, INSERT ON answer_notes TO fellesloft_app;
GRANT SELECT, INSERT, DELETE ON answer_assignments TO fellesloft_app;
GRANT UPDATE (assignee_id, assigned_by, assigned_at) ON answer_assignments TO fellesloft_app;

-- +goose Down
SELECT 'forward only' / 0;
