-- name: InsertRequirementSet :exec
INSERT INTO requirement_sets (id, version, case_id, space_id, head) VALUES (@id, @version, @case_id, @space_id, @head);

-- name: ReplaceSetHead :exec
UPDATE requirement_sets SET head = @head WHERE id = @id AND version = @version AND state = 'draft';

-- name: CurrentSet :one
SELECT * FROM requirement_sets WHERE case_id = @case_id ORDER BY version DESC LIMIT 1;

-- name: SetVersion :one
SELECT * FROM requirement_sets WHERE case_id = @case_id AND version = @version;

-- name: DeleteRequirements :exec
DELETE FROM requirements WHERE set_id = @set_id AND set_version = @set_version;

-- name: InsertRequirements :exec
INSERT INTO requirements (set_id, set_version, id, ordinal, number, kind, answer_type, body)
SELECT @set_id, @set_version, r.id, r.ordinal, r.number, r.kind, r.answer_type, r.body
FROM jsonb_to_recordset(@rows::jsonb) AS r(id uuid, ordinal int, number text, kind text, answer_type text, body jsonb);

-- name: RequirementBodies :one
-- The requirements of a version in their order, built as one JSON array.
SELECT coalesce(jsonb_agg(body ORDER BY ordinal), '[]')::jsonb FROM requirements WHERE set_id = @set_id AND set_version = @set_version;

-- name: LockSet :exec
UPDATE requirement_sets SET state = 'locked', locked_at = @locked_at, sha256 = @sha256 WHERE id = @id AND version = @version AND state = 'draft';
