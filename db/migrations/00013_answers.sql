-- +goose Up
-- An answer is more than its value: a supplier's mark that it is a business
-- secret, and which of the named buyers it covers. Until the opening the marks
-- are sealed with the answer.
ALTER TABLE opened_answers ADD COLUMN secret text, ADD COLUMN buyers uuid[] NOT NULL DEFAULT '{}';
ALTER TABLE opened_files ADD COLUMN secret text;

-- Who of the supplier saved an answer last; told to the own organisation only.
ALTER TABLE draft_answers ADD COLUMN saved_by uuid;
GRANT UPDATE (saved_by) ON draft_answers TO fellesloft_app;

-- When the tender that stands was received; null where none stands. Every status
-- says it, so it stands with the tender.
ALTER TABLE tenders ADD COLUMN received_at timestamptz;
UPDATE tenders t SET received_at = s.received_at FROM submissions s WHERE s.tender_id = t.id AND s.state = 'standing';
GRANT UPDATE (received_at) ON tenders TO fellesloft_app;

-- A repetition has the entity tag of the first answer, too.
ALTER TABLE idempotency ADD COLUMN etag text;

-- +goose Down
SELECT 'forward only' / 0;
