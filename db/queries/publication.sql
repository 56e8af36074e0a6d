-- name: OpenGate :exec
INSERT INTO gates (procurement_id, space_id, deadline) VALUES (@procurement_id, @space_id, @deadline);

-- name: MoveGate :exec
UPDATE gates SET deadline = @deadline, closed_at = NULL WHERE procurement_id = @procurement_id;

-- name: CloseGate :exec
UPDATE gates SET closed_at = @closed_at WHERE procurement_id = @procurement_id;

-- name: PublishProcurement :exec
INSERT INTO public_procurements (id, space_id, sandbox, title, lead_name, phase, deadline, questions_by, answers_due, set_version, notice, requirement_set, opening_keys, published_at, changed_at)
SELECT p.id, p.space_id, s.kind = 'sandbox', p.title, o.name, p.phase, @deadline, @questions_by, @answers_due, @set_version, @notice, @requirement_set, @opening_keys, @published_at, @published_at
FROM procurements p JOIN spaces s ON s.id = p.space_id JOIN organisations o ON o.id = p.lead_org WHERE p.id = @procurement_id;

-- name: PublishDocuments :exec
INSERT INTO public_documents (id, procurement_id, set_version, kind, name, media_type, content, sha256)
SELECT d.id, d.procurement_id, d.set_version, d.kind, d.name, d.media_type, d.content, d.sha256 FROM procurement_documents d
WHERE d.procurement_id = @procurement_id AND d.set_version = @set_version;

-- name: PublishDeadline :exec
UPDATE public_procurements SET notice = jsonb_set(notice, '{plan}', @plan::jsonb), deadline = @deadline, questions_by = @questions_by, answers_due = @answers_due, changed_at = @changed_at WHERE id = @id;

-- name: PublishPhase :exec
UPDATE public_procurements SET phase = @phase, changed_at = @changed_at WHERE id = @id AND phase <> @phase;

-- name: PublishChange :exec
INSERT INTO public_changes (procurement_id, kind, params, at)
SELECT @procurement_id, @kind, @params, @at WHERE EXISTS (SELECT 1 FROM public_procurements WHERE id = @procurement_id);

-- name: InsertOpeningKey :exec
INSERT INTO opening_keys (id, procurement_id, lot_id, part, public_key, checked_at) VALUES (@id, @procurement_id, @lot_id, @part, @public_key, @checked_at)
ON CONFLICT (id) DO NOTHING;

-- name: OpeningKeys :many
SELECT * FROM opening_keys WHERE procurement_id = @procurement_id ORDER BY lot_id, part;

-- name: UnopenedKeys :many
-- Keys that a coming opening depends on.
SELECT k.* FROM opening_keys k JOIN procurements p ON p.id = k.procurement_id
WHERE k.destroyed_at IS NULL AND p.phase IN ('tendering', 'opening', 'evaluation') AND k.id > @after ORDER BY k.id LIMIT @up_to;

-- name: KeyChecked :exec
UPDATE opening_keys SET checked_at = @checked_at WHERE id = @id;

-- name: KeysToDestroy :many
-- Keys whose purpose is over: the contract is signed or there will be none.
SELECT k.id, k.procurement_id FROM opening_keys k JOIN procurements p ON p.id = k.procurement_id
WHERE k.destroyed_at IS NULL AND p.phase IN ('running', 'ended', 'cancelled', 'unsuccessful') ORDER BY k.id LIMIT @up_to;

-- name: KeyDestroyed :exec
UPDATE opening_keys SET destroyed_at = @destroyed_at WHERE id = @id;

-- name: PublicProcurements :many
SELECT id, title, lead_name, phase, deadline, questions_by, answers_due, published_at, changed_at FROM public_procurements
WHERE NOT sandbox AND id > @after ORDER BY id LIMIT @up_to;

-- name: PublicProcurement :one
SELECT p.*, case_now(p.space_id)::timestamptz AS case_now FROM public_procurements p WHERE p.id = @id;

-- name: PublicDocuments :many
SELECT id, set_version, kind, name, media_type, length(content) AS size, sha256 FROM public_documents WHERE procurement_id = @procurement_id AND withdrawn_in IS NULL ORDER BY name;

-- name: PublicDocument :one
SELECT * FROM public_documents WHERE procurement_id = @procurement_id AND id = @id;

-- name: PublicChanges :many
SELECT * FROM public_changes WHERE procurement_id = @procurement_id ORDER BY id;
