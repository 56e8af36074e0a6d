package api_test

import (
	"bufio"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/fellesloft/fellesloft/api"
)

// TestTheWebServersOwnRefusals sends over a connection what never reaches a
// handler.
func TestTheWebServersOwnRefusals(t *testing.T) {
	t.Parallel()
	s := api.New(api.Config{Log: slog.New(slog.DiscardHandler)})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	go func() { _ = s.Listen(listener) }()
	t.Cleanup(func() { _ = s.Web().ShutdownWithTimeout(time.Second) })
	for name, c := range map[string]struct {
		request string
		status  int
		rule    string
	}{
		"body too large":    {"POST " + api.Base + "/procurements HTTP/1.1\r\nHost: x\r\nContent-Length: 99000000\r\n\r\n" + strings.Repeat(" ", 8<<10), 413, "request.too-large"},
		"headers too large": {"GET " + api.Base + "/me HTTP/1.1\r\nHost: x\r\nX-Large: " + strings.Repeat("x", 64<<10) + "\r\n\r\n", 431, "request.header-too-large"},
		"no HTTP":           {"hello\r\n\r\n", 400, "request.malformed"},
		"broken escape":     {"GET " + api.Base + "/%zz HTTP/1.1\r\nHost: x\r\n\r\n", 404, "not-found"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			connection, err := net.Dial("tcp", listener.Addr().String())
			must(t, err)
			defer connection.Close()
			must(t, connection.SetDeadline(time.Now().Add(10*time.Second)))
			go func() { _, _ = io.WriteString(connection, c.request) }()
			response, err := http.ReadResponse(bufio.NewReader(connection), nil)
			must(t, err)
			defer response.Body.Close()
			var p api.Problem
			must(t, json.NewDecoder(response.Body).Decode(&p))
			if response.StatusCode != c.status || p.Rule != c.rule || response.Header.Get("Content-Type") != "application/problem+json" {
				t.Errorf("%d %s as %s, want %d %s", response.StatusCode, p.Rule, response.Header.Get("Content-Type"), c.status, c.rule)
			}
		})
	}
}
