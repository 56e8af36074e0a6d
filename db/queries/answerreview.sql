-- name: InsertAnswerNotes :exec
INSERT INTO answer_notes (id, tender_id, draft, requirement_id, answer_version, kind, sealed, noted_by, noted_at)
SELECT r.id, @tender_id, @draft, r.requirement_id, r.answer_version, r.kind, decode(r.sealed, 'base64'), @noted_by, @noted_at
FROM jsonb_to_recordset(@rows::jsonb) AS r(id uuid, requirement_id uuid, answer_version bigint, kind text, sealed text);

-- name: AnswerNotes :many
-- The thread of one requirement, or without one of all, oldest first.
SELECT n.id, n.draft, n.requirement_id, n.answer_version, n.kind, n.sealed, n.noted_by, n.noted_at FROM answer_notes n
WHERE n.tender_id = @tender_id AND (sqlc.narg(requirement)::uuid IS NULL OR n.requirement_id = sqlc.narg(requirement))
ORDER BY n.noted_at, n.id LIMIT @up_to;

-- name: AnswerReviews :many
-- The newest verdict on each answer.
SELECT DISTINCT ON (requirement_id) requirement_id, answer_version, kind, noted_by, noted_at FROM answer_notes
WHERE tender_id = @tender_id AND kind <> 'comment' ORDER BY requirement_id, noted_at DESC, id DESC;

-- name: SummaryKeys :many
SELECT k.draft, k.id, w.wrapped FROM data_keys k JOIN supplier_wraps w ON w.data_key_id = k.id AND w.org_id = app_org()
WHERE k.tender_id = @tender_id AND k.part = 'summary';

-- name: SaveAssignments :exec
INSERT INTO answer_assignments (tender_id, requirement_id, assignee_id, assigned_by, assigned_at)
SELECT @tender_id, r.requirement_id, r.assignee_id, @assigned_by, @assigned_at
FROM jsonb_to_recordset(@rows::jsonb) AS r(requirement_id uuid, assignee_id uuid)
ON CONFLICT (tender_id, requirement_id) DO UPDATE SET assignee_id = excluded.assignee_id, assigned_by = excluded.assigned_by, assigned_at = excluded.assigned_at;

-- name: DeleteAssignments :exec
DELETE FROM answer_assignments WHERE tender_id = @tender_id AND requirement_id = ANY (@requirements::uuid[]);

-- name: Assignments :many
SELECT requirement_id, assignee_id FROM answer_assignments WHERE tender_id = @tender_id ORDER BY requirement_id;

-- name: ActiveColleagues :many
SELECT m.identity_id FROM memberships m
WHERE m.org_id = app_org() AND m.ended_at IS NULL AND (m.until IS NULL OR m.until > clock_timestamp()) AND m.identity_id = ANY (@ids::uuid[]);

-- name: ReviewTally :one
-- How many answers of a draft there are, and how the versions that stand were judged.
SELECT count(*)::int AS answers, (count(*) FILTER (WHERE v.kind = 'reviewed'))::int AS reviewed, (count(*) FILTER (WHERE v.kind = 'returned'))::int AS returned
FROM draft_answers a LEFT JOIN LATERAL (
  SELECT n.kind FROM answer_notes n WHERE n.tender_id = a.tender_id AND n.requirement_id = a.requirement_id AND n.answer_version = a.version AND n.kind <> 'comment'
  ORDER BY n.noted_at DESC, n.id DESC LIMIT 1) v ON true
WHERE a.tender_id = @tender_id AND a.draft = @draft AND a.requirement_id <> ALL (@declarations::uuid[]);
