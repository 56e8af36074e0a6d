-- +goose Up
-- Answers to all have versions: a correction stands beside what it corrects, and
-- both stay public. A question that gets no answer is declined with a reason,
-- which is public in the same way. An edition is a version of the questions and
-- answers as a document; what is published together shares one.
CREATE TABLE clarification_versions (
  clarification_id uuid NOT NULL,
  version          integer NOT NULL CHECK (version > 0),
  procurement_id   uuid NOT NULL,
  edition          integer NOT NULL CHECK (edition > 0),
  declined         boolean NOT NULL DEFAULT false,
  -- As all read it; empty for what the lead buyer tells unasked.
  question         text NOT NULL CHECK (length(question) <= 4000),
  -- The answer, or why there is none.
  answer           text NOT NULL CHECK (length(answer) BETWEEN 1 AND 8000),
  -- Why it was corrected.
  comment          text CHECK (length(comment) BETWEEN 1 AND 2000),
  requirement_ids  uuid[] NOT NULL DEFAULT '{}',
  written_by       uuid NOT NULL,
  written_at       timestamptz NOT NULL,
  PRIMARY KEY (procurement_id, clarification_id, version),
  FOREIGN KEY (procurement_id, clarification_id) REFERENCES clarifications (procurement_id, id),
  CHECK ((version = 1) = (comment IS NULL))
);
CREATE INDEX clarification_versions_case ON clarification_versions (procurement_id, edition);
INSERT INTO clarification_versions (clarification_id, version, procurement_id, edition, question, answer, written_by, written_at)
SELECT id, 1, procurement_id, n, question, answer, answered_by, answered_at FROM clarifications;
ALTER TABLE clarifications
  DROP COLUMN question, DROP COLUMN answer, DROP COLUMN answered_by, DROP COLUMN answered_at,
  -- The version of the requirements that the answer led to, and the edition that
  -- first tells so.
  ADD COLUMN set_version integer CHECK (set_version > 0),
  ADD COLUMN set_edition integer CHECK (set_edition > 0),
  ADD CONSTRAINT clarifications_led_to CHECK ((set_version IS NULL) = (set_edition IS NULL));

ALTER TABLE public_clarifications
  DROP CONSTRAINT public_clarifications_pkey,
  DROP CONSTRAINT public_clarifications_procurement_id_n_key,
  ADD COLUMN version integer NOT NULL DEFAULT 1,
  ADD COLUMN edition integer NOT NULL DEFAULT 1,
  ADD COLUMN declined boolean NOT NULL DEFAULT false,
  ADD COLUMN comment text,
  -- The requirements with their numbers as they were: an edition stays as it is.
  ADD COLUMN requirements jsonb NOT NULL DEFAULT '[]',
  ADD COLUMN set_version integer,
  ADD COLUMN set_edition integer,
  ADD PRIMARY KEY (id, version),
  ADD CONSTRAINT public_clarifications_once UNIQUE (procurement_id, n, version);
UPDATE public_clarifications SET edition = n;
ALTER TABLE public_procurements ADD COLUMN answers_due date;

-- A supplier's own questions, and each of them once.
CREATE INDEX question_askers_org ON question_askers (org_id);

ALTER TABLE clarification_versions ENABLE ROW LEVEL SECURITY;
ALTER TABLE clarification_versions FORCE ROW LEVEL SECURITY;
GRANT SELECT ON clarification_versions TO fellesloft_backup;
CREATE POLICY engine ON clarification_versions TO fellesloft_engine USING (true) WITH CHECK (true);
CREATE POLICY app ON clarification_versions TO fellesloft_app USING (may_see(procurement_id)) WITH CHECK (may_see(procurement_id));
GRANT SELECT ON clarification_versions TO fellesloft_engine;
GRANT SELECT, INSERT ON clarification_versions TO fellesloft_app;

-- What an answer led to is told when the requirements are amended.
GRANT UPDATE (set_version, set_edition) ON clarifications TO fellesloft_app, fellesloft_engine;
GRANT UPDATE (set_version, set_edition) ON public_clarifications TO fellesloft_app;
CREATE POLICY app_led_to ON public_clarifications FOR UPDATE TO fellesloft_app USING (may_see(procurement_id)) WITH CHECK (may_see(procurement_id));

-- +goose Down
SELECT 'forward only' / 0;
