package demonstration

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
)

func TestProductionIsRefused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		status int
		body   string
		ok     bool
		is     error
	}{
		"development":      {200, `{"kind":"development"}`, true, nil},
		"production":       {200, `{"kind":"production"}`, false, ErrProduction},
		"says nothing":     {200, `{}`, false, ErrProduction},
		"another program":  {404, `not found`, false, nil},
		"not even a reply": {200, `<html>`, false, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path != "/api/v1/deployment" || r.Header.Get("Authorization") != "" {
					t.Errorf("asked %s with %q", r.URL.Path, r.Header.Get("Authorization"))
				}
				w.WriteHeader(c.status)
				_, _ = w.Write([]byte(c.body))
			}))
			t.Cleanup(server.Close)
			err := Check(t.Context(), server.URL+"/api/v1")
			if (err == nil) != c.ok || (c.is != nil && !errors.Is(err, c.is)) {
				t.Errorf("error %v", err)
			}
		})
	}
}
