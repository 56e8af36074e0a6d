package config

import (
	"errors"
	"log/slog"
	"strings"
	"testing"

	"github.com/sethvargo/go-envconfig"

	"github.com/fellesloft/fellesloft/internal/fault"
)

type noTemporal map[string]string

func (e noTemporal) Environ() []string {
	out := make([]string, 0, len(e))
	for k, v := range e {
		out = append(out, k+"="+v)
	}
	return out
}

func (e noTemporal) LookupEnv(key string) (string, bool) {
	v, ok := e[key]
	return v, ok
}

func workerEnv() map[string]string {
	return map[string]string{
		"DATABASE_URL_ENGINE": "postgres://engine@db/fellesloft", "KEY_DIR": "/keys", "KEY_MASTER_FILE": "/run/master",
		"RECEIPT_KEYS_FILE": "/run/receipt-keys.json", "AUDIT_SECRET_FILE": "/run/audit-secret",
		"SMTP_HOST": "mail.example.test", "SMTP_FROM": "post@example.test",
	}
}

func TestWorkerSettings(t *testing.T) {
	t.Parallel()
	env := workerEnv()
	env["LOG_LEVEL"] = "debug"
	var w Worker
	if err := read(t.Context(), &w, envconfig.MapLookuper(env), noTemporal{"TEMPORAL_ADDRESS": "temporal:7233"}); err != nil {
		t.Fatal(err)
	}
	if w.LogLevel != slog.LevelDebug || w.SMTP.Host != "mail.example.test" || w.SMTP.TLS != "mandatory" || w.Temporal().HostPort != "temporal:7233" {
		t.Errorf("read %+v", w)
	}
}

func TestAMissingSettingIsNamed(t *testing.T) {
	t.Parallel()
	for name := range workerEnv() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env := workerEnv()
			delete(env, name)
			err := read(t.Context(), &Worker{}, envconfig.MapLookuper(env), noTemporal{})
			if fault.RuleOf(err) != "config.missing" || !strings.Contains(errors.Unwrap(err).Error(), name) {
				t.Errorf("err = %v, want config.missing with the name", err)
			}
		})
	}
}
