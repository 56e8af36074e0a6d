-- name: OrganisationKey :one
SELECT id, wrapped FROM organisation_keys WHERE org_id = app_org();

-- name: InsertOrganisationKey :execrows
INSERT INTO organisation_keys (org_id, id, wrapped) VALUES (@org_id, @id, @wrapped) ON CONFLICT (org_id) DO NOTHING;

-- name: RewrapOrganisationKey :exec
UPDATE organisation_keys SET wrapped = @wrapped WHERE org_id = app_org();

-- name: StoredAnswers :many
SELECT id, origin, version, sealed, owner_id, review_on, saved_at FROM stored_answers WHERE org_id = app_org() AND id > @after ORDER BY id LIMIT @up_to;

-- name: StoredAnswersOf :many
SELECT id, origin, version, sealed, owner_id, review_on, saved_at FROM stored_answers WHERE org_id = app_org() AND origin = any(@origins::text[]) ORDER BY origin, saved_at DESC, id;

-- name: LockStoredAnswer :one
SELECT id, version FROM stored_answers WHERE org_id = app_org() AND id = @id FOR UPDATE;

-- name: CountStoredAnswers :one
SELECT count(*) FROM stored_answers WHERE org_id = app_org();

-- name: InsertStoredAnswer :exec
INSERT INTO stored_answers (id, org_id, origin, version, sealed, owner_id, review_on) VALUES (@id, @org_id, @origin, 1, @sealed, @owner_id, @review_on);

-- name: ReplaceStoredAnswer :exec
UPDATE stored_answers SET origin = @origin, version = @version, sealed = @sealed, owner_id = @owner_id, review_on = @review_on, saved_at = clock_timestamp() WHERE id = @id;

-- name: DeleteStoredAnswer :exec
DELETE FROM stored_answers WHERE id = @id;
