-- name: LeaseOutbox :many
-- Takes due messages of some kinds for a while: whoever dies leaves them to the
-- next. Everything waits while a restored database is held, so that nothing is
-- sent twice. The choice is made once (MATERIALIZED): a subquery that the plan
-- runs again skips what it has locked itself, and takes more than it may.
WITH due AS MATERIALIZED (
  SELECT o.id FROM outbox o, deployment d
  WHERE o.not_before <= clock_timestamp() AND o.kind = any(@kinds::text[]) AND NOT d.outbox_held
  ORDER BY o.not_before LIMIT @up_to FOR UPDATE OF o SKIP LOCKED)
UPDATE outbox SET attempts = outbox.attempts + 1, not_before = clock_timestamp() + make_interval(secs => @lease_seconds::float8)
FROM due WHERE outbox.id = due.id
RETURNING outbox.id, outbox.kind, outbox.case_kind, outbox.case_id, outbox.command_id, outbox.key, outbox.payload, outbox.attempts, outbox.asked, outbox.created_at;

-- name: OutboxDone :execrows
-- Only what was sent: a repetition meanwhile leaves the row.
DELETE FROM outbox WHERE id = @id AND asked = @asked;

-- name: OutboxAgain :exec
UPDATE outbox SET not_before = clock_timestamp(), attempts = 0 WHERE id = @id;

-- name: OutboxFailed :exec
UPDATE outbox SET last_error = @last_error, not_before = clock_timestamp() + make_interval(secs => @delay_seconds::float8) WHERE id = @id;

-- name: OutboxAge :many
-- What waits, by kind, and for how long the oldest of it.
SELECT kind, count(*)::int AS waiting,
       coalesce(greatest(extract(epoch FROM clock_timestamp() - min(created_at)), 0), 0)::float8 AS oldest_seconds
FROM outbox GROUP BY kind ORDER BY kind;

-- name: OutboxNext :one
SELECT coalesce(extract(epoch FROM min(o.not_before) - clock_timestamp()), 60)::float8
FROM outbox o, deployment d WHERE o.kind = any(@kinds::text[]) AND NOT d.outbox_held;

-- name: HoldOutbox :exec
UPDATE deployment SET outbox_held = @held;
