-- name: InsertProcurement :exec
INSERT INTO procurements (id, space_id, phase, lead_org, title, plan, state, created_at)
VALUES (@id, @space_id, 'draft', @lead_org, @title, @plan, '{}', case_now(@space_id));

-- name: Procurement :one
-- A case with the counts that decisions go by. The tallies are what the asking
-- role may see: before the opening a lead buyer counts no tenders.
SELECT p.id, p.space_id, p.lead_org, p.n, p.version, p.phase, p.plan, p.state, p.next_wake, p.created_at,
       case_now(p.space_id)::timestamptz AS case_now,
       t.named, t.mandated, t.declined, t.dropped, t.mandated_value, t.estimated_value, t.maximum_value, t.earliest_mandate_end, t.cost_share,
       (SELECT count(*) FROM jsonb_array_elements(p.plan->'lots') l WHERE NOT EXISTS (SELECT 1 FROM participants m
          WHERE m.procurement_id = p.id AND m.state = 'mandated' AND (l->>'id')::uuid = ANY (m.lots)))::int AS lots_without_mandate,
       (SELECT count(*) FROM submissions s JOIN tenders tt ON tt.id = s.tender_id WHERE tt.procurement_id = p.id AND s.state = 'standing')::int AS submitted,
       (SELECT count(*) FROM rejections r WHERE r.procurement_id = p.id)::int AS rejected,
       -- A later deadline moves the latest day for questions with it, and makes
       -- questions timely that were not.
       (SELECT count(*) FROM questions q WHERE q.procurement_id = p.id AND q.clarification_id IS NULL
          AND q.asked_at < (p.plan->>'questionsBy')::timestamptz)::int AS unanswered,
       (SELECT count(*) FROM questions q JOIN clarification_versions v ON v.procurement_id = q.procurement_id AND v.clarification_id = q.clarification_id
        WHERE q.procurement_id = p.id AND v.declined AND NOT EXISTS (
          SELECT 1 FROM clarification_versions x WHERE x.procurement_id = v.procurement_id AND x.clarification_id = v.clarification_id AND x.version > v.version))::int AS declined_questions,
       coalesce((SELECT jsonb_object_agg(a.part, a.by) FROM (SELECT oa.part, jsonb_agg(oa.identity_id ORDER BY oa.approved_at) AS by FROM opening_approvals oa WHERE oa.procurement_id = p.id GROUP BY oa.part) a), '{}')::jsonb AS approvals
FROM procurements p
CROSS JOIN LATERAL (
  SELECT count(*) FILTER (WHERE pt.state = 'named')::int AS named,
         count(*) FILTER (WHERE pt.state = 'mandated')::int AS mandated,
         count(*) FILTER (WHERE pt.state = 'declined')::int AS declined,
         count(*) FILTER (WHERE pt.state = 'dropped')::int AS dropped,
         coalesce(sum(pt.mandate_maximum) FILTER (WHERE pt.state = 'mandated'), 0)::bigint AS mandated_value,
         coalesce(sum(pt.estimated_value) FILTER (WHERE pt.state IN ('named', 'mandated')), 0)::bigint AS estimated_value,
         coalesce(sum(pt.maximum_value) FILTER (WHERE pt.state IN ('named', 'mandated')), 0)::bigint AS maximum_value,
         coalesce(min(pt.mandate_ends_on) FILTER (WHERE pt.state = 'mandated'), '0001-01-01')::date AS earliest_mandate_end,
         (coalesce(sum(pt.cost_share) FILTER (WHERE pt.state = 'mandated'), 0) * 10000)::bigint AS cost_share
  FROM participants pt WHERE pt.procurement_id = p.id) t
WHERE p.id = @id;

-- name: LockProcurement :one
-- Serialises decisions about one case.
SELECT id FROM procurements WHERE id = @id FOR UPDATE;

-- name: SaveProcurement :exec
UPDATE procurements SET phase = @phase, title = @title, plan = @plan, state = @state, n = @n, version = version + 1,
  tender_deadline = @tender_deadline, published_at = @published_at, next_wake = @next_wake
WHERE id = @id;

-- name: ScoringProgress :one
-- How many scores are due and given: every evaluator scores every answer to a
-- rated requirement of every tender that is not rejected.
SELECT (SELECT count(*) FROM case_team e WHERE e.procurement_id = @procurement_id AND e.role = 'evaluator')::int AS evaluators,
       (SELECT count(*) FROM opened_answers a JOIN tenders t ON t.id = a.tender_id
          JOIN requirements r ON r.set_id = @set_id AND r.set_version = @set_version AND r.id = a.requirement_id
        WHERE t.procurement_id = @procurement_id AND a.part = 'quality' AND r.kind IN ('rated', 'both')
          AND NOT EXISTS (SELECT 1 FROM rejections x WHERE x.tender_id = t.id))::int AS answers,
       (SELECT count(*) FROM scores s
        WHERE s.procurement_id = @procurement_id
          AND NOT EXISTS (SELECT 1 FROM rejections x WHERE x.tender_id = s.tender_id)
          AND EXISTS (SELECT 1 FROM case_team e WHERE e.procurement_id = s.procurement_id AND e.identity_id = s.evaluator_id AND e.role = 'evaluator'))::int AS given;

-- name: Procurements :many
-- A page of the cases that the organisation leads or takes part in.
SELECT p.id, p.space_id, p.lead_org, o.name AS lead_name, p.title, p.phase, p.version, p.tender_deadline, p.next_wake, p.created_at, s.kind AS space_kind
FROM procurements p JOIN organisations o ON o.id = p.lead_org JOIN spaces s ON s.id = p.space_id
WHERE p.id > @after
ORDER BY p.id LIMIT @up_to;

-- name: OpenProcurements :many
-- Cases that a workflow should be driving, for reconcile.
SELECT id, n, space_id, phase, next_wake FROM procurements
WHERE phase NOT IN ('draft', 'ended', 'cancelled', 'unsuccessful') AND id > @after
ORDER BY id LIMIT @up_to;

-- name: RaiseN :exec
UPDATE procurements SET n = n + 1, version = version + 1 WHERE id = @id AND n = @n;

-- name: SpaceOf :one
SELECT s.id, s.kind, s.name, s.offset_us, s.owner_org, case_now(s.id)::timestamptz AS case_now FROM spaces s JOIN procurements p ON p.space_id = s.id WHERE p.id = @procurement_id;

-- name: UpsertParticipants :exec
INSERT INTO participants (procurement_id, space_id, org_id, estimated_value, maximum_value, lots)
SELECT @procurement_id, @space_id, r.org_id, r.estimated_value, r.maximum_value, '{}'
FROM jsonb_to_recordset(@rows::jsonb) AS r(org_id uuid, estimated_value bigint, maximum_value bigint)
ON CONFLICT (procurement_id, org_id) DO UPDATE SET estimated_value = excluded.estimated_value, maximum_value = excluded.maximum_value;

-- name: KeepParticipants :exec
DELETE FROM participants WHERE procurement_id = @procurement_id AND org_id <> ALL (@keep::uuid[]);

-- name: Participants :many
SELECT p.*, o.name AS org_name, o.orgnr, o.municipality_no, o.county, o.address
FROM participants p JOIN organisations o ON o.id = p.org_id
WHERE p.procurement_id = @procurement_id AND p.org_id > @after
ORDER BY p.org_id LIMIT @up_to;

-- name: Participant :one
SELECT p.*, o.name AS org_name FROM participants p JOIN organisations o ON o.id = p.org_id
WHERE p.procurement_id = @procurement_id AND p.org_id = @org_id;

-- name: GiveMandate :execrows
UPDATE participants SET state = 'mandated', decided_on = @decided_on, case_reference = @case_reference, scope = @scope, lots = @lots,
  mandate_maximum = @mandate_maximum, cost_share = (@cost_share_e4::bigint)::numeric / 10000, mandate_ends_on = @mandate_ends_on,
  decline_reason = NULL, recorded_by = @recorded_by, recorded_at = @recorded_at
WHERE procurement_id = @procurement_id AND org_id = @org_id AND state IN ('named', 'mandated', 'declined');

-- name: DeclineMandate :execrows
UPDATE participants SET state = 'declined', decline_reason = @decline_reason, decided_on = @decided_on, case_reference = @case_reference,
  recorded_by = @recorded_by, recorded_at = @recorded_at
WHERE procurement_id = @procurement_id AND org_id = @org_id AND state IN ('named', 'mandated', 'declined');

-- name: DropUnanswered :exec
UPDATE participants SET state = 'dropped' WHERE procurement_id = @procurement_id AND state = 'named';

-- name: AddToTeam :exec
INSERT INTO case_team (procurement_id, space_id, identity_id, org_id, role, added_at)
VALUES (@procurement_id, @space_id, @identity_id, @org_id, @role, @added_at)
ON CONFLICT DO NOTHING;

-- name: RemoveFromTeam :execrows
DELETE FROM case_team WHERE procurement_id = @procurement_id AND identity_id = @identity_id AND role = @role;

-- name: Team :many
SELECT * FROM case_team WHERE procurement_id = @procurement_id ORDER BY role, identity_id;

-- name: TeamRoles :many
SELECT role FROM case_team WHERE procurement_id = @procurement_id AND identity_id = @identity_id ORDER BY role;

-- name: DeclareImpartial :execrows
UPDATE case_team SET impartial_declared_at = @at WHERE procurement_id = @procurement_id AND identity_id = @identity_id AND role IN ('evaluator', 'chair', 'opener') AND impartial_declared_at IS NULL;

-- name: IsImpartial :one
SELECT coalesce(bool_or(impartial_declared_at IS NOT NULL), false)::boolean FROM case_team
WHERE procurement_id = @procurement_id AND identity_id = @identity_id AND role = 'evaluator';

-- name: RolesOf :one
SELECT coalesce(roles_of(@identity::uuid, @org::uuid), '{}')::text[];

-- name: AddDocument :exec
INSERT INTO procurement_documents (id, procurement_id, space_id, set_version, kind, name, media_type, content, sha256, added_at)
VALUES (@id, @procurement_id, @space_id, @set_version, @kind, @name, @media_type, @content, @sha256, @added_at);

-- name: Documents :many
-- The files of a version: those that have come with it or before and have not
-- been taken out. What came or went with an amendment that was discarded did not.
WITH discarded AS (SELECT s.version FROM requirement_sets s WHERE s.case_id = @procurement_id AND s.state = 'discarded')
SELECT d.id, d.set_version, d.kind, d.name, d.media_type, length(d.content) AS size, d.sha256, d.added_at FROM procurement_documents d
WHERE d.procurement_id = @procurement_id AND d.set_version <= @set_version AND d.set_version NOT IN (SELECT version FROM discarded)
  AND (d.withdrawn_in IS NULL OR d.withdrawn_in > @set_version OR d.withdrawn_in IN (SELECT version FROM discarded))
ORDER BY d.name;

-- name: Document :one
SELECT id, kind, name, media_type, content, sha256 FROM procurement_documents WHERE procurement_id = @procurement_id AND id = @id;

-- name: RemoveDocument :execrows
DELETE FROM procurement_documents WHERE procurement_id = @procurement_id AND id = @id AND set_version = @set_version;

-- name: Confirmations :many
SELECT rule_id, value, source, confirmed_by, confirmed_at FROM rule_confirmations WHERE procurement_id = @procurement_id ORDER BY confirmed_at, rule_id;

-- name: ConfirmRules :exec
INSERT INTO rule_confirmations (procurement_id, space_id, rule_id, value, source, confirmed_by, confirmed_at)
SELECT @procurement_id, @space_id, r.rule_id, r.value, r.source, @confirmed_by, @confirmed_at
FROM jsonb_to_recordset(@rows::jsonb) AS r(rule_id text, value bigint, source text)
ON CONFLICT (procurement_id, rule_id) DO UPDATE SET value = excluded.value, source = excluded.source, confirmed_by = excluded.confirmed_by, confirmed_at = excluded.confirmed_at;

-- name: TeamNames :one
SELECT team_names(@procurement::uuid)::jsonb;
