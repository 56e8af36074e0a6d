package api_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/api"
	"github.com/fellesloft/fellesloft/db/dbtest"
	"github.com/fellesloft/fellesloft/internal/domain/calendar"
)

// reuse keeps answers of a supplier's own, and finds them offered for a tender.
func (s *story) reuse(tender uuid.UUID) {
	s.t.Helper()
	const secret = "Vi holder alt i Norge."
	entry := api.NewStoredAnswer{Origin: "felles/lagring", Title: "Hvor data lagres", Value: json.RawMessage(`"` + secret + `"`), Note: "Spør Drift først.", ReviewOn: calendar.DateOf(s.sandbox.Now).AddDays(30)}
	post := call{As: author(0), Method: "POST", Path: "/stored-answers", Body: entry, Headers: map[string]string{"Idempotency-Key": uuid.NewString()}}
	stored := as[api.StoredAnswer](s.do(post))
	if again := as[api.StoredAnswer](s.do(post)); again.ID != stored.ID || again.Title != "" || string(again.Value) != "null" {
		s.t.Errorf("repeated: %+v", again)
	}
	path := "/stored-answers/" + stored.ID.String()
	entry.Note = ""
	change := call{As: signatory(0), Method: "PUT", Path: path, Body: entry, Headers: map[string]string{"If-Match": `"1"`}}
	if replaced := as[api.StoredAnswer](s.do(change)); replaced.Version != 2 || replaced.Owner == stored.Owner {
		s.t.Errorf("replaced: %+v", replaced)
	}
	s.do(change).refused(http.StatusPreconditionFailed, "stored-answer.version", "")
	s.do(call{As: author(1), Method: "DELETE", Path: path, Headers: map[string]string{"If-Match": "*"}}).refused(http.StatusNotFound, "not-found", "")
	s.do(call{As: author(0), Method: "POST", Path: "/stored-answers", Body: map[string]any{"title": "x", "value": nil}}).refused(http.StatusUnprocessableEntity, "stored-answer.value", "value")
	own := as[api.Page[api.StoredAnswer]](s.do(call{As: author(0), Method: "GET", Path: "/stored-answers"}))
	if len(own.Items) != 1 || own.Items[0].Title != entry.Title || !bytes.Equal(own.Items[0].Value, entry.Value) || own.Items[0].ReviewOn != entry.ReviewOn {
		s.t.Errorf("the own library: %+v", own.Items)
	}
	var rows string
	must(s.t, s.db.Pool(dbtest.Super).QueryRow(s.t.Context(), `SELECT coalesce(string_agg(t::text, ''), '') FROM (SELECT a::text AS t FROM stored_answers a UNION ALL SELECT i::text FROM idempotency i UNION ALL SELECT a::text FROM audit a) x`).Scan(&rows))
	if strings.Contains(rows, secret) || strings.Contains(rows, entry.Title) {
		s.t.Error("what an entry says stands in the database")
	}
	// No requirement of this procurement comes from a library yet.
	if offered := as[api.Page[api.Suggestion]](s.do(call{As: author(0), Method: "GET", Path: "/tenders/" + tender.String() + "/suggestions"})); len(offered.Items) != 0 {
		s.t.Errorf("offered: %+v", offered.Items)
	}
	set := []byte(`jsonb_set(requirement_set, '{requirements,0,origin}', '"felles/lagring"')`)
	s.db.Exec(dbtest.Super, `UPDATE public_procurements SET requirement_set = `+string(set)+` WHERE id = $1`, s.id)
	offered := as[api.Page[api.Suggestion]](s.do(call{As: author(0), Method: "GET", Path: "/tenders/" + tender.String() + "/suggestions"}))
	if len(offered.Items) != 1 || offered.Items[0].Stored.ID != stored.ID || offered.Items[0].Due {
		s.t.Errorf("offered: %+v", offered.Items)
	}
	s.db.Exec(dbtest.Super, `UPDATE public_procurements SET requirement_set = requirement_set #- '{requirements,0,origin}' WHERE id = $1`, s.id)
	as[struct{}](s.do(call{As: author(0), Method: "DELETE", Path: path, Headers: map[string]string{"If-Match": `"2"`}}))
}
