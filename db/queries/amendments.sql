-- name: BeginAmendmentDraft :one
-- The published version goes on as a draft beside it. A version that was
-- discarded keeps its number.
INSERT INTO requirement_sets (id, version, case_id, space_id, head, edit)
SELECT s.id, n.version, s.case_id, s.space_id, s.head, n.edit
FROM requirement_sets s, (SELECT max(a.version) + 1 AS version, max(a.edit) + 1 AS edit FROM requirement_sets a WHERE a.case_id = @case_id) n
WHERE s.case_id = @case_id AND s.version = @base_version
RETURNING id, version;

-- name: BeginAmendmentRequirements :exec
INSERT INTO requirements (set_id, set_version, id, ordinal, number, kind, answer_type, body)
SELECT r.set_id, @to_version, r.id, r.ordinal, r.number, r.kind, r.answer_type, r.body
FROM requirements r WHERE r.set_id = @id AND r.set_version = @base_version;

-- name: InsertAmendment :exec
INSERT INTO amendments (procurement_id, space_id, set_version, base_version, clarifications, begun_by, begun_at)
VALUES (@procurement_id, @space_id, @set_version, @base_version, @clarifications, @begun_by, @begun_at);

-- name: Amendment :one
SELECT * FROM amendments WHERE procurement_id = @procurement_id AND set_version = @set_version;

-- name: ClarificationsAmong :one
SELECT count(DISTINCT n)::int FROM clarifications WHERE procurement_id = @procurement_id AND n = ANY (@numbers::int[]);

-- name: DiscardDraft :execrows
UPDATE requirement_sets SET state = 'discarded', locked_at = @at, edit = edit + 1 WHERE case_id = @case_id AND state = 'draft';

-- name: SupersedeSet :execrows
UPDATE requirement_sets SET state = 'superseded' WHERE case_id = @case_id AND version = @version AND state = 'locked';

-- name: WithdrawDocument :execrows
-- A file that is published stays until the version that takes it out.
UPDATE procurement_documents d SET withdrawn_in = @version::int WHERE d.procurement_id = @procurement_id AND d.id = @id AND d.set_version < @version::int
  AND (d.withdrawn_in IS NULL OR EXISTS (SELECT 1 FROM requirement_sets s WHERE s.case_id = d.procurement_id AND s.version = d.withdrawn_in AND s.state = 'discarded'));

-- name: PublishVersion :exec
INSERT INTO public_versions (procurement_id, version, before, requirement_set, sha256, difference, files_added, files_removed, clarifications, reason, deadline_before, deadline, published_at)
VALUES (@procurement_id, @version, @before, @requirement_set, @sha256, @difference, @files_added, @files_removed, @clarifications, @reason, @deadline_before, @deadline, @published_at);

-- name: PublishAmended :exec
UPDATE public_procurements SET set_version = @set_version, requirement_set = @requirement_set, notice = jsonb_set(notice, '{plan}', @plan::jsonb),
  deadline = @deadline, questions_by = @questions_by, answers_due = @answers_due, changed_at = @changed_at
WHERE id = @id;

-- name: WithdrawPublicDocuments :exec
UPDATE public_documents SET withdrawn_in = @version::int WHERE procurement_id = @procurement_id AND id = ANY (@ids::uuid[]) AND withdrawn_in IS NULL;

-- name: PublicVersions :many
-- What was published when, without the lists themselves.
SELECT version, before, sha256, difference, files_added, files_removed, clarifications, reason, deadline_before, deadline, published_at
FROM public_versions WHERE procurement_id = @procurement_id ORDER BY version;

-- name: PublicVersion :one
SELECT * FROM public_versions WHERE procurement_id = @procurement_id AND version = @version;

-- name: InsertTenderConfirmation :exec
INSERT INTO tender_confirmations (tender_id, submission, set_version, confirmed_by, confirmed_at, receipt)
VALUES (@tender_id, @submission, @set_version, @confirmed_by, @confirmed_at, @receipt);

-- name: TenderConfirmations :many
SELECT submission, set_version, confirmed_at, receipt FROM tender_confirmations WHERE tender_id = @tender_id ORDER BY submission, set_version;

-- name: StandingTender :one
-- The standing submission of a tender beside what it was confirmed for, and what
-- it answers; the answers themselves are sealed.
SELECT s.n, s.set_version, s.lots, s.receipt,
  coalesce((SELECT max(c.set_version) FROM tender_confirmations c WHERE c.tender_id = s.tender_id AND c.submission = s.n), 0)::int AS confirmed,
  coalesce((SELECT array_agg(DISTINCT q) FROM envelopes e, unnest(e.requirements) q WHERE e.tender_id = s.tender_id AND e.submission = s.n), '{}')::uuid[] AS answered
FROM submissions s WHERE s.tender_id = @tender_id AND s.state = 'standing';

-- name: StandingTenders :many
-- The same for the opened tenders of a case.
SELECT s.tender_id, s.n, s.set_version, s.lots,
  coalesce((SELECT max(c.set_version) FROM tender_confirmations c WHERE c.tender_id = s.tender_id AND c.submission = s.n), 0)::int AS confirmed,
  coalesce((SELECT array_agg(DISTINCT q) FROM envelopes e, unnest(e.requirements) q WHERE e.tender_id = s.tender_id AND e.submission = s.n), '{}')::uuid[] AS answered
FROM submissions s JOIN tenders t ON t.id = s.tender_id WHERE t.procurement_id = @procurement_id AND s.state = 'standing';

-- name: AnsweredUnder :many
-- The versions under which the answers of a draft were saved.
SELECT requirement_id, set_version FROM draft_answers WHERE tender_id = @tender_id AND draft = @draft ORDER BY requirement_id;

-- name: CarriedUnder :exec
-- What a replacement takes over is answered under the version that the submission
-- was given or confirmed under.
UPDATE draft_answers d SET set_version = greatest(s.set_version, coalesce((SELECT max(c.set_version) FROM tender_confirmations c WHERE c.tender_id = s.tender_id AND c.submission = s.n), 0))
FROM submissions s
WHERE s.tender_id = @tender_id AND s.n = @submission AND d.tender_id = s.tender_id AND d.draft = @draft AND d.requirement_id = ANY (@carried::uuid[]);
