-- +goose Up
-- Who may touch which rows. Row-level security guards the organisation boundary
-- only; roles and phases are judged in the application and the domain.

CREATE FUNCTION may_see(object uuid) RETURNS boolean LANGUAGE sql STABLE AS
$$ SELECT EXISTS (SELECT 1 FROM case_access c WHERE c.object_id = object AND c.org_id = app_org() AND c.to_at IS NULL) $$;
CREATE FUNCTION is_own_tender(tender uuid) RETURNS boolean LANGUAGE sql STABLE AS
$$ SELECT EXISTS (SELECT 1 FROM tenders t WHERE t.id = tender AND t.supplier_org = app_org()) $$;
-- What a named person may do for an organisation, asked by a lead buyer who
-- puts a team together; one pair at a time, so members cannot be listed.
CREATE FUNCTION roles_of(identity uuid, org uuid) RETURNS text[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS
$$ SELECT m.roles FROM memberships m WHERE m.identity_id = identity AND m.org_id = org AND m.ended_at IS NULL $$;

-- The names of a case's people, for its record; only for those who may see the
-- case. Kept as one object because they are read together.
CREATE FUNCTION team_names(procurement uuid) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT coalesce(jsonb_object_agg(i.id, i.name), '{}') FROM case_team c JOIN identities i ON i.id = c.identity_id
  WHERE c.procurement_id = procurement AND may_see(procurement)
$$;

-- What has happened in a case, for its record: who did it stands beside only as
-- long as the name has not been erased. What suppliers do with their own tenders
-- is an object of its own and is not among it.
CREATE FUNCTION case_timeline(case_of uuid)
RETURNS TABLE (at timestamptz, action text, who text, params jsonb)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT coalesce(a.case_at, a.at), a.action, coalesce(n.name, ''), coalesce(a.after, '{}')
  FROM audit a LEFT JOIN audit_names n ON n.commitment = a.actor_name AND a.actor_org IS NOT DISTINCT FROM (SELECT p.lead_org FROM procurements p WHERE p.id = case_of)
  WHERE a.case_id = case_of AND a.object_id = case_of AND a.outcome = 'done' AND a.audience <> 'own' AND may_see(case_of)
  ORDER BY a.seq
$$;

-- +goose StatementBegin
DO $$
DECLARE
  t text;
  by_case text[] := ARRAY['participants', 'case_team', 'procurement_documents', 'rule_confirmations', 'clarifications',
                          'opening_approvals', 'opening_keys', 'rejections', 'scores', 'documentation', 'awards', 'contracts', 'call_offs'];
  by_own_tender text[] := ARRAY['data_keys', 'draft_answers', 'draft_summaries'];
  by_tender text[] := ARRAY['submissions', 'envelopes', 'opened_envelopes', 'opened_declarations', 'opened_answers'];
  everything text[];
BEGIN
  SELECT array_agg(c.relname::text) INTO everything FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE n.nspname = 'public' AND c.relkind = 'r' AND c.relname <> 'goose_db_version';

  FOREACH t IN ARRAY everything LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('GRANT SELECT ON %I TO fellesloft_backup', t);
    -- The engine acts across organisations; what it may touch at all is said by
    -- the grants below.
    EXECUTE format('CREATE POLICY engine ON %I TO fellesloft_engine USING (true) WITH CHECK (true)', t);
  END LOOP;

  FOREACH t IN ARRAY by_case LOOP
    EXECUTE format('CREATE POLICY app ON %I TO fellesloft_app USING (may_see(procurement_id)) WITH CHECK (may_see(procurement_id))', t);
  END LOOP;
  FOREACH t IN ARRAY by_own_tender LOOP
    EXECUTE format('CREATE POLICY app ON %I TO fellesloft_app USING (is_own_tender(tender_id)) WITH CHECK (is_own_tender(tender_id))', t);
  END LOOP;
  FOREACH t IN ARRAY by_tender LOOP
    EXECUTE format('CREATE POLICY app_read ON %I FOR SELECT TO fellesloft_app USING (may_see(tender_id))', t);
    EXECUTE format('CREATE POLICY app_write ON %I FOR INSERT TO fellesloft_app WITH CHECK (is_own_tender(tender_id))', t);
    EXECUTE format('CREATE POLICY app_change ON %I FOR UPDATE TO fellesloft_app USING (is_own_tender(tender_id)) WITH CHECK (is_own_tender(tender_id))', t);
  END LOOP;

  -- Registers that everybody signed in may read.
  FOREACH t IN ARRAY ARRAY['deployment', 'organisations', 'networks', 'network_members'] LOOP
    EXECUTE format('CREATE POLICY app ON %I FOR SELECT TO fellesloft_app USING (true)', t);
    EXECUTE format('GRANT SELECT ON %I TO fellesloft_app, fellesloft_engine', t);
  END LOOP;
  -- What is public.
  FOREACH t IN ARRAY ARRAY['public_procurements', 'public_documents', 'public_clarifications', 'public_changes'] LOOP
    EXECUTE format('CREATE POLICY anyone ON %I FOR SELECT TO fellesloft_anyone, fellesloft_app USING (true)', t);
    EXECUTE format('GRANT SELECT ON %I TO fellesloft_anyone, fellesloft_app', t);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE ON %I TO fellesloft_engine', t);
  END LOOP;
  -- Engine: what the worker's actions need, and no more. It has no grant on
  -- supplier_wraps, draft_answers, draft_summaries and question_askers.
  FOREACH t IN ARRAY ARRAY['spaces', 'procurements', 'participants', 'case_team', 'procurement_documents', 'requirement_sets', 'requirements',
      'rule_confirmations', 'gates', 'late_attempts', 'tenders', 'submissions', 'envelopes', 'data_keys', 'opening_keys', 'opening_approvals',
      'opened_envelopes', 'opened_declarations', 'opened_answers', 'questions', 'clarifications', 'rejections', 'scores', 'documentation', 'awards', 'letters',
      'contracts', 'call_offs', 'commands', 'outbox', 'notifications', 'audit', 'case_access'] LOOP
    EXECUTE format('GRANT SELECT ON %I TO fellesloft_engine', t);
  END LOOP;
  FOREACH t IN ARRAY ARRAY['procurements', 'participants', 'gates', 'requirement_sets', 'opening_keys', 'commands', 'outbox'] LOOP
    EXECUTE format('GRANT UPDATE ON %I TO fellesloft_engine', t);
  END LOOP;
  FOREACH t IN ARRAY ARRAY['gates', 'opening_keys', 'opened_envelopes', 'opened_declarations', 'opened_answers', 'awards', 'letters', 'contracts', 'outbox', 'audit', 'audit_names', 'case_access'] LOOP
    EXECUTE format('GRANT INSERT ON %I TO fellesloft_engine', t);
  END LOOP;
END $$;
-- +goose StatementEnd

GRANT SELECT, DELETE ON opening_wraps TO fellesloft_engine;
GRANT DELETE ON contracts, opening_approvals TO fellesloft_engine;
GRANT DELETE ON outbox TO fellesloft_engine;
GRANT UPDATE ON awards TO fellesloft_engine;
GRANT UPDATE (outbox_held) ON deployment TO fellesloft_engine;
GRANT SELECT ON audit_names TO fellesloft_engine;

-- Spaces: everybody reads; a sandbox is its owner's to make and advance.
CREATE POLICY app_read ON spaces FOR SELECT TO fellesloft_app USING (true);
CREATE POLICY app_make ON spaces FOR INSERT TO fellesloft_app WITH CHECK (kind = 'sandbox' AND owner_org = app_org());
CREATE POLICY app_advance ON spaces FOR UPDATE TO fellesloft_app USING (kind = 'sandbox' AND owner_org = app_org()) WITH CHECK (kind = 'sandbox' AND owner_org = app_org());
GRANT SELECT, INSERT, UPDATE ON spaces TO fellesloft_app;

CREATE POLICY app ON memberships TO fellesloft_app USING (org_id = app_org()) WITH CHECK (org_id = app_org());
GRANT SELECT ON memberships TO fellesloft_app;
CREATE POLICY app ON identities FOR SELECT TO fellesloft_app USING (EXISTS (SELECT 1 FROM memberships m WHERE m.identity_id = id AND m.org_id = app_org()));
GRANT SELECT ON identities TO fellesloft_app;
CREATE POLICY app ON case_access FOR SELECT TO fellesloft_app USING (org_id = app_org());
GRANT SELECT ON case_access TO fellesloft_app;

CREATE POLICY app ON audit FOR SELECT TO fellesloft_app USING (actor_org = app_org());
CREATE POLICY app_write ON audit FOR INSERT TO fellesloft_app WITH CHECK (actor_org IS NOT DISTINCT FROM app_org());
GRANT SELECT, INSERT ON audit TO fellesloft_app;
CREATE POLICY app_write ON audit_names FOR INSERT TO fellesloft_app WITH CHECK (true);
GRANT INSERT ON audit_names TO fellesloft_app;

CREATE POLICY app ON commands TO fellesloft_app USING (actor_org = app_org()) WITH CHECK (actor_org = app_org());
GRANT SELECT, INSERT ON commands TO fellesloft_app;
GRANT UPDATE (state, ended_at) ON commands TO fellesloft_app;
CREATE POLICY app ON outbox FOR INSERT TO fellesloft_app WITH CHECK (kind = 'command');
GRANT INSERT ON outbox TO fellesloft_app;
CREATE POLICY app ON idempotency TO fellesloft_app USING (org_id = app_org()) WITH CHECK (org_id = app_org());
GRANT SELECT, INSERT, DELETE ON idempotency TO fellesloft_app;
CREATE POLICY app ON notifications TO fellesloft_app USING (org_id = app_org()) WITH CHECK (org_id = app_org());
GRANT SELECT ON notifications TO fellesloft_app;
GRANT UPDATE (read_at) ON notifications TO fellesloft_app;

CREATE POLICY app_read ON procurements FOR SELECT TO fellesloft_app USING (lead_org = app_org() OR may_see(id));
CREATE POLICY app_make ON procurements FOR INSERT TO fellesloft_app WITH CHECK (lead_org = app_org());
CREATE POLICY app_change ON procurements FOR UPDATE TO fellesloft_app USING (lead_org = app_org() OR may_see(id)) WITH CHECK (lead_org = app_org() OR may_see(id));
GRANT SELECT, INSERT, UPDATE ON procurements TO fellesloft_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON participants TO fellesloft_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON case_team TO fellesloft_app;
GRANT SELECT, INSERT, DELETE ON procurement_documents TO fellesloft_app;
GRANT SELECT, INSERT, UPDATE ON rule_confirmations TO fellesloft_app;
CREATE POLICY app ON requirement_sets TO fellesloft_app USING (may_see(case_id)) WITH CHECK (may_see(case_id));
GRANT SELECT, INSERT, UPDATE, DELETE ON requirement_sets TO fellesloft_app;
CREATE POLICY app ON requirements TO fellesloft_app
  USING (EXISTS (SELECT 1 FROM requirement_sets s WHERE s.id = set_id AND s.version = set_version))
  WITH CHECK (EXISTS (SELECT 1 FROM requirement_sets s WHERE s.id = set_id AND s.version = set_version));
GRANT SELECT, INSERT, UPDATE, DELETE ON requirements TO fellesloft_app;
CREATE POLICY app ON gates FOR SELECT TO fellesloft_app USING (may_see(procurement_id));
GRANT SELECT ON gates TO fellesloft_app;
CREATE POLICY app_read ON late_attempts FOR SELECT TO fellesloft_app USING (supplier_org = app_org() OR may_see(procurement_id));
CREATE POLICY app_write ON late_attempts FOR INSERT TO fellesloft_app WITH CHECK (supplier_org = app_org());
GRANT SELECT, INSERT ON late_attempts TO fellesloft_app;

CREATE POLICY app_read ON tenders FOR SELECT TO fellesloft_app USING (supplier_org = app_org() OR may_see(id));
CREATE POLICY app_make ON tenders FOR INSERT TO fellesloft_app WITH CHECK (supplier_org = app_org());
CREATE POLICY app_change ON tenders FOR UPDATE TO fellesloft_app USING (supplier_org = app_org()) WITH CHECK (supplier_org = app_org());
GRANT SELECT, INSERT, UPDATE ON tenders TO fellesloft_app;
GRANT SELECT, INSERT ON data_keys TO fellesloft_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON draft_answers, draft_summaries TO fellesloft_app;
CREATE POLICY app ON supplier_wraps TO fellesloft_app USING (org_id = app_org()) WITH CHECK (org_id = app_org());
GRANT SELECT, INSERT ON supplier_wraps TO fellesloft_app;
GRANT SELECT, INSERT ON submissions, envelopes TO fellesloft_app;
GRANT UPDATE (state) ON submissions TO fellesloft_app;
GRANT SELECT ON opened_envelopes, opened_declarations, opened_answers TO fellesloft_app;
-- Insert only: app hands wraps over and can never take one back.
CREATE POLICY app ON opening_wraps FOR INSERT TO fellesloft_app WITH CHECK (is_own_tender(tender_id));
GRANT INSERT ON opening_wraps TO fellesloft_app;
GRANT SELECT ON opening_keys TO fellesloft_app;
GRANT SELECT, INSERT ON opening_approvals TO fellesloft_app;

-- The lead buyer and participants read questions; suppliers ask and never read
-- each other's (answers reach all through public_clarifications).
CREATE POLICY app_read ON questions FOR SELECT TO fellesloft_app USING (may_see(procurement_id)
  OR EXISTS (SELECT 1 FROM question_askers a WHERE a.question_id = id AND a.org_id = app_org()));
CREATE POLICY app_ask ON questions FOR INSERT TO fellesloft_app WITH CHECK (EXISTS (SELECT 1 FROM public_procurements p WHERE p.id = procurement_id));
CREATE POLICY app_answer ON questions FOR UPDATE TO fellesloft_app USING (may_see(procurement_id)) WITH CHECK (may_see(procurement_id));
GRANT SELECT, INSERT ON questions TO fellesloft_app;
GRANT UPDATE (clarification_id) ON questions TO fellesloft_app;
CREATE POLICY app ON question_askers TO fellesloft_app USING (org_id = app_org()) WITH CHECK (org_id = app_org());
GRANT SELECT, INSERT ON question_askers TO fellesloft_app;
GRANT SELECT, INSERT ON clarifications TO fellesloft_app;

GRANT SELECT, INSERT ON rejections, documentation, call_offs TO fellesloft_app;
GRANT SELECT, INSERT, UPDATE ON scores TO fellesloft_app;
GRANT SELECT ON awards TO fellesloft_app;
GRANT SELECT, UPDATE ON contracts TO fellesloft_app;
CREATE POLICY app_read ON letters FOR SELECT TO fellesloft_app USING (may_see(procurement_id) OR is_own_tender(tender_id));
CREATE POLICY app_write ON letters FOR INSERT TO fellesloft_app WITH CHECK (may_see(procurement_id));
GRANT SELECT, INSERT ON letters TO fellesloft_app;
-- An answer to all is public in the transaction that gives it.
CREATE POLICY app_answer ON public_clarifications FOR INSERT TO fellesloft_app WITH CHECK (may_see(procurement_id));
GRANT INSERT ON public_clarifications TO fellesloft_app;
CREATE POLICY app_change ON public_changes FOR INSERT TO fellesloft_app WITH CHECK (may_see(procurement_id));
GRANT INSERT ON public_changes TO fellesloft_app;

-- What is public follows the phase of the case, whoever moves it.
CREATE POLICY app_phase ON public_procurements FOR UPDATE TO fellesloft_app USING (may_see(id)) WITH CHECK (may_see(id));
GRANT UPDATE (phase, changed_at) ON public_procurements TO fellesloft_app;

-- Functions: revoke the default EXECUTE of PUBLIC, then name who may call.
REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA public FROM PUBLIC;
GRANT EXECUTE ON FUNCTION app_org(), case_now(uuid) TO fellesloft_anyone;
GRANT EXECUTE ON FUNCTION app_org(), may_see(uuid), is_own_tender(uuid), roles_of(uuid, uuid), case_now(uuid), wake(text, uuid),
  tell(uuid, text, uuid, uuid, jsonb), tell_interested(uuid, text, uuid, jsonb), tell_participants(uuid, text, uuid, jsonb), tell_lead(uuid, text, uuid, jsonb),
  memberships_of(text, text), team_names(uuid), case_timeline(uuid), enter_gate(uuid), drop_opening_wraps(uuid), events_after(uuid, xid8, bigint, integer) TO fellesloft_app;
GRANT EXECUTE ON FUNCTION app_org(), may_see(uuid), is_own_tender(uuid), roles_of(uuid, uuid), case_now(uuid), wake(text, uuid),
  tell(uuid, text, uuid, uuid, jsonb), tell_interested(uuid, text, uuid, jsonb), tell_participants(uuid, text, uuid, jsonb), tell_lead(uuid, text, uuid, jsonb) TO fellesloft_engine;

-- +goose Down
SELECT 'forward only' / 0;
