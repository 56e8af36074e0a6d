-- +goose Up
-- A supplier's own library of answers, which it reuses from one tender to the
-- next. What an entry says is sealed with a key of the organisation; plain are
-- the requirement of a library that it answers, who looks after it and when it
-- is to be looked at again.
CREATE TABLE organisation_keys (
  org_id  uuid PRIMARY KEY REFERENCES organisations,
  id      uuid NOT NULL UNIQUE,
  wrapped bytea NOT NULL,
  made_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE TABLE stored_answers (
  id        uuid PRIMARY KEY,
  org_id    uuid NOT NULL REFERENCES organisation_keys,
  origin    text CHECK (length(origin) BETWEEN 1 AND 300),
  version   bigint NOT NULL DEFAULT 1,
  sealed    bytea NOT NULL,
  owner_id  uuid NOT NULL REFERENCES identities,
  review_on date,
  saved_at  timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX stored_answers_org ON stored_answers (org_id, id);
CREATE INDEX stored_answers_origin ON stored_answers (org_id, origin) WHERE origin IS NOT NULL;

ALTER TABLE organisation_keys ENABLE ROW LEVEL SECURITY;
ALTER TABLE organisation_keys FORCE ROW LEVEL SECURITY;
ALTER TABLE stored_answers ENABLE ROW LEVEL SECURITY;
ALTER TABLE stored_answers FORCE ROW LEVEL SECURITY;
GRANT SELECT ON organisation_keys, stored_answers TO fellesloft_backup;
CREATE POLICY app ON organisation_keys TO fellesloft_app USING (org_id = app_org()) WITH CHECK (org_id = app_org());
CREATE POLICY app ON stored_answers TO fellesloft_app USING (org_id = app_org()) WITH CHECK (org_id = app_org());
GRANT SELECT, INSERT ON organisation_keys TO fellesloft_app;
GRANT UPDATE (wrapped) ON organisation_keys TO fellesloft_app;
GRANT SELECT, INSERT, DELETE ON stored_answers TO fellesloft_app;
GRANT UPDATE (origin, version, sealed, owner_id, review_on, saved_at) ON stored_answers TO fellesloft_app;

-- +goose Down
SELECT 'forward only' / 0;
