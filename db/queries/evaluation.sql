-- name: OpenedTenders :many
SELECT t.id, t.supplier_org, o.name AS supplier_name, o.orgnr, s.n, s.lots, s.received_at, s.set_version,
       d.value AS declaration,
       coalesce((SELECT jsonb_agg(jsonb_build_object('organisation', m.id, 'name', m.name, 'orgNumber', m.orgnr, 'declaration', x.value) ORDER BY m.name, m.id)
         FROM organisations m LEFT JOIN opened_declarations x ON x.tender_id = t.id AND x.org_id = m.id WHERE m.id = ANY (s.members)), '[]')::jsonb AS members,
       r.ground, r.paragraph, r.reason AS rejection_reason, r.rejected_at,
       (SELECT count(*) FROM opened_answers a WHERE a.tender_id = t.id AND a.fails_absolute)::int AS fails_absolute
FROM tenders t JOIN submissions s ON s.tender_id = t.id AND s.state = 'standing'
JOIN organisations o ON o.id = t.supplier_org
LEFT JOIN opened_declarations d ON d.tender_id = t.id AND d.org_id = t.supplier_org
LEFT JOIN rejections r ON r.tender_id = t.id
WHERE t.procurement_id = @procurement_id
  AND EXISTS (SELECT 1 FROM opened_envelopes e WHERE e.tender_id = t.id)
ORDER BY t.id;

-- name: OpenedAnswers :one
-- All opened answers of a tender, built as one JSON object by requirement. What
-- is not marked says nothing of marks.
SELECT coalesce(jsonb_object_agg(requirement_id, jsonb_strip_nulls(jsonb_build_object('part', part, 'failsAbsolute', fails_absolute,
    'secret', CASE WHEN secret IS NOT NULL THEN jsonb_build_object('reason', secret) END, 'buyers', CASE WHEN buyers <> '{}' THEN to_jsonb(buyers) END))
  || jsonb_build_object('value', value)), '{}')::jsonb
FROM opened_answers WHERE tender_id = @tender_id;

-- name: OpenedValues :many
-- Opened answers of a whole case, one JSON object per tender.
SELECT a.tender_id, jsonb_object_agg(a.requirement_id, a.value)::jsonb AS answers
FROM opened_answers a JOIN tenders t ON t.id = a.tender_id
WHERE t.procurement_id = @procurement_id GROUP BY a.tender_id ORDER BY a.tender_id;

-- name: OpenedMarks :many
-- The marks of a whole case's opened answers: few beside the answers.
SELECT a.tender_id, a.requirement_id, a.secret, a.buyers FROM opened_answers a JOIN tenders t ON t.id = a.tender_id
WHERE t.procurement_id = @procurement_id AND (a.secret IS NOT NULL OR a.buyers <> '{}') ORDER BY a.tender_id, a.requirement_id;

-- name: Rejection :one
SELECT * FROM rejections WHERE tender_id = @tender_id;

-- name: InsertRejection :exec
INSERT INTO rejections (tender_id, procurement_id, ground, paragraph, reason, rejected_by, rejected_at)
VALUES (@tender_id, @procurement_id, @ground, @paragraph, @reason, @rejected_by, @rejected_at);

-- name: SaveScores :exec
INSERT INTO scores (procurement_id, tender_id, requirement_id, evaluator_id, points, note, scored_at)
SELECT @procurement_id, r.tender_id, r.requirement_id, @evaluator_id, r.points, r.note, @scored_at
FROM jsonb_to_recordset(@rows::jsonb) AS r(tender_id uuid, requirement_id uuid, points numeric, note text)
ON CONFLICT (tender_id, requirement_id, evaluator_id) DO UPDATE SET points = excluded.points, note = excluded.note, scored_at = excluded.scored_at, version = scores.version + 1;

-- name: Scores :many
SELECT tender_id, requirement_id, evaluator_id, points, note, scored_at, version FROM scores WHERE procurement_id = @procurement_id ORDER BY tender_id, requirement_id, evaluator_id;

-- name: InsertDocumentation :exec
INSERT INTO documentation (id, procurement_id, tender_id, heading, reference, issued_on, valid_until, recorded_by, recorded_at)
VALUES (@id, @procurement_id, @tender_id, @heading, @reference, @issued_on, @valid_until, @recorded_by, @recorded_at);

-- name: Documentation :many
SELECT * FROM documentation WHERE procurement_id = @procurement_id ORDER BY tender_id, heading;

-- name: InsertAward :exec
INSERT INTO awards (procurement_id, round, lot_id, tender_id, reason, evaluation, decided_by, decided_at, standstill_until)
VALUES (@procurement_id, @round, @lot_id, @tender_id, @reason, @evaluation, @decided_by, @decided_at, @standstill_until);

-- name: Awards :many
SELECT a.*, t.supplier_org, o.name AS supplier_name FROM awards a JOIN tenders t ON t.id = a.tender_id JOIN organisations o ON o.id = t.supplier_org
WHERE a.procurement_id = @procurement_id ORDER BY a.round, a.lot_id;

-- name: ReverseAwards :exec
UPDATE awards SET reversed_at = @reversed_at, reversal_reason = @reversal_reason WHERE procurement_id = @procurement_id AND reversed_at IS NULL;

-- name: InsertLetter :exec
INSERT INTO letters (id, procurement_id, tender_id, round, kind, body, sent_at) VALUES (@id, @procurement_id, @tender_id, @round, @kind, @body, @sent_at);

-- name: Letters :many
SELECT l.*, t.supplier_org, o.name AS supplier_name FROM letters l JOIN tenders t ON t.id = l.tender_id JOIN organisations o ON o.id = t.supplier_org
WHERE l.procurement_id = @procurement_id ORDER BY l.sent_at, l.id;

-- name: TenderLetters :many
SELECT id, procurement_id, tender_id, round, kind, body, sent_at FROM letters WHERE tender_id = @tender_id ORDER BY sent_at, id;

-- name: Letter :one
SELECT id, procurement_id, tender_id, round, kind, body, sent_at FROM letters WHERE id = @id;

-- name: InsertContract :exec
INSERT INTO contracts (id, space_id, procurement_id, lot_id, tender_id, supplier_org, members, value, starts_on, ends_on)
SELECT @id, @space_id, @procurement_id, @lot_id, t.id, t.supplier_org, s.members, @value, @starts_on, @ends_on
FROM tenders t JOIN submissions s ON s.tender_id = t.id AND s.state = 'standing' WHERE t.id = @tender_id;

-- name: DeleteUnsignedContracts :exec
DELETE FROM contracts WHERE procurement_id = @procurement_id AND buyer_signed_on IS NULL;

-- name: Contracts :many
SELECT c.*, o.name AS supplier_name,
       ARRAY(SELECT m.name FROM organisations m WHERE m.id = ANY (c.members) ORDER BY m.name)::text[] AS member_names,
       coalesce((SELECT sum(x.amount) FROM call_offs x WHERE x.contract_id = c.id), 0)::bigint AS used
FROM contracts c JOIN organisations o ON o.id = c.supplier_org
WHERE c.procurement_id = @procurement_id ORDER BY c.lot_id;

-- name: LockContract :one
SELECT c.* FROM contracts c WHERE c.id = @id FOR UPDATE;

-- name: SignContract :exec
UPDATE contracts SET buyer_signed_on = @buyer_signed_on, supplier_signed_on = @supplier_signed_on, reference = @reference WHERE id = @id;

-- name: CalledOff :one
SELECT coalesce(sum(amount), 0)::bigint AS by_all,
       coalesce(sum(amount) FILTER (WHERE org_id = @org_id), 0)::bigint AS in_contract_by_org
FROM call_offs WHERE contract_id = @contract_id;

-- name: CalledOffByOrg :one
SELECT coalesce(sum(amount), 0)::bigint FROM call_offs WHERE procurement_id = @procurement_id AND org_id = @org_id;

-- name: InsertCallOff :exec
INSERT INTO call_offs (id, space_id, procurement_id, contract_id, org_id, amount, reference, called_by, called_at)
VALUES (@id, @space_id, @procurement_id, @contract_id, @org_id, @amount, @reference, @called_by, @called_at);

-- name: CallOffs :many
SELECT c.*, o.name AS org_name FROM call_offs c JOIN organisations o ON o.id = c.org_id WHERE c.procurement_id = @procurement_id ORDER BY c.called_at, c.id;
