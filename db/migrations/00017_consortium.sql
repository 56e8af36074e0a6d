-- +goose Up
-- Tenders by several suppliers together (leverandørfellesskap). The tender stays
-- its leader's row; the others stand here, each with its own decision. What a
-- member may see and do follows from access to the tender as an object, which
-- begins when it accepts and ends when it goes.

CREATE TABLE consortium_members (
  tender_id      uuid NOT NULL,
  org_id         uuid NOT NULL REFERENCES organisations,
  -- Of the tender, so that one who is only asked can be told by whom and in
  -- which case without a look at the tender.
  lead_org       uuid NOT NULL,
  procurement_id uuid NOT NULL,
  state          text NOT NULL DEFAULT 'invited' CHECK (state IN ('invited', 'accepted', 'declined', 'left', 'removed')),
  invited_by     uuid NOT NULL,
  invited_at     timestamptz NOT NULL,
  -- The newest decision after the invitation.
  decided_by     uuid,
  decided_at     timestamptz,
  PRIMARY KEY (tender_id, org_id),
  CHECK (org_id <> lead_org)
);
ALTER TABLE tenders ADD CONSTRAINT tenders_led UNIQUE (id, procurement_id, supplier_org);
ALTER TABLE consortium_members ADD CONSTRAINT consortium_members_tender FOREIGN KEY (tender_id, procurement_id, lead_org) REFERENCES tenders (id, procurement_id, supplier_org);
CREATE INDEX consortium_members_org ON consortium_members (org_id, tender_id);
CREATE INDEX consortium_members_case ON consortium_members (procurement_id, org_id) WHERE state IN ('invited', 'accepted');

-- In whose name each submission was handed in, beside the leader.
ALTER TABLE submissions ADD COLUMN members uuid[] NOT NULL DEFAULT '{}';
-- The buyer's partner is the leader; the contract names the others.
ALTER TABLE contracts ADD COLUMN members uuid[] NOT NULL DEFAULT '{}';

-- Each organisation's own self-declaration (FOA § 17-1).
ALTER TABLE opened_declarations ADD COLUMN org_id uuid REFERENCES organisations;
UPDATE opened_declarations d SET org_id = t.supplier_org FROM tenders t WHERE t.id = d.tender_id;
ALTER TABLE opened_declarations ALTER COLUMN org_id SET NOT NULL;
ALTER TABLE opened_declarations DROP CONSTRAINT opened_declarations_pkey;
ALTER TABLE opened_declarations ADD PRIMARY KEY (tender_id, org_id);

ALTER TABLE case_access DROP CONSTRAINT case_access_reason_check;
ALTER TABLE case_access ADD CONSTRAINT case_access_reason_check CHECK (reason IN ('lead', 'participant', 'supplier', 'member', 'opened', 'team'));
-- tender: the organisations of the tender and, unlike object, never its buyers:
-- who was asked and said no is not theirs to know.
ALTER TABLE audit DROP CONSTRAINT audit_audience_check;
ALTER TABLE audit ADD CONSTRAINT audit_audience_check CHECK (audience IN ('own', 'object', 'interested', 'tender'));

-- Own is a tender that the organisation leads or is a member of; what only the
-- leader may do asks leads_tender.
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION is_own_tender(tender uuid) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN EXISTS (SELECT 1 FROM case_access c WHERE c.object_id = tender AND c.org_id = app_org() AND c.to_at IS NULL AND c.reason IN ('supplier', 'member'));
END $$;
CREATE FUNCTION leads_tender(tender uuid) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN EXISTS (SELECT 1 FROM tenders t WHERE t.id = tender AND t.supplier_org = app_org());
END $$;
-- +goose StatementEnd
-- Whether a data key of an own tender may be wrapped for an organisation: those
-- in it and those asked, whose wraps no policy shows until they accept.
CREATE FUNCTION shares_tender(tender uuid, org uuid) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT is_own_tender(tender) AND (EXISTS (SELECT 1 FROM tenders t WHERE t.id = tender AND t.supplier_org = org)
    OR EXISTS (SELECT 1 FROM consortium_members m WHERE m.tender_id = tender AND m.org_id = org AND m.state IN ('invited', 'accepted')))
$$;
-- The wraps that an own tender lacks, of the newest submission's draft and of
-- the one being written.
CREATE FUNCTION missing_wraps(tender uuid) RETURNS TABLE (data_key_id uuid, draft integer, org_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT k.id, k.draft, x.org FROM tenders t JOIN data_keys k ON k.tender_id = t.id AND k.draft >= t.submission
  CROSS JOIN LATERAL (SELECT t.supplier_org AS org UNION SELECT m.org_id FROM consortium_members m WHERE m.tender_id = t.id AND m.state IN ('invited', 'accepted')) x
  WHERE t.id = tender AND is_own_tender(tender) AND NOT EXISTS (SELECT 1 FROM supplier_wraps w WHERE w.data_key_id = k.id AND w.org_id = x.org)
  ORDER BY k.id, x.org
$$;
-- One who is asked may not see the tender's row, and its answer must still wait
-- for what is being done with the tender.
-- +goose StatementBegin
CREATE FUNCTION lock_invitation(tender uuid) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM consortium_members m WHERE m.tender_id = tender AND m.org_id = app_org()) THEN
    RETURN false;
  END IF;
  PERFORM 1 FROM tenders t WHERE t.id = tender FOR UPDATE;
  RETURN true;
END $$;
-- +goose StatementEnd

-- Who decides what: each organisation for itself, the leader whom it asks and
-- whom it takes out. One in whose name a tender stands is bound.
-- +goose StatementBegin
CREATE FUNCTION consortium_decides() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF NOT ((app_org() = NEW.org_id AND (OLD.state, NEW.state) IN (('invited', 'accepted'), ('invited', 'declined'), ('accepted', 'left')))
       OR (app_org() = NEW.lead_org AND (OLD.state, NEW.state) IN (('invited', 'removed'), ('accepted', 'removed'), ('declined', 'invited'), ('left', 'invited'), ('removed', 'invited')))) THEN
    RAISE EXCEPTION 'not this organisation''s to decide' USING ERRCODE = 'check_violation', CONSTRAINT = 'consortium_member_moves';
  END IF;
  IF OLD.state = 'accepted' AND EXISTS (SELECT 1 FROM submissions s WHERE s.tender_id = NEW.tender_id AND s.state = 'standing' AND NEW.org_id = ANY (s.members)) THEN
    RAISE EXCEPTION 'a tender stands in its name' USING ERRCODE = 'check_violation', CONSTRAINT = 'consortium_member_bound';
  END IF;
  RETURN NEW;
END $$;
-- What follows: access, the end of it, and wraps that go with it. The tender
-- gets a new version, so that nobody hands it in for others than they think.
CREATE FUNCTION consortium_follows() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF TG_OP = 'INSERT' AND app_org() IS NOT NULL AND NEW.state <> 'invited' THEN
    RAISE EXCEPTION 'nobody joins without having been asked' USING ERRCODE = 'check_violation', CONSTRAINT = 'consortium_member_moves';
  END IF;
  IF NEW.state = 'accepted' THEN
    INSERT INTO case_access (object_id, org_id, reason) VALUES (NEW.tender_id, NEW.org_id, 'member')
    ON CONFLICT (object_id, org_id, reason) DO UPDATE SET from_at = clock_timestamp(), to_at = NULL;
  ELSE
    UPDATE case_access c SET to_at = clock_timestamp()
    WHERE c.object_id = NEW.tender_id AND c.org_id = NEW.org_id AND c.reason = 'member' AND c.to_at IS NULL;
  END IF;
  IF NEW.state IN ('declined', 'left', 'removed') THEN
    DELETE FROM supplier_wraps w WHERE w.tender_id = NEW.tender_id AND w.org_id = NEW.org_id;
  END IF;
  UPDATE tenders t SET version = t.version + 1 WHERE t.id = NEW.tender_id;
  RETURN NULL;
END $$;
-- A member works on the tender; its leader alone hands it in and takes it back.
CREATE FUNCTION leader_hands_in() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF app_org() <> NEW.supplier_org AND (NEW.submission <> OLD.submission OR NEW.state NOT IN (OLD.state, 'draft') OR NEW.received_at IS DISTINCT FROM OLD.received_at) THEN
    RAISE EXCEPTION 'only the leader hands a tender in' USING ERRCODE = 'check_violation', CONSTRAINT = 'tender_leader_hands_in';
  END IF;
  RETURN NEW;
END $$;
-- Nothing is handed in while one is asked and has not answered, nor for others
-- than those who have accepted.
CREATE FUNCTION submission_names_members() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM consortium_members m WHERE m.tender_id = NEW.tender_id AND m.state = 'invited')
     OR NEW.members <> ARRAY(SELECT m.org_id FROM consortium_members m WHERE m.tender_id = NEW.tender_id AND m.state = 'accepted' ORDER BY m.org_id) THEN
    RAISE EXCEPTION 'not every member has accepted' USING ERRCODE = 'check_violation', CONSTRAINT = 'submission_names_members';
  END IF;
  RETURN NULL;
END $$;
-- +goose StatementEnd
-- What is added is judged after row security has judged whose it is: a refusal
-- tells others nothing.
CREATE TRIGGER consortium_decides BEFORE UPDATE OF state ON consortium_members FOR EACH ROW WHEN (OLD.state <> NEW.state) EXECUTE FUNCTION consortium_decides();
CREATE TRIGGER consortium_follows AFTER INSERT OR UPDATE OF state ON consortium_members FOR EACH ROW EXECUTE FUNCTION consortium_follows();
CREATE TRIGGER leader_hands_in BEFORE UPDATE OF state, submission, received_at ON tenders FOR EACH ROW EXECUTE FUNCTION leader_hands_in();
CREATE TRIGGER submission_names_members AFTER INSERT ON submissions FOR EACH ROW EXECUTE FUNCTION submission_names_members();

ALTER TABLE consortium_members ENABLE ROW LEVEL SECURITY;
ALTER TABLE consortium_members FORCE ROW LEVEL SECURITY;
GRANT SELECT ON consortium_members TO fellesloft_backup;
-- The organisations of the tender, and each organisation its own row. The worker
-- has no business here: it reads in whose name a submission is.
CREATE POLICY app_read ON consortium_members FOR SELECT TO fellesloft_app USING (org_id = app_org() OR lead_org = app_org() OR is_own_tender(tender_id));
CREATE POLICY app_invite ON consortium_members FOR INSERT TO fellesloft_app WITH CHECK (lead_org = app_org());
CREATE POLICY app_decide ON consortium_members FOR UPDATE TO fellesloft_app USING (org_id = app_org() OR lead_org = app_org()) WITH CHECK (org_id = app_org() OR lead_org = app_org());
GRANT SELECT, INSERT ON consortium_members TO fellesloft_app;
GRANT UPDATE (state, invited_by, invited_at, decided_by, decided_at) ON consortium_members TO fellesloft_app;

ALTER POLICY app_change ON tenders USING (is_own_tender(id)) WITH CHECK (is_own_tender(id));
-- An organisation reads its own wraps, and only as long as the tender is its
-- own; it makes wraps for those who are in the tender with it.
ALTER POLICY app ON supplier_wraps USING (org_id = app_org() AND is_own_tender(tender_id)) WITH CHECK (shares_tender(tender_id, org_id));
ALTER POLICY app_write ON submissions WITH CHECK (leads_tender(tender_id));
ALTER POLICY app_change ON submissions USING (leads_tender(tender_id)) WITH CHECK (leads_tender(tender_id));
ALTER POLICY app_write ON envelopes WITH CHECK (leads_tender(tender_id));
ALTER POLICY app_change ON envelopes USING (leads_tender(tender_id)) WITH CHECK (leads_tender(tender_id));
ALTER POLICY app_write ON tender_confirmations WITH CHECK (leads_tender(tender_id));
ALTER POLICY app ON submitted_files WITH CHECK (leads_tender(tender_id));
ALTER POLICY app ON opening_wraps WITH CHECK (leads_tender(tender_id) AND EXISTS (SELECT 1 FROM data_keys d WHERE d.id = opening_wraps.data_key_id AND d.tender_id = opening_wraps.tender_id));

-- Who takes part, who is told and who finds it in a feed: members as leaders do.
-- One who is asked takes part as far as its answer goes.
CREATE OR REPLACE FUNCTION takes_part(in_case uuid) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT may_see(in_case) OR EXISTS (SELECT 1 FROM tenders t WHERE t.procurement_id = in_case AND t.supplier_org = app_org())
    OR EXISTS (SELECT 1 FROM consortium_members m WHERE m.procurement_id = in_case AND m.org_id = app_org() AND m.state IN ('invited', 'accepted'))
$$;
-- Whether an organisation has a tender in a case, alone or with others.
CREATE FUNCTION bids_in(in_case uuid, org uuid) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT EXISTS (SELECT 1 FROM tenders t WHERE t.procurement_id = in_case AND t.supplier_org = org)
    OR EXISTS (SELECT 1 FROM consortium_members m WHERE m.procurement_id = in_case AND m.org_id = org AND m.state = 'accepted')
$$;
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION tell_interested(procurement uuid, what text, object uuid, with_params jsonb) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT must_take_part(procurement);
  SELECT notify(x.org, what, procurement, object, with_params)
  FROM (SELECT t.supplier_org AS org FROM tenders t WHERE t.procurement_id = procurement
        UNION SELECT m.org_id FROM consortium_members m WHERE m.procurement_id = procurement AND m.state = 'accepted') x
$$;
-- +goose StatementEnd
CREATE OR REPLACE FUNCTION events_after(org uuid, after_xid xid8, after_seq bigint, up_to integer)
RETURNS TABLE (xid xid8, seq bigint, at timestamptz, case_at timestamptz, action text, case_id uuid, object_id uuid, own boolean, after jsonb)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT a.xid, a.seq, a.at, a.case_at, a.action, a.case_id, a.object_id, a.actor_org IS NOT DISTINCT FROM org, a.after
  FROM audit a
  WHERE org = app_org()
    AND (a.xid, a.seq) > (after_xid, after_seq)
    AND a.xid < pg_snapshot_xmin(pg_current_snapshot())
    AND a.outcome = 'done'
    AND (a.actor_org = org
      OR (a.audience <> 'own' AND EXISTS (SELECT 1 FROM case_access c WHERE c.object_id = a.object_id AND c.org_id = org AND c.to_at IS NULL
        AND (a.audience <> 'tender' OR c.reason IN ('supplier', 'member'))))
      OR (a.audience = 'interested' AND bids_in(a.case_id, org)))
  ORDER BY a.xid, a.seq
  LIMIT least(up_to, 500)
$$;
CREATE OR REPLACE FUNCTION audit_search(in_case uuid, by_actor uuid, of_action text, with_outcome text, from_at timestamptz, to_at timestamptz, of_request text, of_command uuid, before_seq bigint, up_to integer)
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
    AND (x.own OR ((a.audience <> 'own' OR a.outcome = 'denied') AND EXISTS (SELECT 1 FROM case_access c WHERE c.object_id = a.object_id AND c.org_id = app_org() AND c.to_at IS NULL
      AND (a.audience <> 'tender' OR c.reason IN ('supplier', 'member')))))
    AND (in_case IS NULL OR a.case_id = in_case)
    AND (by_actor IS NULL OR (x.own AND a.actor_id = by_actor))
    AND (of_action IS NULL OR a.action = of_action OR starts_with(a.action, of_action || '.'))
    AND (with_outcome IS NULL OR a.outcome = with_outcome)
    AND (from_at IS NULL OR a.at >= from_at) AND (to_at IS NULL OR a.at < to_at)
    AND (of_request IS NULL OR (x.own AND a.request_id = of_request)) AND (of_command IS NULL OR (x.own AND a.command_id = of_command))
    AND a.seq < before_seq
  ORDER BY a.seq DESC LIMIT least(up_to, 1001)
$$;
CREATE OR REPLACE FUNCTION party_timeline(of_case uuid, after_seq bigint, up_to integer)
RETURNS TABLE (seq bigint, at timestamptz, action text, object_id uuid, own boolean, who text, params jsonb)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT a.seq, coalesce(a.case_at, a.at), a.action, a.object_id, a.actor_org IS NOT DISTINCT FROM app_org(), coalesce(n.name, ''), coalesce(a.after, '{}')
  FROM audit a LEFT JOIN audit_names n ON n.commitment = a.actor_name AND a.actor_org = app_org()
  CROSS JOIN (SELECT bids_in(of_case, app_org()) AS bids) x
  WHERE a.case_id = of_case AND a.outcome = 'done' AND a.seq > after_seq
    AND (a.actor_org = app_org() AND (may_see(of_case) OR x.bids)
      OR (a.audience = 'tender' AND is_own_tender(a.object_id))
      OR (a.audience NOT IN ('own', 'tender') AND may_see(a.object_id))
      OR (a.audience = 'interested' AND x.bids))
  ORDER BY a.seq LIMIT least(up_to, 1001)
$$;

REVOKE EXECUTE ON FUNCTION leads_tender(uuid), shares_tender(uuid, uuid), missing_wraps(uuid), lock_invitation(uuid), bids_in(uuid, uuid),
  consortium_decides(), consortium_follows(), leader_hands_in(), submission_names_members() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION leads_tender(uuid), shares_tender(uuid, uuid), missing_wraps(uuid), lock_invitation(uuid) TO fellesloft_app;

-- +goose Down
SELECT 'forward only' / 0;
