-- +goose Up
-- The organisation boundary, held also against a program that errs: what a row
-- refers to lies in the row's own case, no row changes its owner, and nothing is
-- written to others but by one who takes part with them.

-- A decision about a tender belongs to the tender's own procurement, and a key to
-- its own tender: the reference carries both, so a row of one case can neither
-- name nor occupy what belongs to another.
ALTER TABLE tenders ADD CONSTRAINT tenders_in_case UNIQUE (procurement_id, id);
ALTER TABLE rejections ADD CONSTRAINT rejections_in_case FOREIGN KEY (procurement_id, tender_id) REFERENCES tenders (procurement_id, id);
ALTER TABLE scores ADD CONSTRAINT scores_in_case FOREIGN KEY (procurement_id, tender_id) REFERENCES tenders (procurement_id, id);
ALTER TABLE documentation ADD CONSTRAINT documentation_in_case FOREIGN KEY (procurement_id, tender_id) REFERENCES tenders (procurement_id, id);
ALTER TABLE awards ADD CONSTRAINT awards_in_case FOREIGN KEY (procurement_id, tender_id) REFERENCES tenders (procurement_id, id);
ALTER TABLE letters ADD CONSTRAINT letters_in_case FOREIGN KEY (procurement_id, tender_id) REFERENCES tenders (procurement_id, id);
ALTER TABLE contracts ADD CONSTRAINT contracts_in_case FOREIGN KEY (procurement_id, tender_id) REFERENCES tenders (procurement_id, id);
ALTER TABLE contracts ADD CONSTRAINT contracts_case UNIQUE (procurement_id, id);
ALTER TABLE call_offs ADD CONSTRAINT call_offs_in_case FOREIGN KEY (procurement_id, contract_id) REFERENCES contracts (procurement_id, id);
ALTER TABLE clarifications ADD CONSTRAINT clarifications_case UNIQUE (procurement_id, id);
ALTER TABLE questions ADD CONSTRAINT questions_answered_in_case FOREIGN KEY (procurement_id, clarification_id) REFERENCES clarifications (procurement_id, id);
ALTER TABLE data_keys ADD CONSTRAINT data_keys_of_tender UNIQUE (tender_id, id);
ALTER TABLE supplier_wraps ADD CONSTRAINT supplier_wraps_of_tender FOREIGN KEY (tender_id, data_key_id) REFERENCES data_keys (tender_id, id);
ALTER TABLE opening_wraps ADD CONSTRAINT opening_wraps_of_tender FOREIGN KEY (tender_id, data_key_id) REFERENCES data_keys (tender_id, id);
ALTER TABLE envelopes ADD CONSTRAINT envelopes_of_tender FOREIGN KEY (tender_id, data_key_id) REFERENCES data_keys (tender_id, id);

-- What a row is about and whose it is stays as it was written.
REVOKE UPDATE ON procurements, participants, case_team, rule_confirmations, requirement_sets, requirements, tenders, draft_answers, draft_summaries, scores, contracts, spaces FROM fellesloft_app;
GRANT UPDATE (phase, title, plan, state, n, version, tender_deadline, published_at, next_wake) ON procurements TO fellesloft_app;
GRANT UPDATE (estimated_value, maximum_value, state, decided_on, case_reference, scope, lots, mandate_maximum, cost_share, mandate_ends_on, decline_reason, recorded_by, recorded_at) ON participants TO fellesloft_app;
GRANT UPDATE (impartial_declared_at) ON case_team TO fellesloft_app;
GRANT UPDATE (value, source, confirmed_by, confirmed_at) ON rule_confirmations TO fellesloft_app;
GRANT UPDATE (state, head, sha256, locked_at) ON requirement_sets TO fellesloft_app;
GRANT UPDATE (state, version, lots, draft, set_version, submission) ON tenders TO fellesloft_app;
GRANT UPDATE (lot_id, part, set_version, version, sealed, saved_at) ON draft_answers TO fellesloft_app;
GRANT UPDATE (set_version, version, sealed) ON draft_summaries TO fellesloft_app;
GRANT UPDATE (points, note, scored_at, version) ON scores TO fellesloft_app;
GRANT UPDATE (buyer_signed_on, supplier_signed_on, reference) ON contracts TO fellesloft_app;
GRANT UPDATE (offset_us) ON spaces TO fellesloft_app;

-- A supplier answers what is published; before that there is nothing, also not
-- by the error of a reference.
ALTER POLICY app_make ON tenders WITH CHECK (supplier_org = app_org() AND EXISTS (SELECT 1 FROM public_procurements p WHERE p.id = procurement_id));
ALTER POLICY app_write ON late_attempts WITH CHECK (supplier_org = app_org() AND EXISTS (SELECT 1 FROM public_procurements p WHERE p.id = procurement_id));
-- A question is put by whoever writes it down, in the same transaction; a key is
-- handed over for the own tender; a decision is about a tender of the case. What
-- is another's is refused as what is not there, before any key could tell.
CREATE FUNCTION is_unasked(question uuid) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT EXISTS (SELECT 1 FROM questions q WHERE q.id = question) AND NOT EXISTS (SELECT 1 FROM question_askers a WHERE a.question_id = question)
$$;
CREATE FUNCTION is_tender_of(tender uuid, in_case uuid) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT may_see(in_case) AND EXISTS (SELECT 1 FROM tenders t WHERE t.id = tender AND t.procurement_id = in_case)
$$;
ALTER POLICY app ON question_askers WITH CHECK (org_id = app_org() AND is_unasked(question_id));
ALTER POLICY app ON opening_wraps WITH CHECK (is_own_tender(tender_id) AND EXISTS (SELECT 1 FROM data_keys d WHERE d.id = opening_wraps.data_key_id AND d.tender_id = opening_wraps.tender_id));
CREATE POLICY app_in_case ON rejections AS RESTRICTIVE FOR INSERT TO fellesloft_app WITH CHECK (is_tender_of(tender_id, procurement_id));
CREATE POLICY app_in_case ON scores AS RESTRICTIVE FOR INSERT TO fellesloft_app WITH CHECK (is_tender_of(tender_id, procurement_id));
CREATE POLICY app_in_case ON documentation AS RESTRICTIVE FOR INSERT TO fellesloft_app WITH CHECK (is_tender_of(tender_id, procurement_id));
CREATE POLICY app_in_case ON letters AS RESTRICTIVE FOR INSERT TO fellesloft_app WITH CHECK (is_tender_of(tender_id, procurement_id));
-- Orders and approvals are made for one's own organisation.
CREATE POLICY app_own ON call_offs AS RESTRICTIVE FOR INSERT TO fellesloft_app WITH CHECK (org_id = app_org());
CREATE POLICY app_own ON opening_approvals AS RESTRICTIVE FOR INSERT TO fellesloft_app WITH CHECK (org_id = app_org());

-- A sandbox is known to its owner and to those who have a case in it, and holds
-- its owner's cases only.
CREATE FUNCTION is_open_space(space uuid) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS
$$ SELECT EXISTS (SELECT 1 FROM spaces s WHERE s.id = space AND (s.kind = 'real' OR s.owner_org = app_org())) $$;
ALTER POLICY app_make ON procurements WITH CHECK (lead_org = app_org() AND is_open_space(space_id));
ALTER POLICY app_read ON spaces USING (kind = 'real' OR owner_org = app_org() OR EXISTS (SELECT 1 FROM procurements p WHERE p.space_id = spaces.id));
ALTER POLICY app ON requirement_sets WITH CHECK (may_see(case_id) AND EXISTS (SELECT 1 FROM spaces s WHERE s.id = space_id));

-- Whether the organisation takes part in a case at all: it may see it, or has a
-- tender in it.
CREATE FUNCTION takes_part(in_case uuid) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT may_see(in_case) OR EXISTS (SELECT 1 FROM tenders t WHERE t.procurement_id = in_case AND t.supplier_org = app_org())
$$;

-- A command is given by the organisation that it says, about a case that it may
-- see; its message is about that command.
ALTER POLICY app ON commands WITH CHECK (actor_org = app_org() AND (actor ->> 'org')::uuid = app_org() AND may_see(case_id));
ALTER POLICY app ON outbox WITH CHECK (kind = 'command' AND EXISTS (SELECT 1 FROM commands c WHERE c.id = outbox.command_id AND c.case_id = outbox.case_id));
-- Others find an entry in their log only from one who takes part with them.
ALTER POLICY app_write ON audit WITH CHECK (actor_org IS NOT DISTINCT FROM app_org() AND (audience = 'own' OR may_see(object_id) OR takes_part(case_id)));

-- Messages and wakes, too. The worker acts for no organisation and may; the
-- owner of a sandbox wakes what lies in it.
-- +goose StatementBegin
CREATE FUNCTION must_take_part(in_case uuid) RETURNS void LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF session_user = 'fellesloft_app' AND NOT takes_part(in_case)
     AND NOT EXISTS (SELECT 1 FROM procurements p JOIN spaces s ON s.id = p.space_id WHERE p.id = in_case AND s.owner_org = app_org()) THEN
    RAISE EXCEPTION 'only those who take part in a case tell others of it' USING ERRCODE = 'insufficient_privilege';
  END IF;
END $$;
-- +goose StatementEnd
-- One whose representation has run out gets no more mail.
-- +goose StatementBegin
CREATE FUNCTION notify(org uuid, what text, in_case uuid, object uuid, with_params jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE told uuid;
BEGIN
  INSERT INTO notifications (org_id, kind, case_id, object_id, params) VALUES (org, what, in_case, object, with_params) RETURNING id INTO told;
  INSERT INTO outbox (kind, key, payload)
  SELECT 'mail', 'mail:' || told || ':' || i.id,
         jsonb_build_object('notification', told, 'kind', what, 'to', i.email, 'org', o.name, 'language', o.language_form,
                            'case', in_case, 'object', object, 'params', with_params)
  FROM memberships m JOIN identities i ON i.id = m.identity_id JOIN organisations o ON o.id = m.org_id
  WHERE m.org_id = org AND m.ended_at IS NULL AND (m.until IS NULL OR m.until > clock_timestamp()) AND i.email IS NOT NULL
    AND m.roles && CASE
      WHEN what LIKE 'contract.%' OR what IN ('procurement.concluded', 'procurement.ended') THEN ARRAY['procurement_lead', 'contract_owner', 'supplier_author', 'signatory']
      ELSE ARRAY['procurement_lead', 'mandate_giver', 'supplier_author', 'signatory'] END;
END $$;
-- +goose StatementEnd
CREATE FUNCTION enqueue_wake(kind text, id uuid) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  INSERT INTO outbox (kind, case_kind, case_id, key) VALUES ('wake', $1, $2, 'wake:' || $1 || ':' || $2)
  ON CONFLICT (key) DO UPDATE SET not_before = least(outbox.not_before, excluded.not_before), asked = outbox.asked + 1
$$;
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION tell(org uuid, what text, in_case uuid, object uuid, with_params jsonb) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT must_take_part(in_case);
  SELECT notify(org, what, in_case, object, with_params)
$$;
CREATE OR REPLACE FUNCTION wake(kind text, id uuid) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT must_take_part(id);
  SELECT enqueue_wake(kind, id)
$$;
CREATE OR REPLACE FUNCTION tell_interested(procurement uuid, what text, object uuid, with_params jsonb) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT must_take_part(procurement);
  SELECT notify(t.supplier_org, what, procurement, object, with_params)
  FROM tenders t WHERE t.procurement_id = procurement
$$;
CREATE OR REPLACE FUNCTION tell_participants(procurement uuid, what text, object uuid, with_params jsonb) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT must_take_part(procurement);
  SELECT notify(p.org_id, what, procurement, object, with_params)
  FROM participants p WHERE p.procurement_id = procurement AND p.state <> 'dropped'
$$;
CREATE OR REPLACE FUNCTION tell_lead(procurement uuid, what text, object uuid, with_params jsonb) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT must_take_part(procurement);
  SELECT notify(p.lead_org, what, procurement, object, with_params)
  FROM procurements p WHERE p.id = procurement
$$;
-- +goose StatementEnd

-- An organisation reads its own events and nobody else's.
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
      OR (a.audience <> 'own' AND EXISTS (SELECT 1 FROM case_access c WHERE c.object_id = a.object_id AND c.org_id = org AND c.to_at IS NULL))
      OR (a.audience = 'interested' AND EXISTS (SELECT 1 FROM tenders t WHERE t.procurement_id = a.case_id AND t.supplier_org = org)))
  ORDER BY a.xid, a.seq
  LIMIT least(up_to, 500)
$$;

-- notify and enqueue_wake are the callers' above alone.
REVOKE EXECUTE ON FUNCTION notify(uuid, text, uuid, uuid, jsonb), enqueue_wake(text, uuid) FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION is_open_space(uuid), takes_part(uuid), must_take_part(uuid), is_unasked(uuid), is_tender_of(uuid, uuid),
  tell(uuid, text, uuid, uuid, jsonb), wake(text, uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION is_open_space(uuid), takes_part(uuid), is_unasked(uuid), is_tender_of(uuid, uuid) TO fellesloft_app;
GRANT EXECUTE ON FUNCTION tell(uuid, text, uuid, uuid, jsonb), wake(text, uuid) TO fellesloft_app, fellesloft_engine;

-- +goose Down
SELECT 'forward only' / 0;
