package altinn_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/fellesloft/fellesloft/internal/altinn"
	"github.com/fellesloft/fellesloft/internal/fault"
)

func whole() altinn.Settings {
	return altinn.Settings{
		Platform: "https://platform.altinn.no", SubscriptionKey: "s", Resource: "r", Issuer: "https://maskinporten.no/",
		ClientID: "c", KeyID: "k", KeyFile: "f",
	}
}

func TestAllSettingsOrNone(t *testing.T) {
	t.Parallel()
	if s := (altinn.Settings{}); s.Set() || s.Check() != nil {
		t.Error("none set is refused")
	}
	if s := whole(); !s.Set() || s.Check() != nil {
		t.Errorf("all set: %v", s.Check())
	}
	for name, field := range map[string]func(*altinn.Settings) *string{
		"ALTINN_PLATFORM":         func(s *altinn.Settings) *string { return &s.Platform },
		"ALTINN_SUBSCRIPTION_KEY": func(s *altinn.Settings) *string { return &s.SubscriptionKey },
		"ALTINN_RESOURCE":         func(s *altinn.Settings) *string { return &s.Resource },
		"MASKINPORTEN_ISSUER":     func(s *altinn.Settings) *string { return &s.Issuer },
		"MASKINPORTEN_CLIENT_ID":  func(s *altinn.Settings) *string { return &s.ClientID },
		"MASKINPORTEN_KEY_ID":     func(s *altinn.Settings) *string { return &s.KeyID },
		"MASKINPORTEN_KEY_FILE":   func(s *altinn.Settings) *string { return &s.KeyFile },
	} {
		missing := whole()
		*field(&missing) = ""
		f, _ := fault.As(missing.Check())
		if f == nil || f.Rule != "config.half-set" || f.Params["setting"] != name {
			t.Errorf("without %s: %v", name, missing.Check())
		}
		var alone altinn.Settings
		*field(&alone) = "https://x.example"
		if !alone.Set() || fault.RuleOf(alone.Check()) != "config.half-set" {
			t.Errorf("%s alone: %v", name, alone.Check())
		}
	}
}

func TestAddressesAreSecure(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"http://platform.altinn.no", "http://127.0.0.1:1", "platform.altinn.no", "https://", "https://u@x.example", "https://x.example?y", "https://x.example#y", "\x00"} {
		s := whole()
		s.Platform = address
		if fault.RuleOf(s.Check()) != "config.address" {
			t.Errorf("%q: %v", address, s.Check())
		}
	}
}

func TestTheKeyMustBeReadable(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "key.pem")
	for _, text := range []string{"", "no key", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"} {
		if text != "" {
			must(t, os.WriteFile(file, []byte(text), 0o600))
		}
		s := whole()
		s.KeyFile = file
		if _, err := altinn.New(s, time.Now); fault.RuleOf(err) != "config.key-file" {
			t.Errorf("%q: %v", text, err)
		}
	}
	if _, err := altinn.New(altinn.Settings{}, time.Now); fault.RuleOf(err) != "config.key-file" {
		t.Errorf("nothing set: %v", err)
	}
}
