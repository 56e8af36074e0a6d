-- name: CaseNow :one
SELECT case_now(@space_id)::timestamptz;

-- name: Wake :exec
SELECT wake(@case_kind::text, @case_id::uuid);

-- name: Tell :exec
SELECT tell(@org::uuid, @what::text, @in_case::uuid, @object::uuid, @params::jsonb);

-- name: TellInterested :exec
SELECT tell_interested(@procurement::uuid, @what::text, @object::uuid, @params::jsonb);

-- name: TellParticipants :exec
SELECT tell_participants(@procurement::uuid, @what::text, @object::uuid, @params::jsonb);

-- name: TellLead :exec
SELECT tell_lead(@procurement::uuid, @what::text, @object::uuid, @params::jsonb);

-- name: InsertAudit :exec
INSERT INTO audit (case_at, actor_kind, actor_id, actor_name, actor_org, action, outcome, case_id, object_id, audience, before, after, state_hash, request_id, command_id)
VALUES (@case_at, @actor_kind, @actor_id, @actor_name, @actor_org, @action, @outcome, @case_id, @object_id, @audience, @before, @after, @state_hash, @request_id, @command_id);

-- name: InsertAuditName :exec
INSERT INTO audit_names (commitment, actor_id, name, salt) VALUES (@commitment, @actor_id, @name, @salt) ON CONFLICT DO NOTHING;

-- name: InsertCommand :exec
INSERT INTO commands (id, case_kind, case_id, operation, actor, actor_org, input, expected_version, expires_at)
VALUES (@id, @case_kind, @case_id, @operation, @actor, @actor_org, @input, @expected_version, clock_timestamp() + make_interval(secs => @seconds::float8));

-- name: InsertCommandMessage :exec
-- The relay takes it over only if the direct way has not carried it out by then.
INSERT INTO outbox (kind, case_kind, case_id, command_id, key, not_before)
VALUES ('command', @case_kind, @case_id, @command_id::uuid, 'command:' || @command_id::uuid, clock_timestamp() + interval '10 seconds');

-- name: Command :one
SELECT *, (state = 'pending' AND expires_at <= clock_timestamp())::boolean AS overdue FROM commands WHERE id = @id;

-- name: LockCommand :one
SELECT *, (state = 'pending' AND expires_at <= clock_timestamp())::boolean AS overdue FROM commands WHERE id = @id FOR UPDATE;

-- name: EndCommand :exec
UPDATE commands SET state = @state, result = @result, fault = @fault, ended_at = clock_timestamp() WHERE id = @id AND state = 'pending';

-- name: WithdrawCommand :execrows
UPDATE commands SET state = 'withdrawn', ended_at = clock_timestamp() WHERE id = @id AND state = 'pending';

-- name: DeleteCommandMessage :exec
DELETE FROM outbox WHERE command_id = @command_id;

-- name: IdempotentAnswer :one
SELECT input_hmac, status, response, location, etag, case_id FROM idempotency
WHERE org_id = @org_id AND actor_id = @actor_id AND operation = @operation AND key = @key;

-- name: KeepAnswer :exec
INSERT INTO idempotency (org_id, actor_id, operation, key, input_hmac, status, response, location, etag, case_id)
VALUES (@org_id, @actor_id, @operation, @key, @input_hmac, @status, @response, @location, @etag, @case_id);

-- name: Space :one
SELECT id, kind, name, offset_us, owner_org, case_now(id)::timestamptz AS case_now FROM spaces WHERE id = @id;

-- name: InsertSandbox :exec
INSERT INTO spaces (id, kind, name, owner_org) VALUES (@id, 'sandbox', @name, @owner_org);

-- name: LockSpace :one
SELECT id, kind, offset_us, owner_org, case_now(id)::timestamptz AS case_now FROM spaces WHERE id = @id FOR UPDATE;

-- name: AdvanceSpace :exec
UPDATE spaces SET offset_us = offset_us + @by_us WHERE id = @id;

-- name: OpenCasesIn :many
SELECT id FROM procurements WHERE space_id = @space_id AND phase NOT IN ('draft', 'ended', 'cancelled', 'unsuccessful') ORDER BY id;

-- name: Notifications :many
SELECT id, seq, kind, case_id, object_id, params, created_at, read_at FROM notifications WHERE org_id = app_org() AND seq < @before::bigint ORDER BY seq DESC LIMIT @up_to;

-- name: MarkRead :execrows
UPDATE notifications SET read_at = coalesce(read_at, clock_timestamp()) WHERE id = @id;

-- name: Organisations :many
SELECT o.*, coalesce((SELECT array_agg(n.name ORDER BY n.name) FROM network_members m JOIN networks n ON n.id = m.network_id WHERE m.org_id = o.id AND m.to_on IS NULL), '{}')::text[] AS networks
FROM organisations o
WHERE o.valid_to IS NULL AND o.kind = any(@kinds::text[]) AND o.id > @after
  AND (@network::text = '' OR EXISTS (SELECT 1 FROM network_members m JOIN networks n ON n.id = m.network_id WHERE m.org_id = o.id AND n.name = @network AND m.to_on IS NULL))
ORDER BY o.id LIMIT @up_to;

-- name: Organisation :one
SELECT * FROM organisations WHERE id = @id;

-- name: ForgetAnswer :exec
DELETE FROM idempotency WHERE org_id = @org_id AND actor_id = @actor_id AND operation = @operation AND key = @key;

-- name: CommandsOfCase :many
SELECT *, (state = 'pending' AND expires_at <= clock_timestamp())::boolean AS overdue FROM commands
WHERE case_id = @case_id ORDER BY created_at DESC, id LIMIT 100;
