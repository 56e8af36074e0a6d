-- name: InputTally :one
-- What the decision to publish goes by: how the inputs of a case have ended, and
-- until when a round is open, if one is.
SELECT count(*) FILTER (WHERE i.outcome = 'taken-in')::int AS taken_in,
       count(*) FILTER (WHERE i.outcome = 'partly')::int AS partly,
       count(*) FILTER (WHERE i.outcome = 'rejected')::int AS rejected,
       count(*) FILTER (WHERE i.outcome IS NULL)::int AS unanswered,
       coalesce((SELECT max(r.until) FROM input_rounds r WHERE r.procurement_id = @procurement_id AND r.closed_at IS NULL AND r.until > @now), '0001-01-01')::timestamptz AS open_until
FROM inputs i WHERE i.procurement_id = @procurement_id;

-- name: InputRounds :many
-- The rounds of a case in their order, each with how its inputs have ended.
SELECT r.*, t.taken_in, t.partly, t.rejected, t.unanswered
FROM input_rounds r CROSS JOIN LATERAL (
  SELECT count(*) FILTER (WHERE i.outcome = 'taken-in')::int AS taken_in,
         count(*) FILTER (WHERE i.outcome = 'partly')::int AS partly,
         count(*) FILTER (WHERE i.outcome = 'rejected')::int AS rejected,
         count(*) FILTER (WHERE i.id IS NOT NULL AND i.outcome IS NULL)::int AS unanswered
  FROM inputs i WHERE i.round_id = r.id) t
WHERE r.procurement_id = @procurement_id ORDER BY r.n;

-- name: InsertInputRound :exec
INSERT INTO input_rounds (id, procurement_id, space_id, n, set_version, opened_by, opened_at, until)
VALUES (@id, @procurement_id, @space_id, @n, @set_version, @opened_by, @opened_at, @until);

-- name: CloseInputRound :exec
UPDATE input_rounds SET closed_at = @closed_at, closed_by = @closed_by WHERE id = @id AND closed_at IS NULL;

-- name: InsertInput :exec
INSERT INTO inputs (id, procurement_id, round_id, org_id, given_by, given_at, kind, requirement_id, text, wording)
VALUES (@id, @procurement_id, @round_id, app_org(), @given_by, @given_at, @kind, @requirement_id, @text, @wording);

-- name: Inputs :many
-- A page of the inputs of a case, those of one round where it is asked for.
SELECT i.*, r.n AS round, r.set_version, o.name AS org_name
FROM inputs i JOIN input_rounds r ON r.id = i.round_id JOIN organisations o ON o.id = i.org_id
WHERE i.procurement_id = @procurement_id AND i.id > @after AND (@round::int = 0 OR r.n = @round)
  AND (NOT @only_unanswered::boolean OR i.outcome IS NULL)
ORDER BY i.id LIMIT @up_to;

-- name: Input :one
SELECT i.*, r.n AS round, r.set_version, o.name AS org_name
FROM inputs i JOIN input_rounds r ON r.id = i.round_id JOIN organisations o ON o.id = i.org_id
WHERE i.procurement_id = @procurement_id AND i.id = @id;

-- name: AnswerInput :exec
UPDATE inputs SET outcome = @outcome, reason = @reason, requirement_ids = @requirement_ids, answered_by = @answered_by, answered_at = @answered_at, version = version + 1
WHERE procurement_id = @procurement_id AND id = @id;
