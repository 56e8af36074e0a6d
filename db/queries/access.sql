-- name: Members :many
SELECT m.identity_id, i.kind, coalesce(m.label, i.name)::text AS name, i.email, m.roles, m.source, m.granted_at, m.until, m.version, m.vendor
FROM memberships m JOIN identities i ON i.id = m.identity_id
WHERE m.org_id = app_org() AND m.ended_at IS NULL AND (m.until IS NULL OR m.until > clock_timestamp()) AND m.identity_id > @after
ORDER BY m.identity_id LIMIT @up_to;

-- name: LockMember :one
SELECT m.roles, m.source, m.version, i.kind FROM memberships m JOIN identities i ON i.id = m.identity_id
WHERE m.org_id = app_org() AND m.identity_id = @identity_id AND m.ended_at IS NULL AND (m.until IS NULL OR m.until > clock_timestamp()) FOR UPDATE OF m;

-- name: SetRoles :exec
UPDATE memberships SET roles = @roles, version = version + 1 WHERE org_id = app_org() AND identity_id = @identity_id;

-- name: EndMembership :exec
UPDATE memberships SET ended_at = clock_timestamp(), version = version + 1 WHERE org_id = app_org() AND identity_id = @identity_id;

-- name: InsertInvitation :exec
INSERT INTO invitations (id, org_id, roles, name, email, code_hash, invited_by, expires_at)
VALUES (@id, @org_id, @roles, @name, @email, @code_hash, @invited_by, @expires_at);

-- name: Invitations :many
SELECT id, roles, name, email, created_at, expires_at, accepted_at, accepted_by, withdrawn_at FROM invitations
WHERE org_id = app_org() AND id > @after ORDER BY id LIMIT @up_to;

-- name: WithdrawInvitation :execrows
UPDATE invitations SET withdrawn_at = clock_timestamp() WHERE id = @id AND org_id = app_org() AND accepted_at IS NULL AND withdrawn_at IS NULL;

-- name: RegisterClient :one
SELECT register_client(@issuer::text, sqlc.narg('acting_system')::text, sqlc.narg('vendor')::text, @label::text, @roles::text[])::uuid;

-- name: SaveMe :one
SELECT save_me(@issuer::text, @subject::text, @name::text, sqlc.narg('email')::text);

-- name: ActAs :exec
SELECT set_config('app.org', @org::text, true);

-- name: Colleagues :many
-- Those of some identities that the organisation has, or has had, as members.
SELECT i.id, coalesce(m.label, i.name)::text AS name FROM memberships m JOIN identities i ON i.id = m.identity_id
WHERE m.org_id = app_org() AND i.id = ANY (@ids::uuid[]);
