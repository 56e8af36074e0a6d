-- name: LibraryEntries :many
-- A page of the newest versions that the organisation may read. Every word that
-- is searched for stands somewhere in the entry.
SELECT e.*, v.requirement, coalesce(o.name, '')::text AS owner_name
FROM library_entries e JOIN library_versions v ON v.entry_id = e.id AND v.version = e.version LEFT JOIN organisations o ON o.id = e.org_id
WHERE e.id > @after
  AND (NOT @own::boolean OR e.org_id = app_org())
  AND (@sector::text = '' OR e.sectors = '{}' OR @sector = ANY (e.sectors))
  AND (@area::text = '' OR lower(e.area) = lower(@area))
  AND NOT EXISTS (SELECT 1 FROM unnest(@words::text[]) AS w(word)
    WHERE strpos(lower(concat_ws(' ', e.code, e.area, v.requirement ->> 'title', v.requirement ->> 'text', v.requirement ->> 'evidence')), w.word) = 0)
ORDER BY e.id LIMIT @up_to;

-- name: LibraryEntry :one
-- One entry in one of its versions, 0 for the newest.
SELECT e.id, v.version, e.version AS newest, e.org_id, e.network_id, e.code, e.area, e.sectors, e.source, e.source_read, e.proposal, e.changed_at, v.requirement, coalesce(o.name, '')::text AS owner_name
FROM library_entries e JOIN library_versions v ON v.entry_id = e.id AND v.version = CASE WHEN @version::int = 0 THEN e.version ELSE @version END
LEFT JOIN organisations o ON o.id = e.org_id
WHERE e.id = @id;

-- name: LockLibraryEntry :one
-- The organisation's own entry, for a new version of it.
SELECT id, version FROM library_entries WHERE id = @id AND org_id = app_org() FOR UPDATE;

-- name: InsertLibraryEntry :exec
INSERT INTO library_entries (id, org_id, network_id, code, area, sectors, source, source_read, proposal)
VALUES (@id, app_org(), @network_id, @code, @area, @sectors, @source, @source_read, @proposal);

-- name: ReviseLibraryEntry :exec
UPDATE library_entries SET version = @version, network_id = @network_id, area = @area, sectors = @sectors, source = @source, source_read = @source_read,
  proposal = @proposal, changed_at = clock_timestamp() WHERE id = @id;

-- name: InsertLibraryVersion :exec
INSERT INTO library_versions (entry_id, version, requirement, made_by) VALUES (@entry_id, @version, @requirement, @made_by);

-- name: InNetwork :one
SELECT EXISTS (SELECT 1 FROM network_members m WHERE m.network_id = @network_id AND m.org_id = app_org() AND m.to_on IS NULL);
