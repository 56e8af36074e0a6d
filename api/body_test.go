package api_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/api"
)

// A body that is broken off is refused wherever that happens, and leaves nothing;
// a whole one is taken, also from a caller that then closes its half.
func TestABodyThatIsBrokenOffIsRefused(t *testing.T) {
	t.Parallel()
	s := begin(t)
	s.specify()
	s.mandates()
	s.publish()
	address := s.listen()
	tender := "/tenders/" + as[api.Tender](s.do(call{As: author(0), Method: "POST", Path: s.path + "/interest"})).ID.String()
	file := func() string { return "PUT " + api.Base + tender + "/attachments/" + uuid.NewString() + "?name=x.txt" }
	csv := "POST " + api.Base + tender + "/draft/file"
	const chunked, chunk = "Transfer-Encoding: chunked", "5\r\ntekst\r\n"
	for name, c := range map[string]struct {
		target, length, body string
		status               int
		rule                 string
	}{
		"a file between chunks":          {file(), chunked, chunk, 422, "attachment.interrupted"},
		"a file within a chunk's length": {file(), chunked, chunk + "1", 422, "attachment.interrupted"},
		"a file within a chunk":          {file(), chunked, "50\r\ntekst", 422, "attachment.interrupted"},
		"a file before its length":       {file(), "Content-Length: 20000", fmt.Sprintf("%10000d", 1), 422, "attachment.interrupted"},
		"a whole file in chunks":         {file(), chunked, chunk + "0\r\n\r\n", 200, ""},
		"a whole file by its length":     {file(), "Content-Length: 10000", fmt.Sprintf("%10000d", 1), 200, ""},
		"answers between chunks":         {csv, chunked, "D\r\nKrav-id;Svar\n\r\n", 400, "request.malformed"},
		"answers before their length":    {csv, "Content-Length: 40000", fmt.Sprintf("Krav-id;Svar\n%30000d", 1), 400, "request.malformed"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			connection, err := net.Dial("tcp", address)
			must(t, err)
			defer connection.Close()
			must(t, connection.SetDeadline(time.Now().Add(20*time.Second)))
			_, err = fmt.Fprintf(connection, "%s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nContent-Type: text/csv\r\nIdempotency-Key: %s\r\nIf-Match: *\r\n%s\r\n\r\n%s", c.target, s.token(author(0)), uuid.NewString(), c.length, c.body)
			must(t, err)
			must(t, connection.(*net.TCPConn).CloseWrite()) //nolint:errcheck,forcetypeassert // a TCP connection was dialled
			response, err := http.ReadResponse(bufio.NewReader(connection), nil)
			must(t, err)
			defer response.Body.Close()
			text, err := io.ReadAll(response.Body)
			must(t, err)
			var p api.Problem
			_ = json.Unmarshal(text, &p) // what was taken is no problem
			if response.StatusCode != c.status || p.Rule != c.rule {
				t.Errorf("%d %s, want %d %s", response.StatusCode, text, c.status, c.rule)
			}
		})
	}
}
