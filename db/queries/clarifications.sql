-- name: InsertQuestions :exec
INSERT INTO questions (id, procurement_id, text, requirement_ids, asked_at, late)
SELECT r.id, @procurement_id, r.text, r.requirement_ids, @asked_at, @late
FROM jsonb_to_recordset(@rows::jsonb) AS r(id uuid, text text, requirement_ids uuid[]);

-- name: InsertAskers :exec
INSERT INTO question_askers (question_id, org_id, identity_id)
SELECT q.id, app_org(), @identity_id FROM unnest(@questions::uuid[]) AS q(id);

-- name: Questions :many
-- With the answer that each of them led to, as all read it.
SELECT q.id, q.text, q.requirement_ids, q.asked_at, q.clarification_id, coalesce(c.n, 0)::int AS number, coalesce(c.declined, false)::boolean AS declined
FROM questions q LEFT JOIN LATERAL (
  SELECT p.n, p.declined FROM public_clarifications p WHERE p.id = q.clarification_id ORDER BY p.version DESC LIMIT 1) c ON true
WHERE q.procurement_id = @procurement_id ORDER BY q.asked_at, q.id;

-- name: OwnQuestions :many
SELECT q.id, q.text, q.requirement_ids, q.asked_at, q.clarification_id, coalesce(c.n, 0)::int AS number, coalesce(c.declined, false)::boolean AS declined
FROM questions q JOIN question_askers a ON a.question_id = q.id AND a.org_id = app_org()
LEFT JOIN LATERAL (
  SELECT p.n, p.declined FROM public_clarifications p WHERE p.id = q.clarification_id ORDER BY p.version DESC LIMIT 1) c ON true
WHERE q.procurement_id = @procurement_id ORDER BY q.asked_at, q.id;

-- name: NextClarification :one
-- The numbers of the next answer and the next edition.
SELECT (coalesce((SELECT max(c.n) FROM clarifications c WHERE c.procurement_id = @procurement_id), 0) + 1)::int AS n,
       (greatest(coalesce((SELECT max(v.edition) FROM clarification_versions v WHERE v.procurement_id = @procurement_id), 0),
                 coalesce((SELECT max(c.set_edition) FROM clarifications c WHERE c.procurement_id = @procurement_id), 0)) + 1)::int AS edition;

-- name: InsertClarifications :exec
INSERT INTO clarifications (id, procurement_id, n)
SELECT r.id, @procurement_id, r.n FROM jsonb_to_recordset(@rows::jsonb) AS r(id uuid, n integer);

-- name: InsertClarificationVersions :exec
INSERT INTO clarification_versions (clarification_id, version, procurement_id, edition, declined, question, answer, comment, requirement_ids, written_by, written_at)
SELECT r.id, r.version, @procurement_id, @edition, r.declined, r.question, r.answer, r.comment, r.requirement_ids, @written_by, @written_at
FROM jsonb_to_recordset(@rows::jsonb) AS r(id uuid, version integer, declined boolean, question text, answer text, comment text, requirement_ids uuid[]);

-- name: PublishClarifications :exec
INSERT INTO public_clarifications (id, version, procurement_id, n, edition, declined, question, answer, comment, requirements, answered_at)
SELECT r.id, r.version, @procurement_id, r.n, @edition, r.declined, r.question, r.answer, r.comment, r.requirements, @answered_at
FROM jsonb_to_recordset(@rows::jsonb) AS r(id uuid, version integer, n integer, declined boolean, question text, answer text, comment text, requirements jsonb);

-- name: MarkAnswered :execrows
UPDATE questions q SET clarification_id = r.clarification_id
FROM jsonb_to_recordset(@rows::jsonb) AS r(question_id uuid, clarification_id uuid)
WHERE q.id = r.question_id AND q.procurement_id = @procurement_id AND q.clarification_id IS NULL;

-- name: LatestClarification :one
SELECT c.id, c.n, v.version, v.declined, v.question, v.answer, v.requirement_ids
FROM clarifications c JOIN clarification_versions v ON v.procurement_id = c.procurement_id AND v.clarification_id = c.id
WHERE c.procurement_id = @procurement_id AND c.id = @id ORDER BY v.version DESC LIMIT 1;

-- name: LinkClarifications :execrows
-- Tells which version of the requirements answers led to, as a new edition.
WITH led AS (
  UPDATE clarifications c SET set_version = @set_version, set_edition = @edition
  WHERE c.procurement_id = @procurement_id AND c.n = ANY (@numbers::integer[]) RETURNING c.id)
UPDATE public_clarifications p SET set_version = @set_version, set_edition = @edition
FROM led WHERE p.id = led.id AND p.version = (SELECT max(x.version) FROM public_clarifications x WHERE x.id = led.id);

-- name: PublicClarifications :many
SELECT * FROM public_clarifications WHERE procurement_id = @procurement_id ORDER BY n, version;
