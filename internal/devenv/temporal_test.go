package devenv

import (
	"bytes"
	"net"
	"strings"
	"testing"
)

func TestTemporalStopsAndStartsAgain(t *testing.T) {
	t.Parallel()
	place := scratch(t)
	cfg := TemporalConfig{Place: place, Disposable: true, InFile: true, SearchAttributes: map[string]string{"Case": "Keyword"}, Log: &bytes.Buffer{}}
	for range 2 {
		server, err := StartTemporal(t.Context(), cfg)
		if err != nil {
			t.Fatal(err)
		}
		if err := server.Stop(); err != nil {
			t.Fatal(err)
		}
		if conn, err := net.Dial("tcp", server.Address()); err == nil {
			conn.Close()
			t.Error("the frontend still listens after Stop")
		}
	}
}

func TestOnlyTheTemporalCLICountsAsOne(t *testing.T) {
	t.Parallel()
	if _, err := askTemporal(t.Context(), "/bin/echo"); err == nil || !strings.Contains(err.Error(), "not the Temporal CLI") {
		t.Errorf("err = %v, want a refusal of another program", err)
	}
}
