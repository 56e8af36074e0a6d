package api_test

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/api"
	"github.com/fellesloft/fellesloft/internal/domain/requirement"
)

func pdf(content string) []byte { return []byte("%PDF-1.7 " + content) }

func digestOf(b []byte) string {
	sum := sha256.Sum256(b)
	return "sha-256=:" + base64.StdEncoding.EncodeToString(sum[:]) + ":"
}

// attach adds files to a draft and takes one out again; it gives the ETag of the
// tender.
func (s *story) attach(i int, path string) string {
	s.t.Helper()
	content := pdf(fmt.Sprintf("vedlegg %d", i))
	files := path + "/attachments"
	header := map[string]string{"Content-Type": "application/pdf; x=y", "Content-Digest": digestOf(content)}
	put := call{As: author(i), Method: "PUT", Path: files + "/" + uuid.NewString() + "?name=vedlegg%20%C3%A6.pdf&part=price", Body: content, Headers: header}
	a := s.do(put)
	kept := as[api.Attachment](a)
	if kept.Name != "vedlegg æ.pdf" || kept.Part != "price" || kept.MediaType != "application/pdf" || kept.Size != int64(len(content)) || kept.Scan != "off" || a.Header.Get("ETag") != `"1"` {
		s.t.Errorf("attached: %+v", kept)
	}
	if again := as[api.Attachment](s.do(put)); again.Version != kept.Version || *again.SavedAt != *kept.SavedAt {
		s.t.Errorf("the same again is %+v", again)
	}
	marked := as[api.Attachment](s.do(call{As: author(i), Method: "PUT", Path: files + "/" + kept.ID.String() + "/secret", Body: api.AttachmentMark{Secret: &requirement.Secret{Reason: reason}}, Headers: map[string]string{"If-Match": `"1"`}}))
	if marked.Secret == nil || marked.Version != 2 || marked.Standing.Submitted {
		s.t.Errorf("marked: %+v", marked)
	}
	spare := files + "/" + uuid.NewString()
	as[api.Attachment](s.do(call{As: author(i), Method: "PUT", Path: spare + "?name=x.txt", Body: []byte("tekst"), Headers: map[string]string{"Content-Type": "text/html"}}))
	if list := as[api.OfTender[api.Attachment]](s.do(call{As: author(i), Method: "GET", Path: files})); len(list.Items) != 2 {
		s.t.Errorf("attached: %+v", list.Items)
	}
	s.do(call{As: author(i), Method: "DELETE", Path: spare, Headers: map[string]string{"If-Match": `"7"`}}).refused(http.StatusPreconditionFailed, "attachment.version", "")
	text := s.do(call{As: author(i), Method: "GET", Path: spare})
	if string(text.Body) != "tekst" || text.Header.Get("Content-Type") != "text/plain" || text.Header.Get("X-Content-Type-Options") != "nosniff" || !strings.HasPrefix(text.Header.Get("Content-Disposition"), "attachment;") {
		s.t.Errorf("a text comes as %v: %s", text.Header, text.Body)
	}
	as[struct{}](s.do(call{As: author(i), Method: "DELETE", Path: spare, Headers: map[string]string{"If-Match": `"1"`}}))
	return s.do(call{As: author(i), Method: "GET", Path: path}).Header.Get("ETag")
}

// readFiles reads the files of the opened tenders.
func (s *story) readFiles(subject string, tenders []api.OpenedTender) {
	s.t.Helper()
	for _, t := range tenders {
		files := s.path + "/tenders/" + t.ID.String() + "/attachments"
		for _, f := range as[api.Page[api.Attachment]](s.do(call{As: subject, Method: "GET", Path: files})).Items {
			if a := s.do(call{As: subject, Method: "GET", Path: files + "/" + f.ID.String()}); digestOf(a.Body) != digestOf(a.Body[:f.Size]) || !bytes.HasPrefix(a.Body, pdf("vedlegg")) || a.Header.Get("Content-Type") != "application/pdf" {
				s.t.Errorf("%s reads %q", f.Name, a.Body)
			}
		}
	}
}

// listen serves the API on a port, for what a request in memory does not show.
func (w *world) listen() string {
	w.t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(w.t, err)
	go func() { _ = w.api.Listen(listener) }()
	w.t.Cleanup(func() { _ = w.api.Web().ShutdownWithTimeout(time.Second) })
	return listener.Addr().String()
}

// raw sends requests over one connection and gives their statuses, as far as
// they are answered.
func (w *world) raw(address, requests string) (statuses []int) {
	w.t.Helper()
	connection, err := net.Dial("tcp", address)
	must(w.t, err)
	defer connection.Close()
	must(w.t, connection.SetDeadline(time.Now().Add(20*time.Second)))
	go func() {
		_, _ = io.WriteString(connection, requests)
	}()
	answers := bufio.NewReader(connection)
	for {
		response, err := http.ReadResponse(answers, nil)
		if err != nil {
			return statuses
		}
		_, _ = io.Copy(io.Discard, response.Body)
		response.Body.Close()
		statuses = append(statuses, response.StatusCode)
		if response.Close {
			return statuses
		}
	}
}

// What is left unread of a refused upload is never taken for a request, and what
// comes after one that was read is answered.
func TestABodyIsNeverTheNextRequest(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	address := w.listen()
	target := api.Base + "/tenders/" + uuid.NewString() + "/attachments/" + uuid.NewString() + "?name=x.pdf"
	head := func(method, target, more string) string {
		return method + " " + target + " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + w.token(author(0)) + "\r\nContent-Type: application/pdf\r\n" + more + "\r\n"
	}
	plain, _, _ := strings.Cut(target, "?")
	smuggled := strings.Repeat(head("GET", api.Base+"/me", ""), 2000)
	next := head("GET", api.Base+"/me", "Connection: close\r\n")
	for name, c := range map[string]struct {
		requests string
		want     []int
	}{
		"a small one that is refused":  {head("PUT", target, fmt.Sprintf("Content-Length: %d\r\n", len(next))) + next + next, []int{404, 200}},
		"a large one that is refused":  {head("PUT", target, fmt.Sprintf("Content-Length: %d\r\n", len(smuggled))) + smuggled + next, []int{404}},
		"chunks that are refused":      {head("PUT", target, "Transfer-Encoding: chunked\r\n") + fmt.Sprintf("%x\r\n%s\r\n0\r\n\r\n", len(next), next) + next, []int{404, 200}},
		"another operation":            {head("DELETE", plain, fmt.Sprintf("Content-Length: %d\r\n", len(next))) + next + next, []int{404, 200}},
		"too large for another":        {head("DELETE", plain, fmt.Sprintf("Content-Length: %d\r\n", 30<<20)) + smuggled, []int{413}},
		"chunks too large for another": {head("DELETE", plain, "Transfer-Encoding: chunked\r\n") + strings.Repeat(fmt.Sprintf("%x\r\n%s\r\n", len(smuggled), smuggled), 60), []int{413}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := w.raw(address, c.requests); fmt.Sprint(got) != fmt.Sprint(c.want) {
				t.Errorf("answered %v, want %v", got, c.want)
			}
		})
	}
}

// A large file goes through a connection in both directions, and one that breaks
// off leaves nothing.
func TestALargeFileOverTheNetwork(t *testing.T) {
	t.Parallel()
	s := begin(t)
	s.specify()
	s.mandates()
	s.publish()
	tender := as[api.Tender](s.do(call{As: author(0), Method: "POST", Path: s.path + "/interest"}))
	files := "http://" + s.listen() + api.Base + "/tenders/" + tender.ID.String() + "/attachments"
	content := append(pdf(""), bytes.Repeat([]byte("0123456789abcdef"), 2<<20)...)
	send := func(method, id string, body io.Reader, length int64) (*http.Response, error) {
		r, err := http.NewRequestWithContext(t.Context(), method, files+"/"+id+map[bool]string{true: "?name=x.pdf"}[body != nil], body)
		must(t, err)
		r.ContentLength = length
		r.Header.Set("Authorization", "Bearer "+s.token(author(0)))
		r.Header.Set("Content-Type", "application/pdf")
		return http.DefaultClient.Do(r)
	}
	id := uuid.NewString()
	response, err := send("PUT", id, bytes.NewReader(content), int64(len(content)))
	must(t, err)
	response.Body.Close()
	if response.StatusCode != http.StatusOK {
		t.Fatalf("uploaded: %d", response.StatusCode)
	}
	response, err = send("GET", id, nil, 0)
	must(t, err)
	got, err := io.ReadAll(response.Body)
	must(t, errors.Join(err, response.Body.Close()))
	if !bytes.Equal(got, content) || response.ContentLength != int64(len(content)) {
		t.Errorf("%d bytes came back of %d", len(got), len(content))
	}
	broken := io.MultiReader(bytes.NewReader(content[:1<<20]), failing{})
	if response, err := send("PUT", uuid.NewString(), broken, int64(len(content))); err == nil {
		response.Body.Close()
		t.Errorf("broken off: %d", response.StatusCode)
	}
	if list := as[api.OfTender[api.Attachment]](s.do(call{As: author(0), Method: "GET", Path: "/tenders/" + tender.ID.String() + "/attachments"})); len(list.Items) != 1 {
		t.Errorf("attached: %+v", list.Items)
	}
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, errors.New("broken off") }
