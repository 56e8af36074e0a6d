-- +goose Up
-- A joint procurement from plan to call-off. What the law counts in money is in
-- øre excluding VAT.

CREATE TABLE procurements (
  id             uuid PRIMARY KEY,
  space_id       uuid NOT NULL REFERENCES spaces,
  -- The n of the workflow id; raised when Temporal holds a finished process
  -- for a case that Postgres says is open.
  n              integer NOT NULL DEFAULT 1 CHECK (n > 0),
  version        bigint NOT NULL DEFAULT 1,
  phase          text NOT NULL CHECK (phase IN ('draft', 'mandates', 'preparation', 'tendering', 'opening', 'evaluation', 'standstill', 'contract', 'running', 'ended', 'cancelled', 'unsuccessful')),
  lead_org       uuid NOT NULL REFERENCES organisations,
  title          text NOT NULL CHECK (length(title) BETWEEN 1 AND 400),
  -- The lead buyer's plan: procedure, what is bought, lots, dates, quorum,
  -- formula, notice data. Values in, values out of the domain.
  plan           jsonb NOT NULL,
  -- What has happened, as the domain's state. Columns below repeat what the
  -- database itself goes by.
  state          jsonb NOT NULL DEFAULT '{}',
  tender_deadline timestamptz,
  published_at   timestamptz,
  next_wake      timestamptz,
  created_at     timestamptz NOT NULL,
  UNIQUE (space_id, id)
);
CREATE INDEX procurements_lead ON procurements (lead_org, created_at);
CREATE INDEX procurements_open ON procurements (space_id, next_wake) WHERE phase NOT IN ('draft', 'ended', 'cancelled', 'unsuccessful');

-- Each named municipality and its own recorded mandate (fullmakt).
CREATE TABLE participants (
  procurement_id uuid NOT NULL,
  space_id       uuid NOT NULL,
  org_id         uuid NOT NULL REFERENCES organisations,
  estimated_value bigint NOT NULL CHECK (estimated_value >= 0),
  maximum_value  bigint NOT NULL CHECK (maximum_value >= estimated_value),
  state          text NOT NULL DEFAULT 'named' CHECK (state IN ('named', 'mandated', 'declined', 'dropped')),
  decided_on     date,
  case_reference text,
  scope          text,
  lots           uuid[] NOT NULL DEFAULT '{}',
  mandate_maximum bigint CHECK (mandate_maximum >= 0),
  cost_share     numeric(7,4) CHECK (cost_share BETWEEN 0 AND 100),
  mandate_ends_on date,
  decline_reason text,
  recorded_by    uuid,
  recorded_at    timestamptz,
  PRIMARY KEY (procurement_id, org_id),
  FOREIGN KEY (space_id, procurement_id) REFERENCES procurements (space_id, id),
  CHECK (state <> 'mandated' OR (decided_on IS NOT NULL AND case_reference IS NOT NULL AND mandate_maximum IS NOT NULL AND cost_share IS NOT NULL AND mandate_ends_on IS NOT NULL AND recorded_by IS NOT NULL)),
  CHECK (state <> 'declined' OR decline_reason IS NOT NULL)
);
CREATE INDEX participants_org ON participants (org_id);

-- The people who act in one case, beside their organisation's roles.
CREATE TABLE case_team (
  procurement_id uuid NOT NULL,
  space_id       uuid NOT NULL,
  identity_id    uuid NOT NULL REFERENCES identities,
  org_id         uuid NOT NULL REFERENCES organisations,
  role           text NOT NULL CHECK (role IN ('lead', 'opener', 'evaluator', 'chair')),
  -- FOA § 7-5: each evaluator declares that they are not disqualified.
  impartial_declared_at timestamptz,
  added_at       timestamptz NOT NULL,
  PRIMARY KEY (procurement_id, identity_id, role),
  FOREIGN KEY (space_id, procurement_id) REFERENCES procurements (space_id, id)
);

-- Files of the procurement, versioned with the requirement set.
CREATE TABLE procurement_documents (
  id             uuid PRIMARY KEY,
  procurement_id uuid NOT NULL,
  space_id       uuid NOT NULL,
  set_version    integer NOT NULL CHECK (set_version > 0),
  kind           text NOT NULL CHECK (kind IN ('tender_rules', 'contract_draft', 'annex', 'specification', 'self_declaration')),
  name           text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
  media_type     text NOT NULL,
  content        bytea NOT NULL CHECK (length(content) BETWEEN 1 AND 20971520),
  sha256         bytea NOT NULL,
  added_at       timestamptz NOT NULL,
  FOREIGN KEY (space_id, procurement_id) REFERENCES procurements (space_id, id),
  UNIQUE (procurement_id, set_version, name)
);

-- The question side, written once for every use: sets, versions, requirements.
CREATE TABLE requirement_sets (
  id         uuid NOT NULL,
  version    integer NOT NULL CHECK (version > 0),
  case_id    uuid NOT NULL,
  space_id   uuid NOT NULL REFERENCES spaces,
  state      text NOT NULL DEFAULT 'draft' CHECK (state IN ('draft', 'locked', 'superseded')),
  -- Everything of the set but its requirements: title, areas, criteria, codes.
  head       jsonb NOT NULL,
  sha256     bytea,
  locked_at  timestamptz,
  PRIMARY KEY (id, version),
  CHECK ((state = 'draft') = (locked_at IS NULL))
);
CREATE INDEX requirement_sets_case ON requirement_sets (case_id, version);
CREATE TABLE requirements (
  set_id      uuid NOT NULL,
  set_version integer NOT NULL,
  id          uuid NOT NULL,
  ordinal     integer NOT NULL,
  number      text NOT NULL,
  kind        text NOT NULL CHECK (kind IN ('absolute', 'rated', 'both', 'option', 'information')),
  answer_type text NOT NULL CHECK (answer_type IN ('boolean', 'choice', 'multi-choice', 'text', 'number', 'money', 'date', 'document', 'price-schedule')),
  body        jsonb NOT NULL,
  PRIMARY KEY (set_id, set_version, id),
  UNIQUE (set_id, set_version, ordinal),
  FOREIGN KEY (set_id, set_version) REFERENCES requirement_sets (id, version) ON DELETE CASCADE
);
-- +goose StatementBegin
CREATE FUNCTION locked_set_is_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE s text;
BEGIN
  SELECT state INTO s FROM requirement_sets WHERE id = coalesce(NEW.set_id, OLD.set_id) AND version = coalesce(NEW.set_version, OLD.set_version);
  IF s IN ('locked', 'superseded') THEN
    RAISE EXCEPTION 'the requirement set is locked' USING ERRCODE = 'check_violation', CONSTRAINT = 'requirement_set_locked';
  END IF;
  RETURN coalesce(NEW, OLD);
END $$;
-- +goose StatementEnd
CREATE TRIGGER locked_set_is_frozen BEFORE INSERT OR UPDATE OR DELETE ON requirements FOR EACH ROW EXECUTE FUNCTION locked_set_is_frozen();

-- Values of rules that the lead buyer stands behind with a source of their own.
CREATE TABLE rule_confirmations (
  procurement_id uuid NOT NULL,
  space_id       uuid NOT NULL,
  rule_id        text NOT NULL,
  value          bigint,
  source         text NOT NULL CHECK (length(source) BETWEEN 3 AND 500),
  confirmed_by   uuid NOT NULL,
  confirmed_at   timestamptz NOT NULL,
  PRIMARY KEY (procurement_id, rule_id),
  FOREIGN KEY (space_id, procurement_id) REFERENCES procurements (space_id, id)
);

-- The instant that every submission passes. One row per published procurement;
-- no request role may write it.
CREATE TABLE gates (
  procurement_id uuid PRIMARY KEY,
  space_id       uuid NOT NULL,
  deadline       timestamptz NOT NULL,
  closed_at      timestamptz,
  FOREIGN KEY (space_id, procurement_id) REFERENCES procurements (space_id, id)
);
-- The clock is read before any lock is waited for, and the shared lock is held
-- to the end of the transaction, so that closing (exclusive) waits for every
-- submission received in time. One statement, because lock_timeout must bound
-- the time from clock to lock.
-- +goose StatementBegin
CREATE FUNCTION enter_gate(procurement uuid)
RETURNS TABLE (received_at timestamptz, deadline timestamptz, closed_at timestamptz)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp SET lock_timeout = '3s' AS $$
DECLARE clock timestamptz := clock_timestamp();
        shift bigint;
BEGIN
  SELECT s.offset_us INTO shift FROM procurements p JOIN spaces s ON s.id = p.space_id WHERE p.id = procurement;
  RETURN QUERY
    SELECT clock + make_interval(secs => shift / 1000000.0), g.deadline, g.closed_at
    FROM gates g WHERE g.procurement_id = procurement FOR SHARE OF g;
END $$;
-- +goose StatementEnd

-- Tenders that came too late or could not pass the gate, with their time.
CREATE TABLE late_attempts (
  id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  procurement_id uuid NOT NULL REFERENCES procurements,
  tender_id      uuid,
  supplier_org   uuid NOT NULL REFERENCES organisations,
  received_at    timestamptz NOT NULL,
  deadline       timestamptz NOT NULL,
  reason         text NOT NULL CHECK (reason IN ('late', 'gate_timeout'))
);

-- What is public: the notice, documents of the published version, answers to
-- all, results. Copied here by the publishing transaction; these tables hold
-- nothing else, and never a sandbox case in a real list (space_id tells).
CREATE TABLE public_procurements (
  id           uuid PRIMARY KEY,
  space_id     uuid NOT NULL,
  sandbox      boolean NOT NULL,
  title        text NOT NULL,
  lead_name    text NOT NULL,
  phase        text NOT NULL,
  deadline     timestamptz NOT NULL,
  questions_by timestamptz,
  set_version  integer NOT NULL,
  notice       jsonb NOT NULL,
  requirement_set jsonb NOT NULL,
  opening_keys jsonb NOT NULL DEFAULT '[]',
  published_at timestamptz NOT NULL,
  changed_at   timestamptz NOT NULL
);
CREATE TABLE public_documents (
  id             uuid PRIMARY KEY,
  procurement_id uuid NOT NULL REFERENCES public_procurements,
  set_version    integer NOT NULL,
  kind           text NOT NULL,
  name           text NOT NULL,
  media_type     text NOT NULL,
  content        bytea NOT NULL,
  sha256         bytea NOT NULL
);
CREATE TABLE public_clarifications (
  id             uuid PRIMARY KEY,
  procurement_id uuid NOT NULL REFERENCES public_procurements,
  n              integer NOT NULL,
  question       text NOT NULL,
  answer         text NOT NULL,
  answered_at    timestamptz NOT NULL,
  UNIQUE (procurement_id, n)
);
CREATE TABLE public_changes (
  id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  procurement_id uuid NOT NULL REFERENCES public_procurements,
  kind           text NOT NULL,
  params         jsonb NOT NULL DEFAULT '{}',
  at             timestamptz NOT NULL
);

-- A supplier's tender is an object of its own: the lead buyer's organisation
-- gets access in the transaction that opens it, not before.
CREATE TABLE tenders (
  id             uuid PRIMARY KEY,
  space_id       uuid NOT NULL,
  procurement_id uuid NOT NULL,
  supplier_org   uuid NOT NULL REFERENCES organisations,
  state          text NOT NULL DEFAULT 'interest' CHECK (state IN ('interest', 'draft', 'submitted', 'withdrawn')),
  version        bigint NOT NULL DEFAULT 1,
  lots           uuid[] NOT NULL DEFAULT '{}',
  -- The draft that is being written: 1 at first, one more for a replacement.
  draft          integer NOT NULL DEFAULT 1,
  set_version    integer,
  submission     integer NOT NULL DEFAULT 0,
  started_at     timestamptz NOT NULL,
  UNIQUE (procurement_id, supplier_org),
  UNIQUE (space_id, id),
  FOREIGN KEY (space_id, procurement_id) REFERENCES procurements (space_id, id)
);
-- A data key per draft, lot (nil uuid: common to all lots) and part; 'summary'
-- holds the draft's validity and completeness.
CREATE TABLE data_keys (
  id        uuid PRIMARY KEY,
  tender_id uuid NOT NULL REFERENCES tenders,
  draft     integer NOT NULL,
  lot_id    uuid NOT NULL,
  part      text NOT NULL CHECK (part IN ('quality', 'price', 'summary')),
  UNIQUE (tender_id, draft, lot_id, part)
);
CREATE TABLE supplier_wraps (
  data_key_id uuid NOT NULL REFERENCES data_keys,
  org_id      uuid NOT NULL REFERENCES organisations,
  tender_id   uuid NOT NULL REFERENCES tenders,
  wrapped     bytea NOT NULL,
  PRIMARY KEY (data_key_id, org_id)
);
CREATE TABLE draft_answers (
  tender_id      uuid NOT NULL REFERENCES tenders,
  draft          integer NOT NULL,
  requirement_id uuid NOT NULL,
  lot_id         uuid NOT NULL,
  part           text NOT NULL CHECK (part IN ('quality', 'price')),
  set_version    integer NOT NULL,
  version        bigint NOT NULL,
  sealed         bytea NOT NULL,
  saved_at       timestamptz NOT NULL,
  PRIMARY KEY (tender_id, draft, requirement_id)
);
CREATE TABLE draft_summaries (
  tender_id   uuid NOT NULL REFERENCES tenders,
  draft       integer NOT NULL,
  set_version integer NOT NULL,
  version     bigint NOT NULL,
  sealed      bytea NOT NULL,
  PRIMARY KEY (tender_id, draft)
);
-- Submissions and their receipts are kept, replaced or withdrawn ones too.
CREATE TABLE submissions (
  tender_id   uuid NOT NULL REFERENCES tenders,
  n           integer NOT NULL,
  draft       integer NOT NULL,
  set_version integer NOT NULL,
  lots        uuid[] NOT NULL,
  state       text NOT NULL DEFAULT 'standing' CHECK (state IN ('standing', 'replaced', 'withdrawn')),
  received_at timestamptz NOT NULL,
  submitted_by uuid NOT NULL,
  -- The signed receipt byte for byte: its signature is over its canonical form.
  receipt     bytea NOT NULL,
  PRIMARY KEY (tender_id, n)
);
CREATE UNIQUE INDEX one_standing_submission ON submissions (tender_id) WHERE state = 'standing';
CREATE TABLE envelopes (
  tender_id    uuid NOT NULL,
  submission   integer NOT NULL,
  lot_id       uuid NOT NULL,
  part         text NOT NULL CHECK (part IN ('quality', 'price')),
  data_key_id  uuid NOT NULL REFERENCES data_keys,
  requirements uuid[] NOT NULL,
  sealed       bytea NOT NULL,
  sha256       bytea NOT NULL,
  PRIMARY KEY (tender_id, submission, lot_id, part),
  FOREIGN KEY (tender_id, submission) REFERENCES submissions (tender_id, n)
);
-- Public halves of the opening keys; private halves never come near Postgres.
CREATE TABLE opening_keys (
  id             uuid PRIMARY KEY,
  procurement_id uuid NOT NULL REFERENCES procurements,
  lot_id         uuid NOT NULL,
  part           text NOT NULL CHECK (part IN ('quality', 'price')),
  public_key     text NOT NULL,
  checked_at     timestamptz,
  destroyed_at   timestamptz,
  UNIQUE (procurement_id, lot_id, part)
);
-- app inserts and deletes (replacement, withdrawal) and never reads; engine
-- reads after two approvals.
CREATE TABLE opening_wraps (
  data_key_id    uuid PRIMARY KEY REFERENCES data_keys,
  tender_id      uuid NOT NULL REFERENCES tenders,
  opening_key_id uuid NOT NULL REFERENCES opening_keys,
  wrapped        bytea NOT NULL
);
-- Replacement and withdrawal: the deletion needs a row that app may not read,
-- so it is a function that knows whose tender it is.
-- +goose StatementBegin
CREATE FUNCTION drop_opening_wraps(tender uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  DELETE FROM opening_wraps w USING tenders t
  WHERE w.tender_id = tender AND t.id = tender AND t.supplier_org = app_org();
END $$;
-- +goose StatementEnd

-- Opening.
CREATE TABLE opening_approvals (
  procurement_id uuid NOT NULL REFERENCES procurements,
  part           text NOT NULL CHECK (part IN ('quality', 'price')),
  identity_id    uuid NOT NULL REFERENCES identities,
  org_id         uuid NOT NULL REFERENCES organisations,
  approved_at    timestamptz NOT NULL,
  -- Two different people: the key makes a second approval by the same one
  -- impossible.
  PRIMARY KEY (procurement_id, part, identity_id)
);
CREATE TABLE opened_envelopes (
  tender_id  uuid NOT NULL REFERENCES tenders,
  submission integer NOT NULL,
  lot_id     uuid NOT NULL,
  part       text NOT NULL CHECK (part IN ('quality', 'price')),
  sha256     bytea NOT NULL,
  opened_at  timestamptz NOT NULL,
  -- Why the envelope could not be opened; people decide what follows. One
  -- unreadable tender never holds up the others.
  problem    text,
  PRIMARY KEY (tender_id, lot_id, part)
);
-- The self-declaration (FOA §§ 8-10, 17-1), sealed with the tender.
CREATE TABLE opened_declarations (
  tender_id uuid PRIMARY KEY REFERENCES tenders,
  value     jsonb NOT NULL
);
CREATE TABLE opened_answers (
  tender_id      uuid NOT NULL REFERENCES tenders,
  requirement_id uuid NOT NULL,
  lot_id         uuid NOT NULL,
  part           text NOT NULL CHECK (part IN ('quality', 'price')),
  value          jsonb NOT NULL,
  -- The answer says no to an absolute requirement. People decide what follows
  -- (KOFA 2025/0498); the flag only shows.
  fails_absolute boolean NOT NULL DEFAULT false,
  PRIMARY KEY (tender_id, requirement_id)
);

-- Questions of suppliers. Who asks stands apart, because the lead buyer reads
-- the question and must not learn the asker.
CREATE TABLE questions (
  id             uuid PRIMARY KEY,
  procurement_id uuid NOT NULL REFERENCES procurements,
  text           text NOT NULL CHECK (length(text) BETWEEN 1 AND 4000),
  requirement_ids uuid[] NOT NULL DEFAULT '{}',
  asked_at       timestamptz NOT NULL,
  late           boolean NOT NULL DEFAULT false,
  clarification_id uuid
);
CREATE INDEX questions_case ON questions (procurement_id, asked_at);
CREATE TABLE question_askers (
  question_id uuid PRIMARY KEY REFERENCES questions,
  org_id      uuid NOT NULL REFERENCES organisations,
  identity_id uuid NOT NULL
);
CREATE TABLE clarifications (
  id             uuid PRIMARY KEY,
  procurement_id uuid NOT NULL REFERENCES procurements,
  n              integer NOT NULL,
  question       text NOT NULL,
  answer         text NOT NULL CHECK (length(answer) BETWEEN 1 AND 8000),
  answered_by    uuid NOT NULL,
  answered_at    timestamptz NOT NULL,
  UNIQUE (procurement_id, n)
);

-- Evaluation.
CREATE TABLE rejections (
  tender_id  uuid PRIMARY KEY REFERENCES tenders,
  procurement_id uuid NOT NULL REFERENCES procurements,
  ground     text NOT NULL,
  paragraph  text NOT NULL,
  reason     text NOT NULL CHECK (length(reason) BETWEEN 10 AND 4000),
  rejected_by uuid NOT NULL,
  rejected_at timestamptz NOT NULL
);
CREATE TABLE scores (
  procurement_id uuid NOT NULL REFERENCES procurements,
  tender_id      uuid NOT NULL REFERENCES tenders,
  requirement_id uuid NOT NULL,
  evaluator_id   uuid NOT NULL REFERENCES identities,
  points         numeric(6,3) NOT NULL CHECK (points BETWEEN 0 AND 10),
  note           text NOT NULL CHECK (length(note) BETWEEN 1 AND 2000),
  scored_at      timestamptz NOT NULL,
  version        bigint NOT NULL DEFAULT 1,
  PRIMARY KEY (tender_id, requirement_id, evaluator_id)
);
CREATE INDEX scores_case ON scores (procurement_id, evaluator_id);
-- The winner's evidence for what its self-declaration says (FOA § 17-1).
CREATE TABLE documentation (
  id          uuid PRIMARY KEY,
  procurement_id uuid NOT NULL REFERENCES procurements,
  tender_id   uuid NOT NULL REFERENCES tenders,
  heading     text NOT NULL,
  reference   text NOT NULL,
  issued_on   date NOT NULL,
  valid_until date,
  recorded_by uuid NOT NULL,
  recorded_at timestamptz NOT NULL,
  UNIQUE (tender_id, heading)
);

-- Award. One round per decision; a reversal starts the next.
CREATE TABLE awards (
  procurement_id uuid NOT NULL REFERENCES procurements,
  round          integer NOT NULL,
  lot_id         uuid NOT NULL,
  tender_id      uuid NOT NULL REFERENCES tenders,
  reason         text NOT NULL,
  evaluation     jsonb NOT NULL,
  decided_by     uuid NOT NULL,
  decided_at     timestamptz NOT NULL,
  standstill_until timestamptz NOT NULL,
  reversed_at    timestamptz,
  reversal_reason text,
  PRIMARY KEY (procurement_id, round, lot_id)
);
-- Letters to all affected suppliers at the same moment (FOA §§ 10-1, 25-1).
CREATE TABLE letters (
  id             uuid PRIMARY KEY,
  procurement_id uuid NOT NULL REFERENCES procurements,
  tender_id      uuid NOT NULL REFERENCES tenders,
  round          integer NOT NULL,
  kind           text NOT NULL CHECK (kind IN ('award', 'rejection', 'cancellation', 'reversal')),
  body           jsonb NOT NULL,
  sent_at        timestamptz NOT NULL,
  UNIQUE (tender_id, kind, round)
);
CREATE TABLE contracts (
  id             uuid PRIMARY KEY,
  space_id       uuid NOT NULL,
  procurement_id uuid NOT NULL,
  lot_id         uuid NOT NULL,
  tender_id      uuid NOT NULL REFERENCES tenders,
  -- Repeated from the tender, which participants may not see.
  supplier_org   uuid NOT NULL REFERENCES organisations,
  value          bigint NOT NULL CHECK (value >= 0),
  buyer_signed_on    date,
  supplier_signed_on date,
  reference      text,
  starts_on      date NOT NULL,
  ends_on        date NOT NULL CHECK (ends_on >= starts_on),
  UNIQUE (procurement_id, lot_id),
  UNIQUE (space_id, id),
  FOREIGN KEY (space_id, procurement_id) REFERENCES procurements (space_id, id)
);
CREATE TABLE call_offs (
  id          uuid PRIMARY KEY,
  space_id    uuid NOT NULL,
  procurement_id uuid NOT NULL,
  contract_id uuid NOT NULL,
  org_id      uuid NOT NULL,
  amount      bigint NOT NULL CHECK (amount > 0),
  reference   text NOT NULL,
  called_by   uuid NOT NULL,
  called_at   timestamptz NOT NULL,
  FOREIGN KEY (space_id, contract_id) REFERENCES contracts (space_id, id),
  -- FOA § 26-1 (3): only a buyer named in the notice may call off.
  FOREIGN KEY (procurement_id, org_id) REFERENCES participants (procurement_id, org_id)
);
CREATE INDEX call_offs_org ON call_offs (procurement_id, org_id);

-- Access follows from participation.
-- +goose StatementBegin
CREATE FUNCTION access_of_lead() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  INSERT INTO case_access (object_id, org_id, reason) VALUES (NEW.id, NEW.lead_org, 'lead') ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;
CREATE FUNCTION access_of_participant() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    DELETE FROM case_access WHERE object_id = OLD.procurement_id AND org_id = OLD.org_id AND reason = 'participant';
  ELSE
    INSERT INTO case_access (object_id, org_id, reason) VALUES (NEW.procurement_id, NEW.org_id, 'participant') ON CONFLICT DO NOTHING;
  END IF;
  RETURN NULL;
END $$;
CREATE FUNCTION access_of_supplier() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  INSERT INTO case_access (object_id, org_id, reason) VALUES (NEW.id, NEW.supplier_org, 'supplier') ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER access_of_lead AFTER INSERT ON procurements FOR EACH ROW EXECUTE FUNCTION access_of_lead();
CREATE TRIGGER access_of_participant AFTER INSERT OR DELETE ON participants FOR EACH ROW EXECUTE FUNCTION access_of_participant();
CREATE TRIGGER access_of_supplier AFTER INSERT ON tenders FOR EACH ROW EXECUTE FUNCTION access_of_supplier();

-- Tells every supplier that registered interest or began a draft. Definer, and
-- it returns nothing: who and how many they are is hidden from buyers until
-- the opening.
CREATE FUNCTION tell_interested(procurement uuid, what text, object uuid, with_params jsonb) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT tell(t.supplier_org, what, procurement, object, with_params)
  FROM tenders t WHERE t.procurement_id = procurement
$$;
CREATE FUNCTION tell_participants(procurement uuid, what text, object uuid, with_params jsonb) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT tell(p.org_id, what, procurement, object, with_params)
  FROM participants p WHERE p.procurement_id = procurement AND p.state <> 'dropped'
$$;
CREATE FUNCTION tell_lead(procurement uuid, what text, object uuid, with_params jsonb) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT tell(p.lead_org, what, procurement, object, with_params)
  FROM procurements p WHERE p.id = procurement
$$;

-- An organisation's own events in commit order: below the oldest running
-- transaction, so that nothing can appear behind a cursor later.
CREATE FUNCTION events_after(org uuid, after_xid xid8, after_seq bigint, up_to integer)
RETURNS TABLE (xid xid8, seq bigint, at timestamptz, case_at timestamptz, action text, case_id uuid, object_id uuid, own boolean, after jsonb)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT a.xid, a.seq, a.at, a.case_at, a.action, a.case_id, a.object_id, a.actor_org IS NOT DISTINCT FROM org, a.after
  FROM audit a
  WHERE (a.xid, a.seq) > (after_xid, after_seq)
    AND a.xid < pg_snapshot_xmin(pg_current_snapshot())
    AND a.outcome = 'done'
    AND (a.actor_org = org
      OR (a.audience <> 'own' AND EXISTS (SELECT 1 FROM case_access c WHERE c.object_id = a.object_id AND c.org_id = org AND c.to_at IS NULL))
      OR (a.audience = 'interested' AND EXISTS (SELECT 1 FROM tenders t WHERE t.procurement_id = a.case_id AND t.supplier_org = org)))
  ORDER BY a.xid, a.seq
  LIMIT least(up_to, 500)
$$;

-- +goose Down
SELECT 'forward only' / 0;
