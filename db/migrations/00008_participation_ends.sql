-- +goose Up
-- A municipality that stays out sees the case until mandates are done: until then
-- it may still change its answer.

-- +goose StatementBegin
CREATE FUNCTION participation_ends() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  UPDATE case_access c SET to_at = clock_timestamp()
  FROM participants p
  WHERE p.procurement_id = NEW.procurement_id AND p.state IN ('declined', 'dropped') AND c.object_id = p.procurement_id AND c.org_id = p.org_id
    AND c.reason = 'participant' AND c.to_at IS NULL;
  RETURN NULL;
END $$;
CREATE FUNCTION mandates_end() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  UPDATE case_access c SET to_at = clock_timestamp()
  FROM participants p
  WHERE p.procurement_id = NEW.id AND p.state = 'declined' AND c.object_id = p.procurement_id AND c.org_id = p.org_id
    AND c.reason = 'participant' AND c.to_at IS NULL;
  RETURN NULL;
END $$;
-- +goose StatementEnd
-- At the end of the transaction: the last answer may be the municipality's own.
CREATE CONSTRAINT TRIGGER participation_ends AFTER UPDATE OF state ON participants DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.state = 'dropped' AND OLD.state <> 'dropped') EXECUTE FUNCTION participation_ends();
CREATE CONSTRAINT TRIGGER mandates_end AFTER UPDATE OF phase ON procurements DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (OLD.phase = 'mandates' AND NEW.phase <> 'mandates') EXECUTE FUNCTION mandates_end();
REVOKE EXECUTE ON FUNCTION participation_ends(), mandates_end() FROM PUBLIC;

-- Nor is it told any more what happens.
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION tell_participants(procurement uuid, what text, object uuid, with_params jsonb) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT must_take_part(procurement);
  SELECT notify(p.org_id, what, procurement, object, with_params)
  FROM participants p JOIN case_access c ON c.object_id = p.procurement_id AND c.org_id = p.org_id AND c.reason = 'participant' AND c.to_at IS NULL
  WHERE p.procurement_id = procurement
$$;
-- +goose StatementEnd

-- +goose Down
SELECT 'forward only' / 0;
