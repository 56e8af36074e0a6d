-- +goose Up
-- Who is who, where a case lives, who may see it, and what has been done:
-- the tables that every later one stands on.
--
-- Times are timestamptz (UTC). Columns called *_at in a case's tables hold case
-- time: the database's clock plus the offset of the case's space.

-- +goose StatementBegin
DO $$
BEGIN
  -- goose keeps its own table; nobody but the owner has business in it.
  REVOKE ALL ON SCHEMA public FROM PUBLIC;
  -- The owner is named too: a restored database may belong to somebody else, and
  -- its SECURITY DEFINER functions run as the owner of the tables.
  GRANT USAGE ON SCHEMA public TO fellesloft_owner, fellesloft_app, fellesloft_engine, fellesloft_anyone, fellesloft_backup;
END $$;
-- +goose StatementEnd

-- What this database is for. Written once by migrate; development tools refuse
-- a production database and the other way round.
CREATE TABLE deployment (
  one        boolean PRIMARY KEY DEFAULT true CHECK (one),
  kind       text NOT NULL CHECK (kind IN ('production', 'development')),
  -- A restored backup holds the outbox until an operator releases it, so that
  -- nothing is sent twice.
  outbox_held boolean NOT NULL DEFAULT false,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- The real space, and sandboxes whose clock can be advanced. Every case belongs
-- to one; composite keys keep references inside it.
CREATE TABLE spaces (
  id         uuid PRIMARY KEY,
  kind       text NOT NULL CHECK (kind IN ('real', 'sandbox')),
  name       text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
  -- Case time = clock + offset. Never decreases (trigger below).
  offset_us  bigint NOT NULL DEFAULT 0 CHECK (offset_us >= 0),
  owner_org  uuid,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  CHECK (kind = 'sandbox' OR offset_us = 0)
);
CREATE UNIQUE INDEX one_real_space ON spaces (kind) WHERE kind = 'real';
INSERT INTO spaces (id, kind, name) VALUES ('00000000-0000-4000-8000-000000000001', 'real', 'real');

-- +goose StatementBegin
CREATE FUNCTION space_clock_never_back() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.offset_us < OLD.offset_us OR NEW.kind <> OLD.kind THEN
    RAISE EXCEPTION 'a sandbox clock only moves forward' USING ERRCODE = 'check_violation', CONSTRAINT = 'space_clock_forward';
  END IF;
  RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER space_clock_never_back BEFORE UPDATE ON spaces FOR EACH ROW EXECUTE FUNCTION space_clock_never_back();

-- Case time of a space: the clock itself, not the start of the transaction.
CREATE FUNCTION case_now(space uuid) RETURNS timestamptz
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS
$$ SELECT clock_timestamp() + make_interval(secs => s.offset_us / 1000000.0) FROM spaces s WHERE s.id = space $$;

-- Municipalities, suppliers and other bodies. The organisation number may be
-- unknown and is never a key; an organisation that ends keeps its rows.
CREATE TABLE organisations (
  id              uuid PRIMARY KEY,
  kind            text NOT NULL CHECK (kind IN ('municipality', 'county_municipality', 'joint_body', 'supplier', 'association', 'authority')),
  name            text NOT NULL CHECK (length(name) BETWEEN 1 AND 300),
  orgnr           text CHECK (orgnr ~ '^[0-9]{9}$'),
  municipality_no text CHECK (municipality_no ~ '^[0-9]{4}$'),
  county          text,
  population      integer CHECK (population >= 0),
  language_form   text NOT NULL DEFAULT 'nb' CHECK (language_form IN ('nb', 'nn', 'en')),
  address         text,
  invented        boolean NOT NULL DEFAULT false,
  valid_from      date NOT NULL DEFAULT '2024-01-01',
  valid_to        date CHECK (valid_to >= valid_from)
);
CREATE UNIQUE INDEX organisations_orgnr ON organisations (orgnr) WHERE valid_to IS NULL;
CREATE UNIQUE INDEX organisations_municipality ON organisations (municipality_no) WHERE valid_to IS NULL;

-- Digital networks; membership is dated and many-to-many (Rindal lies in
-- Trøndelag and works in IKT Orkidé).
CREATE TABLE networks (
  id   uuid PRIMARY KEY,
  name text NOT NULL UNIQUE
);
CREATE TABLE network_members (
  network_id uuid NOT NULL REFERENCES networks,
  org_id     uuid NOT NULL REFERENCES organisations,
  from_on    date NOT NULL DEFAULT '2024-01-01',
  to_on      date CHECK (to_on >= from_on),
  PRIMARY KEY (network_id, org_id, from_on)
);

-- A signed-in subject: a person, or an organisation's own system.
CREATE TABLE identities (
  id       uuid PRIMARY KEY,
  issuer   text NOT NULL,
  subject  text NOT NULL,
  kind     text NOT NULL CHECK (kind IN ('person', 'system')),
  name     text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
  email    text CHECK (email LIKE '%_@_%'),
  UNIQUE (issuer, subject)
);
-- What an organisation lets an identity do for it.
CREATE TABLE memberships (
  identity_id uuid NOT NULL REFERENCES identities,
  org_id      uuid NOT NULL REFERENCES organisations,
  roles       text[] NOT NULL CHECK (cardinality(roles) > 0 AND roles <@ ARRAY['admin', 'procurement_lead', 'mandate_giver', 'contract_owner', 'case_worker', 'supplier_author', 'signatory', 'ks_reader', 'auditor']),
  granted_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
  ended_at    timestamptz,
  PRIMARY KEY (identity_id, org_id)
);

-- The organisation boundary. A row follows from a participation and is written
-- by triggers or by the engine with it, never by a request on its own.
CREATE TABLE case_access (
  object_id uuid NOT NULL,
  org_id    uuid NOT NULL REFERENCES organisations,
  reason    text NOT NULL CHECK (reason IN ('lead', 'participant', 'supplier', 'opened', 'team')),
  from_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
  to_at     timestamptz,
  PRIMARY KEY (object_id, org_id, reason)
);
CREATE INDEX case_access_org ON case_access (org_id, object_id) WHERE to_at IS NULL;

-- The organisation of the transaction's actor. A reused connection has '' and
-- not NULL, hence nullif.
CREATE FUNCTION app_org() RETURNS uuid LANGUAGE sql STABLE AS
$$ SELECT nullif(current_setting('app.org', true), '')::uuid $$;

-- The audit log: append-only, in the transaction of the change, without
-- foreign keys so that nothing can make it unwritable. xid gives the change
-- feed commit order.
CREATE TABLE audit (
  seq         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  xid         xid8 NOT NULL DEFAULT pg_current_xact_id(),
  at          timestamptz NOT NULL DEFAULT clock_timestamp(),
  case_at     timestamptz,
  actor_kind  text NOT NULL CHECK (actor_kind IN ('person', 'system', 'engine', 'anonymous')),
  actor_id    uuid NOT NULL,
  -- Commits to the name as it was; the name itself stands in audit_names and
  -- can be erased.
  actor_name  bytea,
  actor_org   uuid,
  action      text NOT NULL CHECK (length(action) BETWEEN 1 AND 100),
  outcome     text NOT NULL DEFAULT 'done' CHECK (outcome IN ('done', 'refused', 'denied')),
  case_id     uuid,
  object_id   uuid,
  -- Who finds it in their feed: only the acting organisation, every
  -- organisation with access to the object, or everybody interested in the
  -- case as well.
  audience    text NOT NULL DEFAULT 'own' CHECK (audience IN ('own', 'object', 'interested')),
  before      jsonb,
  after       jsonb,
  state_hash  bytea,
  request_id  text,
  command_id  uuid
);
CREATE INDEX audit_feed ON audit (xid, seq);
CREATE INDEX audit_case ON audit (case_id, seq);
CREATE INDEX audit_object ON audit (object_id, seq);
CREATE TABLE audit_names (
  commitment bytea PRIMARY KEY,
  actor_id   uuid NOT NULL,
  name       text NOT NULL,
  salt       bytea NOT NULL
);
-- +goose StatementBegin
CREATE FUNCTION audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the audit log is append-only' USING ERRCODE = 'insufficient_privilege';
END $$;
-- +goose StatementEnd
CREATE TRIGGER audit_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only();

-- Steering commands (door 3). The row is the truth about the command; Temporal
-- carries only its id.
CREATE TABLE commands (
  id               uuid PRIMARY KEY,
  case_kind        text NOT NULL CHECK (case_kind IN ('procurement')),
  case_id          uuid NOT NULL,
  operation        text NOT NULL,
  actor            jsonb NOT NULL,
  actor_org        uuid NOT NULL,
  input            jsonb NOT NULL,
  expected_version bigint,
  state            text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'done', 'refused', 'stale', 'expired', 'withdrawn')),
  result           jsonb,
  fault            jsonb,
  created_at       timestamptz NOT NULL DEFAULT clock_timestamp(),
  expires_at       timestamptz NOT NULL,
  ended_at         timestamptz,
  CHECK ((state = 'pending') = (ended_at IS NULL)),
  CHECK (fault IS NULL OR state IN ('refused', 'stale', 'expired'))
);
CREATE INDEX commands_case ON commands (case_id, created_at);

-- What is to be told to somebody else after commit: Temporal (wake, command) or
-- a mail server. Done rows are deleted.
CREATE TABLE outbox (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  kind       text NOT NULL CHECK (kind IN ('wake', 'command', 'mail')),
  case_kind  text CHECK (case_kind IN ('procurement')),
  case_id    uuid,
  command_id uuid,
  -- One row per key: repeated wakes of one case collapse into one.
  key        text NOT NULL UNIQUE,
  payload    jsonb,
  not_before timestamptz NOT NULL DEFAULT clock_timestamp(),
  attempts   integer NOT NULL DEFAULT 0,
  -- Raised by every repetition; the relay deletes a row only if nothing was
  -- added while it was sending.
  asked      bigint NOT NULL DEFAULT 1,
  last_error text,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  CHECK ((kind = 'command') = (command_id IS NOT NULL)),
  CHECK ((kind = 'mail') = (payload IS NOT NULL))
);
CREATE INDEX outbox_due ON outbox (not_before);

-- +goose StatementBegin
CREATE FUNCTION outbox_notify() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('outbox', '');
  RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER outbox_notify AFTER INSERT ON outbox FOR EACH STATEMENT EXECUTE FUNCTION outbox_notify();

-- Wakes a case's workflow after commit. A wake that waits already is enough.
CREATE FUNCTION wake(kind text, id uuid) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  INSERT INTO outbox (kind, case_kind, case_id, key) VALUES ('wake', $1, $2, 'wake:' || $1 || ':' || $2)
  ON CONFLICT (key) DO UPDATE SET not_before = least(outbox.not_before, excluded.not_before), asked = outbox.asked + 1
$$;

-- Answers of POSTs that carried an Idempotency-Key. The input is kept as an
-- HMAC only; what is stored as the response holds no values of drafts and
-- tenders.
CREATE TABLE idempotency (
  org_id     uuid NOT NULL,
  actor_id   uuid NOT NULL,
  operation  text NOT NULL,
  key        text NOT NULL CHECK (length(key) BETWEEN 1 AND 200),
  input_hmac bytea NOT NULL,
  status     integer NOT NULL,
  response   jsonb,
  location   text,
  case_id    uuid,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (org_id, actor_id, operation, key)
);

-- Messages to an organisation's people; the mail is an outbox row of its own.
CREATE TABLE notifications (
  id         uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  seq        bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
  org_id     uuid NOT NULL REFERENCES organisations,
  kind       text NOT NULL,
  case_id    uuid,
  object_id  uuid,
  params     jsonb NOT NULL DEFAULT '{}',
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  read_at    timestamptz
);
CREATE INDEX notifications_org ON notifications (org_id, seq DESC);

-- Tells one organisation something: a row for its inbox, and one mail to each of
-- its people whose work it is. Everybody else finds it in the inbox.
-- +goose StatementBegin
CREATE FUNCTION tell(org uuid, what text, in_case uuid, object uuid, with_params jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE told uuid;
BEGIN
  INSERT INTO notifications (org_id, kind, case_id, object_id, params) VALUES (org, what, in_case, object, with_params) RETURNING id INTO told;
  INSERT INTO outbox (kind, key, payload)
  SELECT 'mail', 'mail:' || told || ':' || i.id,
         jsonb_build_object('notification', told, 'kind', what, 'to', i.email, 'org', o.name, 'language', o.language_form,
                            'case', in_case, 'object', object, 'params', with_params)
  FROM memberships m JOIN identities i ON i.id = m.identity_id JOIN organisations o ON o.id = m.org_id
  WHERE m.org_id = org AND m.ended_at IS NULL AND i.email IS NOT NULL
    AND m.roles && CASE
      WHEN what LIKE 'contract.%' OR what IN ('procurement.concluded', 'procurement.ended') THEN ARRAY['procurement_lead', 'contract_owner', 'supplier_author', 'signatory']
      ELSE ARRAY['procurement_lead', 'mandate_giver', 'supplier_author', 'signatory'] END;
END $$;
-- +goose StatementEnd

-- Sign-in: what an identity may act for. Definer, because before sign-in there
-- is no organisation that row policies could go by.
CREATE FUNCTION memberships_of(issuer text, subject text)
RETURNS TABLE (identity_id uuid, kind text, name text, org_id uuid, org_name text, orgnr text, org_kind text, roles text[])
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT i.id, i.kind, i.name, o.id, o.name, o.orgnr, o.kind, m.roles
  FROM identities i
  LEFT JOIN memberships m ON m.identity_id = i.id AND m.ended_at IS NULL
  LEFT JOIN organisations o ON o.id = m.org_id AND o.valid_to IS NULL
  WHERE i.issuer = $1 AND i.subject = $2
  ORDER BY o.name, o.id
$$;

-- +goose Down
SELECT 'forward only' / 0;
