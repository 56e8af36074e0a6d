-- name: InsertTender :execrows
INSERT INTO tenders (id, space_id, procurement_id, supplier_org, started_at)
VALUES (@id, @space_id, @procurement_id, @supplier_org, @started_at) ON CONFLICT (procurement_id, supplier_org) DO NOTHING;

-- name: OwnTender :one
SELECT * FROM tenders WHERE procurement_id = @procurement_id AND supplier_org = app_org();

-- name: Tender :one
SELECT * FROM tenders WHERE id = @id;

-- name: LockOwnTender :one
-- Led, or shared as a member.
SELECT * FROM tenders WHERE id = @id AND is_own_tender(id) FOR UPDATE;

-- name: HoldOwnTender :exec
-- Nobody writes it until the transaction ends: what is read of it in several
-- statements is of one moment.
SELECT id FROM tenders WHERE id = @id AND is_own_tender(id) FOR KEY SHARE;

-- name: OwnTenders :many
SELECT t.*, p.title, p.lead_name, p.deadline, p.phase FROM tenders t JOIN public_procurements p ON p.id = t.procurement_id
JOIN case_access c ON c.object_id = t.id AND c.org_id = app_org() AND c.to_at IS NULL AND c.reason IN ('supplier', 'member')
WHERE t.id > @after ORDER BY t.id LIMIT @up_to;

-- name: SaveTender :exec
UPDATE tenders SET state = @state, lots = @lots, draft = @draft, set_version = @set_version, submission = @submission, received_at = @received_at, version = version + 1
WHERE id = @id;

-- name: DataKeys :many
SELECT k.id, k.lot_id, k.part, w.wrapped FROM data_keys k JOIN supplier_wraps w ON w.data_key_id = k.id AND w.org_id = app_org()
WHERE k.tender_id = @tender_id AND k.draft = @draft ORDER BY k.lot_id, k.part;

-- name: InsertDataKeys :exec
INSERT INTO data_keys (id, tender_id, draft, lot_id, part)
SELECT r.id, @tender_id, @draft, r.lot_id, r.part FROM jsonb_to_recordset(@rows::jsonb) AS r(id uuid, lot_id uuid, part text);

-- name: InsertSupplierWraps :exec
INSERT INTO supplier_wraps (data_key_id, org_id, tender_id, wrapped)
SELECT r.id, app_org(), @tender_id, decode(r.wrapped, 'base64') FROM jsonb_to_recordset(@rows::jsonb) AS r(id uuid, wrapped text);

-- name: DraftAnswers :many
SELECT requirement_id, lot_id, part, set_version, version, sealed, saved_by, saved_at FROM draft_answers WHERE tender_id = @tender_id AND draft = @draft ORDER BY requirement_id;

-- name: SaveDraftAnswers :exec
INSERT INTO draft_answers (tender_id, draft, requirement_id, lot_id, part, set_version, version, sealed, saved_by, saved_at)
SELECT @tender_id, @draft, r.requirement_id, r.lot_id, r.part, @set_version, r.version, decode(r.sealed, 'base64'), r.saved_by, r.saved_at
FROM jsonb_to_recordset(@rows::jsonb) AS r(requirement_id uuid, lot_id uuid, part text, version bigint, sealed text, saved_by uuid, saved_at timestamptz)
ON CONFLICT (tender_id, draft, requirement_id) DO UPDATE SET lot_id = excluded.lot_id, part = excluded.part, set_version = excluded.set_version,
  version = excluded.version, sealed = excluded.sealed, saved_by = excluded.saved_by, saved_at = excluded.saved_at;

-- name: DeleteDraftAnswers :exec
DELETE FROM draft_answers WHERE tender_id = @tender_id AND draft = @draft AND requirement_id = ANY (@requirements::uuid[]);

-- name: ClearDraft :exec
WITH s AS (DELETE FROM draft_summaries ds WHERE ds.tender_id = @tender_id AND ds.draft = @draft)
DELETE FROM draft_answers da WHERE da.tender_id = @tender_id AND da.draft = @draft;

-- name: SaveSummary :exec
INSERT INTO draft_summaries (tender_id, draft, set_version, version, sealed) VALUES (@tender_id, @draft, @set_version, @version, @sealed)
ON CONFLICT (tender_id, draft) DO UPDATE SET set_version = excluded.set_version, version = excluded.version, sealed = excluded.sealed;

-- name: SummaryWithKey :one
SELECT s.set_version, s.sealed, w.data_key_id, w.wrapped FROM draft_summaries s
JOIN data_keys k ON k.tender_id = s.tender_id AND k.draft = s.draft AND k.part = 'summary'
JOIN supplier_wraps w ON w.data_key_id = k.id AND w.org_id = app_org()
WHERE s.tender_id = @tender_id AND s.draft = @draft;

-- name: InsertSubmission :exec
INSERT INTO submissions (tender_id, n, draft, set_version, lots, members, received_at, submitted_by, receipt)
VALUES (@tender_id, @n, @draft, @set_version, @lots, @members, @received_at, @submitted_by, @receipt);

-- name: EndStandingSubmission :execrows
UPDATE submissions SET state = @state WHERE tender_id = @tender_id AND state = 'standing';

-- name: InsertEnvelopes :exec
INSERT INTO envelopes (tender_id, submission, lot_id, part, data_key_id, requirements, sealed, sha256)
SELECT @tender_id, @submission, r.lot_id, r.part, r.data_key_id, r.requirements, decode(r.sealed, 'base64'), decode(r.sha256, 'base64')
FROM jsonb_to_recordset(@rows::jsonb) AS r(lot_id uuid, part text, data_key_id uuid, requirements uuid[], sealed text, sha256 text);

-- name: InsertOpeningWraps :exec
INSERT INTO opening_wraps (data_key_id, tender_id, opening_key_id, wrapped)
SELECT r.data_key_id, @tender_id, r.opening_key_id, decode(r.wrapped, 'base64') FROM jsonb_to_recordset(@rows::jsonb) AS r(data_key_id uuid, opening_key_id uuid, wrapped text);

-- name: DropOpeningWraps :exec
SELECT drop_opening_wraps(@tender::uuid);

-- name: Submissions :many
SELECT tender_id, n, draft, set_version, lots, state, received_at, receipt FROM submissions WHERE tender_id = @tender_id ORDER BY n;

-- name: Envelopes :many
SELECT e.lot_id, e.part, e.data_key_id, e.requirements, e.sealed, e.sha256, s.submitted_by, s.received_at
FROM envelopes e JOIN submissions s ON s.tender_id = e.tender_id AND s.n = e.submission
WHERE e.tender_id = @tender_id AND e.submission = @submission ORDER BY e.lot_id, e.part;

-- name: NoteLateAttempt :exec
INSERT INTO late_attempts (procurement_id, tender_id, supplier_org, received_at, deadline, reason)
VALUES (@procurement_id, @tender_id, app_org(), @received_at, @deadline, @reason);

-- name: LateAttempts :many
SELECT l.*, o.name AS supplier_name FROM late_attempts l JOIN organisations o ON o.id = l.supplier_org WHERE l.procurement_id = @procurement_id ORDER BY l.id;

-- name: UnopenedTenders :many
-- Standing tenders of which a part has not been opened yet, for an opening that
-- can be taken up again after a crash.
SELECT DISTINCT t.id, t.supplier_org, s.n, s.members, s.receipt FROM tenders t JOIN submissions s ON s.tender_id = t.id AND s.state = 'standing'
JOIN envelopes e ON e.tender_id = t.id AND e.submission = s.n
WHERE t.procurement_id = @procurement_id AND e.part = ANY (@parts::text[])
  AND NOT EXISTS (SELECT 1 FROM opened_envelopes o WHERE o.tender_id = t.id AND o.lot_id = e.lot_id AND o.part = e.part)
ORDER BY t.id LIMIT @up_to;

-- name: EnvelopesToOpen :many
SELECT e.lot_id, e.part, e.sealed, e.sha256, w.opening_key_id, w.wrapped
FROM envelopes e LEFT JOIN opening_wraps w ON w.data_key_id = e.data_key_id
WHERE e.tender_id = @tender_id AND e.submission = @submission AND e.part = ANY (@parts::text[])
  AND NOT EXISTS (SELECT 1 FROM opened_envelopes o WHERE o.tender_id = e.tender_id AND o.lot_id = e.lot_id AND o.part = e.part)
ORDER BY e.lot_id, e.part;

-- name: NoteOpened :exec
INSERT INTO opened_envelopes (tender_id, submission, lot_id, part, sha256, opened_at, problem)
VALUES (@tender_id, @submission, @lot_id, @part, @sha256, @opened_at, @problem);

-- name: InsertOpenedAnswers :exec
INSERT INTO opened_answers (tender_id, requirement_id, lot_id, part, value, fails_absolute, secret, buyers)
SELECT @tender_id, r.requirement_id, r.lot_id, r.part, r.value, r.fails_absolute, r.secret, coalesce(r.buyers, '{}')
FROM jsonb_to_recordset(@rows::jsonb) AS r(requirement_id uuid, lot_id uuid, part text, value jsonb, fails_absolute boolean, secret text, buyers uuid[]);

-- name: InsertOpenedDeclaration :exec
INSERT INTO opened_declarations (tender_id, org_id, value) VALUES (@tender_id, @org_id, @value) ON CONFLICT DO NOTHING;

-- name: GrantOpened :exec
-- The lead buyer's and the team's organisations get access to the tenders in
-- the transaction that opens them.
INSERT INTO case_access (object_id, org_id, reason)
SELECT t.id, x.org_id, 'opened'
FROM tenders t JOIN submissions s ON s.tender_id = t.id AND s.state = 'standing'
CROSS JOIN (SELECT p.lead_org AS org_id FROM procurements p WHERE p.id = @procurement_id
            UNION SELECT c.org_id FROM case_team c WHERE c.procurement_id = @procurement_id) x
WHERE t.procurement_id = @procurement_id ON CONFLICT DO NOTHING;

-- name: Approve :exec
INSERT INTO opening_approvals (procurement_id, part, identity_id, org_id, approved_at) VALUES (@procurement_id, @part, @identity_id, @org_id, @approved_at);

-- name: Approvals :many
SELECT part, identity_id, org_id, approved_at FROM opening_approvals WHERE procurement_id = @procurement_id ORDER BY part, approved_at;

-- name: DropApprovals :exec
-- A deadline that moves later takes approvals to open with it.
DELETE FROM opening_approvals WHERE procurement_id = @procurement_id;
