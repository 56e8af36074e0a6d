package web_test

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/db/dbtest"
	"github.com/fellesloft/fellesloft/internal/actor"
)

// TestPagesAreTheSameForEveryRole signs in with every role of every kind of
// organisation. The pages are about the signed-in alone: each shows their own
// organisation and no other, and another's organisation is refused like one that
// does not exist, byte for byte.
func TestPagesAreTheSameForEveryRole(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	// Here every role comes and goes; that the last administrator stays is tried
	// elsewhere.
	w.db.Exec(dbtest.Super, `ALTER TABLE memberships DISABLE TRIGGER USER`)
	var other string
	must(t, w.db.Pool(dbtest.Super).QueryRow(t.Context(), `SELECT id::text FROM organisations WHERE orgnr = '938801363'`).Scan(&other))
	for _, kind := range []string{"municipality", "county_municipality", "joint_body", "supplier", "association", "authority"} {
		for _, role := range actor.RolesOf(kind) {
			w.db.Exec(dbtest.Super, `UPDATE organisations SET kind = $1 WHERE orgnr = '964968519'`, kind)
			w.db.Exec(dbtest.Super, `UPDATE memberships SET roles = $1 WHERE identity_id = (SELECT id FROM identities WHERE subject = 'one')`, []string{string(role)})
			w.signIn.Forget(w.issuer, "one")
			b := w.signedIn("one")
			for _, page := range []string{"/", "/sign-in", "/organisation", "/account"} {
				a := b.get(page)
				if a.Status != http.StatusOK || strings.Contains(a.Body, "Ålesund") || strings.Contains(a.Body, other) {
					t.Errorf("%s of %s: %s answers %d, or shows another's organisation", role, kind, page, a.Status)
				}
			}
			var refused []answer
			for _, id := range []string{other, uuid.NewString()} {
				refused = append(refused, b.post("/organisation", url.Values{"token": {b.token("/organisation")}, "organisation": {id}}))
			}
			if !slices.ContainsFunc(refused, func(a answer) bool { return a.Status == http.StatusForbidden }) || !alike(refused[0], refused[1]) {
				t.Errorf("%s of %s: another's organisation answers %d %v, a missing one %d %v", role, kind, refused[0].Status, refused[0].Header, refused[1].Status, refused[1].Header)
			}
			if a := b.get("/invitation?code=" + strings.Repeat("A", 26)); a.Status != http.StatusNotFound {
				t.Errorf("%s of %s: a code that was never given answers %d", role, kind, a.Status)
			}
		}
	}
}

// alike compares two answers but for what names the request and the moment.
func alike(a, b answer) bool {
	for _, h := range []http.Header{a.Header, b.Header} {
		for _, own := range []string{"X-Request-Id", "Date"} {
			h.Del(own)
		}
	}
	return a.Status == b.Status && a.Body == b.Body && maps.EqualFunc(a.Header, b.Header, slices.Equal)
}
