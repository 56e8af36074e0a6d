-- name: DraftFiles :many
SELECT id, requirement_id, lot_id, part, version, sealed, object_id, size, sha256, scan, saved_at FROM draft_files WHERE tender_id = @tender_id AND draft = @draft ORDER BY id;

-- name: SaveDraftFiles :exec
INSERT INTO draft_files (tender_id, draft, id, requirement_id, lot_id, part, version, sealed, object_id, size, sha256, scan, saved_at)
SELECT @tender_id, @draft, r.id, r.requirement_id, r.lot_id, r.part, r.version, decode(r.sealed, 'base64'), r.object_id, r.size, decode(r.sha256, 'base64'), r.scan, r.saved_at
FROM jsonb_to_recordset(@rows::jsonb) AS r(id uuid, requirement_id uuid, lot_id uuid, part text, version bigint, sealed text, object_id uuid, size bigint, sha256 text, scan text, saved_at timestamptz)
ON CONFLICT (tender_id, draft, id) DO UPDATE SET requirement_id = excluded.requirement_id, lot_id = excluded.lot_id, part = excluded.part, version = excluded.version,
  sealed = excluded.sealed, object_id = excluded.object_id, size = excluded.size, sha256 = excluded.sha256, scan = excluded.scan, saved_at = excluded.saved_at;

-- name: DeleteDraftFiles :exec
DELETE FROM draft_files WHERE tender_id = @tender_id AND draft = @draft AND id = ANY (@ids::uuid[]);

-- name: ClearDraftFiles :exec
DELETE FROM draft_files WHERE tender_id = @tender_id AND draft = @draft;

-- name: InsertSubmittedFiles :exec
INSERT INTO submitted_files (tender_id, submission, id, lot_id, part, object_id, size, sha256, scan, saved_at)
SELECT @tender_id, @submission, r.id, r.lot_id, r.part, r.object_id, r.size, decode(r.sha256, 'base64'), r.scan, r.saved_at
FROM jsonb_to_recordset(@rows::jsonb) AS r(id uuid, lot_id uuid, part text, object_id uuid, size bigint, sha256 text, scan text, saved_at timestamptz);

-- name: SubmittedFiles :many
SELECT id, lot_id, part, object_id, size, sha256, scan, saved_at FROM submitted_files WHERE tender_id = @tender_id AND submission = @submission ORDER BY id;

-- name: InsertOpenedFiles :exec
-- A file keeps the scan of its upload; the worker scans the others.
INSERT INTO opened_files (tender_id, id, requirement_id, lot_id, part, name, media_type, size, content_sha256, object_id, key, secret, scan)
SELECT @tender_id, r.id, r.requirement_id, r.lot_id, r.part, r.name, r.media_type, r.size, decode(r.content_sha256, 'base64'), r.object_id, decode(r.key, 'base64'), r.secret,
  coalesce((SELECT s.scan FROM submitted_files s WHERE s.tender_id = @tender_id AND s.submission = @submission AND s.id = r.id AND s.object_id = r.object_id), 'off')
FROM jsonb_to_recordset(@rows::jsonb) AS r(id uuid, requirement_id uuid, lot_id uuid, part text, name text, media_type text, size bigint, content_sha256 text, object_id uuid, key text, secret text);

-- name: OpenedFiles :many
SELECT id, requirement_id, lot_id, part, name, media_type, size, content_sha256, scan, finding, scanned_at, secret FROM opened_files WHERE tender_id = @tender_id ORDER BY id;

-- name: OpenedFile :one
SELECT * FROM opened_files WHERE tender_id = @tender_id AND id = @id;

-- name: UnscannedFiles :many
-- Opened files that no scanner has seen, of one tender or, without one, of all,
-- behind a tender and a file.
SELECT f.*, t.procurement_id FROM opened_files f JOIN tenders t ON t.id = f.tender_id
WHERE f.scan IN ('off', 'away') AND (sqlc.narg(of_tender)::uuid IS NULL OR f.tender_id = sqlc.narg(of_tender))
  AND (f.tender_id, f.id) > (@after_tender::uuid, @after_id::uuid)
ORDER BY f.tender_id, f.id LIMIT @up_to;

-- name: NoteScan :exec
UPDATE opened_files SET scan = @scan, finding = @finding, scanned_at = @scanned_at WHERE tender_id = @tender_id AND id = @id;

-- name: UnusedObjects :many
SELECT unused_objects(@objects::uuid[])::uuid;
