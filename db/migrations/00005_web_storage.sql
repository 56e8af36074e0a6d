-- +goose Up
-- What a browser's cookie refers to: sign-ins under way, and sessions. A row is
-- found by the SHA-256 of the cookie's value only, so these rows, in a backup
-- for example, sign nobody in. The functions below are the only way to them for
-- the roles of running programs: sessions can neither be listed nor changed
-- without their cookie.
CREATE TABLE web_storage (
  key        bytea PRIMARY KEY CHECK (octet_length(key) = 32),
  value      bytea NOT NULL CHECK (octet_length(value) <= 65536),
  -- Use moves expires_at on, never past ends_at.
  expires_at timestamptz NOT NULL,
  ends_at    timestamptz NOT NULL CHECK (ends_at >= expires_at)
);
CREATE INDEX web_storage_expiry ON web_storage (expires_at);

-- Reading is use: the row lives another idle time from now on. To read often is
-- not to write often: it is moved on when a thirtieth of the time has gone.
-- +goose StatementBegin
CREATE FUNCTION web_storage_get(k bytea, idle interval) RETURNS bytea
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  UPDATE web_storage SET expires_at = least(ends_at, clock_timestamp() + idle)
  WHERE key = k AND expires_at > clock_timestamp() AND expires_at < least(ends_at, clock_timestamp() + idle * (29.0 / 30));
  SELECT value FROM web_storage WHERE key = k AND expires_at > clock_timestamp()
$$;
-- +goose StatementEnd
CREATE FUNCTION web_storage_put(k bytea, v bytea, idle interval, lifetime interval) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  INSERT INTO web_storage (key, value, expires_at, ends_at) VALUES (k, v, clock_timestamp() + least(idle, lifetime), clock_timestamp() + lifetime)
  ON CONFLICT (key) DO UPDATE SET value = excluded.value, expires_at = excluded.expires_at, ends_at = excluded.ends_at
$$;
-- Gives the value to one caller only, however many ask at once.
CREATE FUNCTION web_storage_take(k bytea) RETURNS bytea
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH gone AS (DELETE FROM web_storage WHERE key = k RETURNING value, expires_at)
  SELECT value FROM gone WHERE expires_at > clock_timestamp()
$$;
CREATE FUNCTION web_storage_purge(up_to integer) RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH gone AS (
    DELETE FROM web_storage WHERE key IN (SELECT w.key FROM web_storage w WHERE w.expires_at <= clock_timestamp() LIMIT up_to FOR UPDATE SKIP LOCKED)
    RETURNING 1)
  SELECT count(*) FROM gone
$$;

ALTER TABLE web_storage ENABLE ROW LEVEL SECURITY;
ALTER TABLE web_storage FORCE ROW LEVEL SECURITY;
GRANT SELECT ON web_storage TO fellesloft_backup;
REVOKE EXECUTE ON FUNCTION web_storage_get(bytea, interval), web_storage_put(bytea, bytea, interval, interval), web_storage_take(bytea), web_storage_purge(integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION web_storage_get(bytea, interval), web_storage_put(bytea, bytea, interval, interval), web_storage_take(bytea), web_storage_purge(integer) TO fellesloft_app;

-- +goose Down
SELECT 'forward only' / 0;
