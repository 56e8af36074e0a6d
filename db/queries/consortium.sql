-- name: IsOwnTender :one
-- Whether the organisation leads the tender or is a member of it.
SELECT is_own_tender(@tender::uuid)::boolean;

-- name: ConsortiumMembers :many
SELECT m.*, o.name, o.orgnr,
  EXISTS (SELECT 1 FROM submissions s WHERE s.tender_id = m.tender_id AND s.state = 'standing' AND m.org_id = ANY (s.members))::boolean AS bound
FROM consortium_members m JOIN organisations o ON o.id = m.org_id WHERE m.tender_id = @tender_id ORDER BY m.invited_at, m.org_id;

-- name: ConsortiumInvitations :many
-- Own invitations that wait for an answer.
SELECT m.tender_id, m.procurement_id, m.lead_org, l.name AS lead_name, l.orgnr AS lead_orgnr, m.invited_at, p.title, p.deadline
FROM consortium_members m JOIN organisations l ON l.id = m.lead_org JOIN public_procurements p ON p.id = m.procurement_id
WHERE m.org_id = app_org() AND m.state = 'invited' AND m.tender_id > @after ORDER BY m.tender_id LIMIT @up_to;

-- name: ConsortiumInvitation :one
SELECT m.*, o.name, l.name AS lead_name FROM consortium_members m JOIN organisations o ON o.id = m.org_id JOIN organisations l ON l.id = m.lead_org
WHERE m.tender_id = @tender_id AND m.org_id = app_org();

-- name: LockInvitation :one
-- Waits for whoever works on the tender; false for one who was never asked.
SELECT lock_invitation(@tender::uuid)::boolean;

-- name: InviteMember :exec
INSERT INTO consortium_members (tender_id, org_id, lead_org, procurement_id, invited_by, invited_at)
VALUES (@tender_id, @org_id, app_org(), @procurement_id, @invited_by, @invited_at)
ON CONFLICT (tender_id, org_id) DO UPDATE SET state = 'invited', invited_by = excluded.invited_by, invited_at = excluded.invited_at, decided_by = NULL, decided_at = NULL;

-- name: DecideMember :execrows
UPDATE consortium_members SET state = @state, decided_by = @decided_by, decided_at = @decided_at WHERE tender_id = @tender_id AND org_id = @org_id AND state = @was;

-- name: InsertPartnerWraps :exec
INSERT INTO supplier_wraps (data_key_id, org_id, tender_id, wrapped)
SELECT r.id, r.org, @tender_id, decode(r.wrapped, 'base64') FROM jsonb_to_recordset(@rows::jsonb) AS r(id uuid, org uuid, wrapped text);

-- name: SupplierToInvite :one
-- One of the register, by its number or its id.
SELECT id, kind, name, orgnr, invented FROM organisations WHERE (orgnr = sqlc.narg(orgnr) OR id = sqlc.narg(id)) AND valid_to IS NULL;

-- name: OwnOtherTenders :many
-- The organisation's other tenders in the case.
SELECT t.id FROM tenders t JOIN case_access c ON c.object_id = t.id AND c.org_id = app_org() AND c.to_at IS NULL AND c.reason IN ('supplier', 'member')
WHERE t.procurement_id = @procurement_id AND t.id <> @tender_id AND t.state IN ('draft', 'submitted') ORDER BY t.id;
