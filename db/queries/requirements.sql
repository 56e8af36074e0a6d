-- name: InsertRequirementSet :exec
INSERT INTO requirement_sets (id, version, case_id, space_id, head) VALUES (@id, @version, @case_id, @space_id, @head);

-- name: ReplaceSetHead :exec
UPDATE requirement_sets SET head = @head, edit = edit + 1 WHERE id = @id AND version = @version AND state = 'draft';

-- name: CurrentSet :one
-- The draft where there is one, else what was published last.
SELECT * FROM requirement_sets WHERE case_id = @case_id AND state <> 'discarded' ORDER BY version DESC LIMIT 1;

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
-- json and not jsonb: text is put together and not a tree, in half the time.
SELECT coalesce(json_agg(body ORDER BY ordinal), '[]')::json FROM requirements WHERE set_id = @set_id AND set_version = @set_version;

-- name: RequirementList :one
-- The newest version of a case's set as JSON, version 0 where there is none yet,
-- and how the asking organisation stands to the case. One statement, since the
-- list is large and asked for often; not one object, since every layer around
-- the requirements would copy them all.
SELECT coalesce(p.lead_org = app_org(), false)::boolean AS leads,
       EXISTS (SELECT 1 FROM participants m WHERE m.procurement_id = p.id AND m.org_id = app_org()) AS takes_part,
       coalesce(s.version, 0)::int AS version, coalesce(s.edit, 0)::bigint AS edit, coalesce(s.state <> 'draft', false)::boolean AS locked,
       coalesce(s.head - 'requirements', '{}')::json AS head,
       (SELECT coalesce(json_agg(r.body ORDER BY r.ordinal), '[]') FROM requirements r WHERE r.set_id = s.id AND r.set_version = s.version)::json AS requirements
FROM procurements p LEFT JOIN LATERAL (SELECT c.* FROM requirement_sets c WHERE c.case_id = p.id AND c.state <> 'discarded' ORDER BY c.version DESC LIMIT 1) s ON true
WHERE p.id = @id;

-- name: LockSet :exec
UPDATE requirement_sets SET state = 'locked', locked_at = @locked_at, sha256 = @sha256 WHERE id = @id AND version = @version AND state = 'draft';

-- name: SetVersions :many
-- The versions of a case's set, oldest first, each with how many requirements.
SELECT s.version, s.state, s.note, s.kept_by, s.locked_at,
       (SELECT count(*) FROM requirements r WHERE r.set_id = s.id AND r.set_version = s.version)::int AS requirements
FROM requirement_sets s WHERE s.case_id = @case_id ORDER BY s.version;

-- name: LastKept :one
-- The newest version that was kept, to tell whether anything has changed since.
SELECT version, sha256 FROM requirement_sets WHERE case_id = @case_id AND state = 'kept' ORDER BY version DESC LIMIT 1;

-- name: KeepSet :exec
UPDATE requirement_sets SET state = 'kept', locked_at = @kept_at, sha256 = @sha256, note = @note, kept_by = @kept_by
WHERE id = @id AND version = @version AND state = 'draft';

-- name: NextDraft :exec
-- The draft goes on as the next version, with the same content.
INSERT INTO requirement_sets (id, version, case_id, space_id, head, edit)
SELECT s.id, s.version + 1, s.case_id, s.space_id, s.head, s.edit + 1 FROM requirement_sets s WHERE s.id = @id AND s.version = @version;

-- name: NextDraftRequirements :exec
INSERT INTO requirements (set_id, set_version, id, ordinal, number, kind, answer_type, body)
SELECT r.set_id, r.set_version + 1, r.id, r.ordinal, r.number, r.kind, r.answer_type, r.body
FROM requirements r WHERE r.set_id = @id AND r.set_version = @version;

-- name: MoveDocuments :exec
-- Files belong to the version that is being prepared.
UPDATE procurement_documents SET set_version = set_version + 1 WHERE procurement_id = @procurement_id AND set_version = @version;
