-- +goose Up
-- Nearly every row policy asks may_see. A function in SQL that is not inlined is
-- parsed and planned anew in every statement that calls it (until PostgreSQL
-- 18), for each place that does; one in PL/pgSQL keeps its plan as long as the
-- connection lives. What it answers is the same.
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION may_see(object uuid) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN EXISTS (SELECT 1 FROM case_access c WHERE c.object_id = object AND c.org_id = app_org() AND c.to_at IS NULL);
END $$;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION is_own_tender(tender uuid) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN EXISTS (SELECT 1 FROM tenders t WHERE t.id = tender AND t.supplier_org = app_org());
END $$;
-- +goose StatementEnd

-- +goose Down
SELECT 'forward only' / 0;
