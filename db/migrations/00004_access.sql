-- +goose Up
-- Who lets whom in: roles by kind of organisation, memberships with where they
-- come from, invitations, the organisations' own systems, and reading the audit
-- log.

-- The roles that fit a kind of organisation; the program has the same list.
CREATE FUNCTION roles_for(kind text) RETURNS text[] LANGUAGE sql IMMUTABLE AS $$
  SELECT ARRAY['admin', 'auditor'] || CASE kind
    WHEN 'supplier' THEN ARRAY['supplier_author', 'supplier_reviewer', 'signatory']
    WHEN 'municipality' THEN ARRAY['procurement_lead', 'mandate_giver', 'contract_owner', 'case_worker', 'checklist_owner']
    WHEN 'county_municipality' THEN ARRAY['procurement_lead', 'mandate_giver', 'contract_owner', 'case_worker', 'checklist_owner']
    WHEN 'joint_body' THEN ARRAY['procurement_lead', 'mandate_giver', 'contract_owner', 'case_worker', 'assessor', 'decision_maker', 'scheme_owner', 'programme_owner', 'network_coordinator']
    WHEN 'association' THEN ARRAY['procurement_lead', 'mandate_giver', 'contract_owner', 'case_worker', 'assessor', 'decision_maker', 'scheme_owner', 'programme_owner', 'network_coordinator', 'ks_reader']
    WHEN 'authority' THEN ARRAY['procurement_lead', 'mandate_giver', 'contract_owner', 'case_worker', 'assessor', 'decision_maker', 'scheme_owner', 'programme_owner']
    ELSE ARRAY[]::text[] END
$$;

ALTER TABLE memberships DROP CONSTRAINT memberships_roles_check;
ALTER TABLE memberships
  ADD CONSTRAINT memberships_roles_given CHECK (cardinality(roles) > 0),
  -- grant: an operator's. representation: a right in a national register, which
  -- lasts no longer than until the next sign-in is due.
  ADD COLUMN source text NOT NULL DEFAULT 'grant' CHECK (source IN ('grant', 'invitation', 'client', 'representation')),
  ADD COLUMN until timestamptz,
  ADD COLUMN version bigint NOT NULL DEFAULT 1,
  -- What the organisation calls one of its systems, and the organisation number
  -- of the maker of a supplier system that acts for it.
  ADD COLUMN label text CHECK (length(label) BETWEEN 1 AND 200),
  ADD COLUMN vendor text CHECK (vendor ~ '^[0-9]{9}$'),
  ADD CONSTRAINT memberships_representation_ends CHECK (source <> 'representation' OR until IS NOT NULL);

-- A membership holds what fits the organisation's kind, and no system lets
-- anybody in. The last administrator that an organisation has chosen itself
-- stays until there is another; one administration is changed at a time.
-- +goose StatementBegin
CREATE FUNCTION membership_fits() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF NOT NEW.roles <@ (SELECT roles_for(o.kind) FROM organisations o WHERE o.id = NEW.org_id) THEN
    RAISE EXCEPTION 'a role does not fit the organisation' USING ERRCODE = 'check_violation', CONSTRAINT = 'membership_roles_fit';
  END IF;
  IF 'admin' = ANY (NEW.roles) AND (SELECT i.kind FROM identities i WHERE i.id = NEW.identity_id) <> 'person' THEN
    RAISE EXCEPTION 'only a person administers' USING ERRCODE = 'check_violation', CONSTRAINT = 'membership_admin_is_person';
  END IF;
  IF TG_OP = 'UPDATE' AND OLD.ended_at IS NULL AND 'admin' = ANY (OLD.roles) AND OLD.source <> 'representation'
     AND (NEW.ended_at IS NOT NULL OR NOT 'admin' = ANY (NEW.roles)) THEN
    PERFORM pg_advisory_xact_lock(hashtextextended('administrators:' || NEW.org_id, 0));
    IF NOT EXISTS (SELECT 1 FROM memberships m WHERE m.org_id = NEW.org_id AND m.identity_id <> NEW.identity_id
                   AND m.ended_at IS NULL AND (m.until IS NULL OR m.until > clock_timestamp()) AND 'admin' = ANY (m.roles)) THEN
      RAISE EXCEPTION 'an organisation keeps an administrator' USING ERRCODE = 'check_violation', CONSTRAINT = 'membership_last_admin';
    END IF;
  END IF;
  RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER membership_fits BEFORE INSERT OR UPDATE ON memberships FOR EACH ROW EXECUTE FUNCTION membership_fits();

-- The case's own author of requirements, beside the lead buyer.
ALTER TABLE case_team DROP CONSTRAINT case_team_role_check;
ALTER TABLE case_team ADD CONSTRAINT case_team_role_check CHECK (role IN ('lead', 'author', 'opener', 'evaluator', 'chair'));

-- Sign-in: what an identity may act for now.
DROP FUNCTION memberships_of(text, text);
CREATE FUNCTION memberships_of(issuer text, subject text)
RETURNS TABLE (identity_id uuid, kind text, name text, email text, org_id uuid, org_name text, orgnr text, org_kind text, roles text[], source text, until timestamptz, vendor text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT i.id, i.kind, coalesce(m.label, i.name), i.email, o.id, o.name, o.orgnr, o.kind, m.roles, m.source, m.until, m.vendor
  FROM identities i
  LEFT JOIN (memberships m JOIN organisations o ON o.id = m.org_id AND o.valid_to IS NULL)
    ON m.identity_id = i.id AND m.ended_at IS NULL AND (m.until IS NULL OR m.until > clock_timestamp())
  WHERE i.issuer = $1 AND i.subject = $2
  ORDER BY o.name, o.id
$$;
CREATE OR REPLACE FUNCTION roles_of(identity uuid, org uuid) RETURNS text[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS
$$ SELECT m.roles FROM memberships m WHERE m.identity_id = identity AND m.org_id = org AND m.ended_at IS NULL AND (m.until IS NULL OR m.until > clock_timestamp()) $$;

-- A person's own name and address. Who knows issuer and subject is that person:
-- a subject is given by the issuer and told to nobody else.
CREATE FUNCTION save_me(issuer text, subject text, name text, email text) RETURNS uuid
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  UPDATE identities SET name = $3, email = $4 WHERE identities.issuer = $1 AND identities.subject = $2 AND kind = 'person' RETURNING id
$$;

-- An organisation's system: its own, known by the organisation number that its
-- tokens name as consumer, or a supplier system that acts for it.
-- +goose StatementBegin
CREATE FUNCTION register_client(issuer text, acting_system text, vendor text, label text, roles text[]) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  key text := CASE WHEN acting_system IS NULL THEN (SELECT '0192:' || o.orgnr FROM organisations o WHERE o.id = app_org() AND o.valid_to IS NULL) ELSE 'systemuser:' || acting_system END;
  client uuid;
BEGIN
  IF key IS NULL OR (acting_system IS NULL) <> (vendor IS NULL) THEN
    RAISE EXCEPTION 'the organisation has no number' USING ERRCODE = 'check_violation', CONSTRAINT = 'client_subject';
  END IF;
  INSERT INTO identities (id, issuer, subject, kind, name) VALUES (gen_random_uuid(), register_client.issuer, key, 'system', 'system')
  ON CONFLICT ON CONSTRAINT identities_issuer_subject_key DO NOTHING;
  SELECT i.id INTO client FROM identities i WHERE i.issuer = register_client.issuer AND i.subject = key AND i.kind = 'system';
  INSERT INTO memberships (identity_id, org_id, roles, source, label, vendor)
  VALUES (client, app_org(), register_client.roles, 'client', register_client.label, register_client.vendor)
  ON CONFLICT (identity_id, org_id) DO UPDATE SET roles = excluded.roles, source = 'client', label = excluded.label, vendor = excluded.vendor,
    ended_at = NULL, until = NULL, granted_at = clock_timestamp(), version = memberships.version + 1
  WHERE memberships.ended_at IS NOT NULL;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'the system is registered already' USING ERRCODE = 'unique_violation', CONSTRAINT = 'client_registered';
  END IF;
  RETURN client;
END $$;
-- +goose StatementEnd

-- Letting a person in: the organisation's administrator hands over a code, of
-- which only the hash is kept; who shows it becomes a member.
CREATE TABLE invitations (
  id           uuid PRIMARY KEY,
  org_id       uuid NOT NULL REFERENCES organisations,
  roles        text[] NOT NULL CHECK (cardinality(roles) > 0),
  name         text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
  email        text CHECK (email LIKE '%_@_%'),
  code_hash    bytea NOT NULL UNIQUE CHECK (length(code_hash) = 32),
  invited_by   uuid NOT NULL,
  created_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
  expires_at   timestamptz NOT NULL,
  accepted_at  timestamptz,
  accepted_by  uuid,
  withdrawn_at timestamptz,
  CHECK ((accepted_at IS NULL) = (accepted_by IS NULL)),
  CHECK (accepted_at IS NULL OR withdrawn_at IS NULL)
);
CREATE INDEX invitations_org ON invitations (org_id, id);

CREATE FUNCTION show_invitation(hash bytea)
RETURNS TABLE (org_name text, name text, roles text[], expires_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT o.name, i.name, i.roles, i.expires_at FROM invitations i JOIN organisations o ON o.id = i.org_id AND o.valid_to IS NULL
  WHERE i.code_hash = hash AND i.accepted_at IS NULL AND i.withdrawn_at IS NULL AND i.expires_at > clock_timestamp()
$$;

-- The roles join those that the person has; a membership by representation
-- becomes the organisation's own choice.
-- +goose StatementBegin
CREATE FUNCTION accept_invitation(hash bytea, issuer text, subject text)
RETURNS TABLE (identity uuid, org uuid, given text[])
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  inv invitations;
  person uuid;
BEGIN
  SELECT * INTO inv FROM invitations i WHERE i.code_hash = hash AND i.withdrawn_at IS NULL AND i.expires_at > clock_timestamp() FOR UPDATE;
  IF NOT FOUND THEN RETURN; END IF;
  IF inv.accepted_at IS NULL THEN
    INSERT INTO identities (id, issuer, subject, kind, name, email) VALUES (gen_random_uuid(), accept_invitation.issuer, accept_invitation.subject, 'person', inv.name, inv.email)
    ON CONFLICT ON CONSTRAINT identities_issuer_subject_key DO NOTHING;
  END IF;
  SELECT i.id INTO person FROM identities i WHERE i.issuer = accept_invitation.issuer AND i.subject = accept_invitation.subject AND i.kind = 'person';
  IF person IS NULL THEN RETURN; END IF;
  IF inv.accepted_at IS NOT NULL THEN
    -- The same person again, whose first answer was lost, is told the same; what
    -- has been taken from them since does not come back.
    RETURN QUERY SELECT person, inv.org_id, inv.roles WHERE inv.accepted_by = person;
    RETURN;
  END IF;
  INSERT INTO memberships AS m (identity_id, org_id, roles, source) VALUES (person, inv.org_id, inv.roles, 'invitation')
  ON CONFLICT (identity_id, org_id) DO UPDATE SET
    roles = CASE WHEN m.ended_at IS NULL AND (m.until IS NULL OR m.until > clock_timestamp())
      THEN ARRAY(SELECT DISTINCT r FROM unnest(m.roles || excluded.roles) r ORDER BY r) ELSE excluded.roles END,
    source = 'invitation', until = NULL, ended_at = NULL, granted_at = clock_timestamp(), version = m.version + 1;
  UPDATE invitations i SET accepted_at = clock_timestamp(), accepted_by = person WHERE i.id = inv.id;
  RETURN QUERY SELECT person, inv.org_id, inv.roles;
END $$;
-- +goose StatementEnd

-- A person whom a national register says to represent organisations, by a right
-- that this deployment lists: administrator of each until then. One that is
-- unknown until now is made, as a supplier. What the register says no more
-- ends. What the organisation itself has given stays as it is.
-- +goose StatementBegin
CREATE FUNCTION represent(issuer text, subject text, person_name text, represented jsonb, until timestamptz)
RETURNS TABLE (identity uuid, org uuid, org_made boolean, given boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  person uuid;
  r record;
  target uuid;
  made boolean;
  admitted boolean;
  wanted uuid[] := '{}';
BEGIN
  IF jsonb_array_length(represented) > 0 THEN
    INSERT INTO identities (id, issuer, subject, kind, name) VALUES (gen_random_uuid(), represent.issuer, represent.subject, 'person', person_name)
    ON CONFLICT ON CONSTRAINT identities_issuer_subject_key DO NOTHING;
  END IF;
  SELECT i.id INTO person FROM identities i WHERE i.issuer = represent.issuer AND i.subject = represent.subject AND i.kind = 'person';
  IF person IS NULL THEN RETURN; END IF;
  FOR r IN SELECT DISTINCT ON (number) number, name FROM jsonb_to_recordset(represented) AS x(number text, name text) ORDER BY number LOOP
    made := false;
    SELECT o.id INTO target FROM organisations o WHERE o.orgnr = r.number AND o.valid_to IS NULL;
    IF target IS NULL THEN
      INSERT INTO organisations (id, kind, name, orgnr) VALUES (gen_random_uuid(), 'supplier', coalesce(nullif(r.name, ''), r.number), r.number)
      ON CONFLICT (orgnr) WHERE valid_to IS NULL DO NOTHING RETURNING id INTO target;
      made := target IS NOT NULL;
      IF target IS NULL THEN
        SELECT o.id INTO target FROM organisations o WHERE o.orgnr = r.number AND o.valid_to IS NULL;
      END IF;
    END IF;
    wanted := wanted || target;
    admitted := NOT EXISTS (SELECT 1 FROM memberships m WHERE m.identity_id = person AND m.org_id = target AND m.ended_at IS NULL AND (m.until IS NULL OR m.until > clock_timestamp()));
    INSERT INTO memberships AS m (identity_id, org_id, roles, source, until) VALUES (person, target, ARRAY['admin'], 'representation', represent.until)
    ON CONFLICT (identity_id, org_id) DO UPDATE SET
      roles = CASE WHEN m.ended_at IS NULL THEN m.roles ELSE ARRAY['admin'] END,
      source = 'representation', until = represent.until, ended_at = NULL, version = m.version + 1
    WHERE m.ended_at IS NOT NULL OR m.source = 'representation';
    RETURN QUERY SELECT person, target, made, admitted;
  END LOOP;
  UPDATE memberships m SET ended_at = clock_timestamp(), version = m.version + 1
  WHERE m.identity_id = person AND m.source = 'representation' AND m.ended_at IS NULL AND NOT m.org_id = ANY (wanted);
END $$;
-- +goose StatementEnd

-- Reading the audit log. An organisation's auditor reads what its own people and
-- systems did and tried, and what happened to objects that it may see; who of
-- another organisation did that is not told.
CREATE INDEX audit_org ON audit (actor_org, seq);
CREATE FUNCTION audit_search(in_case uuid, by_actor uuid, of_action text, with_outcome text, from_at timestamptz, to_at timestamptz, of_request text, of_command uuid, before_seq bigint, up_to integer)
RETURNS TABLE (seq bigint, at timestamptz, case_at timestamptz, own boolean, actor_kind text, actor_id uuid, actor_name text, action text, outcome text,
  case_id uuid, object_id uuid, before jsonb, after jsonb, state_hash bytea, request_id text, command_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT a.seq, a.at, a.case_at, x.own, CASE WHEN x.own OR a.actor_kind = 'engine' THEN a.actor_kind END, CASE WHEN x.own OR a.actor_kind = 'engine' THEN a.actor_id END,
    CASE WHEN x.own THEN n.name END, a.action, a.outcome, a.case_id, a.object_id,
    CASE WHEN x.own THEN a.before END, CASE WHEN x.own OR a.outcome = 'done' THEN a.after END, a.state_hash, CASE WHEN x.own THEN a.request_id END, CASE WHEN x.own THEN a.command_id END
  FROM audit a
  CROSS JOIN LATERAL (SELECT a.actor_org IS NOT DISTINCT FROM app_org() AS own) x
  LEFT JOIN audit_names n ON n.commitment = a.actor_name AND x.own
  WHERE app_org() IS NOT NULL
    AND (x.own OR ((a.audience <> 'own' OR a.outcome = 'denied') AND EXISTS (SELECT 1 FROM case_access c WHERE c.object_id = a.object_id AND c.org_id = app_org() AND c.to_at IS NULL)))
    AND (in_case IS NULL OR a.case_id = in_case)
    AND (by_actor IS NULL OR (x.own AND a.actor_id = by_actor))
    AND (of_action IS NULL OR a.action = of_action OR starts_with(a.action, of_action || '.'))
    AND (with_outcome IS NULL OR a.outcome = with_outcome)
    AND (from_at IS NULL OR a.at >= from_at) AND (to_at IS NULL OR a.at < to_at)
    AND (of_request IS NULL OR (x.own AND a.request_id = of_request)) AND (of_command IS NULL OR (x.own AND a.command_id = of_command))
    AND a.seq < before_seq
  ORDER BY a.seq DESC LIMIT least(up_to, 1001)
$$;

-- What has happened in a case, as one of its parties may know it: the lead buyer
-- and participants, and a supplier with its own tender. Empty for everybody else.
CREATE FUNCTION party_timeline(of_case uuid, after_seq bigint, up_to integer)
RETURNS TABLE (seq bigint, at timestamptz, action text, object_id uuid, own boolean, who text, params jsonb)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT a.seq, coalesce(a.case_at, a.at), a.action, a.object_id, a.actor_org IS NOT DISTINCT FROM app_org(), coalesce(n.name, ''), coalesce(a.after, '{}')
  FROM audit a LEFT JOIN audit_names n ON n.commitment = a.actor_name AND a.actor_org = app_org()
  WHERE a.case_id = of_case AND a.outcome = 'done' AND a.seq > after_seq
    AND (a.actor_org = app_org() AND (may_see(of_case) OR EXISTS (SELECT 1 FROM tenders t WHERE t.procurement_id = of_case AND t.supplier_org = app_org()))
      OR (a.audience <> 'own' AND may_see(a.object_id))
      OR (a.audience = 'interested' AND EXISTS (SELECT 1 FROM tenders t WHERE t.procurement_id = of_case AND t.supplier_org = app_org())))
  ORDER BY a.seq LIMIT least(up_to, 1001)
$$;

-- How far joint procurements have come, and which municipality each waits for:
-- for the municipalities' association, which decides nothing in them.
CREATE FUNCTION progress(after_id uuid, up_to integer)
RETURNS TABLE (id uuid, title text, phase text, lead_name text, published_at timestamptz, tender_deadline timestamptz, participants jsonb)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT p.id, p.title, p.phase, l.name, p.published_at, p.tender_deadline,
    coalesce((SELECT jsonb_agg(jsonb_build_object('organisation', x.org_id, 'name', o.name, 'state', x.state) ORDER BY o.name, o.id)
      FROM participants x JOIN organisations o ON o.id = x.org_id WHERE x.procurement_id = p.id), '[]')
  FROM procurements p JOIN organisations l ON l.id = p.lead_org JOIN spaces s ON s.id = p.space_id
  WHERE s.kind = 'real' AND p.phase <> 'draft' AND p.id > after_id
    AND EXISTS (SELECT 1 FROM organisations ks WHERE ks.id = app_org() AND ks.kind = 'association')
  ORDER BY p.id LIMIT least(up_to, 1001)
$$;

-- +goose StatementBegin
DO $$
BEGIN
  ALTER TABLE invitations ENABLE ROW LEVEL SECURITY;
  ALTER TABLE invitations FORCE ROW LEVEL SECURITY;
  GRANT SELECT ON invitations TO fellesloft_backup;
  CREATE POLICY app ON invitations TO fellesloft_app USING (org_id = app_org()) WITH CHECK (org_id = app_org());
  GRANT SELECT, INSERT ON invitations TO fellesloft_app;
  GRANT UPDATE (withdrawn_at) ON invitations TO fellesloft_app;
END $$;
-- +goose StatementEnd
GRANT UPDATE (roles, ended_at, version) ON memberships TO fellesloft_app;
REVOKE EXECUTE ON FUNCTION roles_for(text), membership_fits(), memberships_of(text, text), save_me(text, text, text, text), register_client(text, text, text, text, text[]),
  show_invitation(bytea), accept_invitation(bytea, text, text), represent(text, text, text, jsonb, timestamptz),
  audit_search(uuid, uuid, text, text, timestamptz, timestamptz, text, uuid, bigint, integer), party_timeline(uuid, bigint, integer), progress(uuid, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION memberships_of(text, text), save_me(text, text, text, text), register_client(text, text, text, text, text[]),
  show_invitation(bytea), accept_invitation(bytea, text, text), represent(text, text, text, jsonb, timestamptz),
  audit_search(uuid, uuid, text, text, timestamptz, timestamptz, text, uuid, bigint, integer), party_timeline(uuid, bigint, integer), progress(uuid, integer) TO fellesloft_app;

-- +goose Down
SELECT 'forward only' / 0;
