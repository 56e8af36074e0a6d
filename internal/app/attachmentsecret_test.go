package app_test

import (
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/db/dbtest"
	"github.com/fellesloft/fellesloft/internal/app"
	"github.com/fellesloft/fellesloft/internal/fault"
)

// Marked text in names and contents is found nowhere before the opening: not in
// any table, not in the object store, and no file is made beside it.
func TestFilesAreReadableNowhere(t *testing.T) {
	t.Parallel()
	f := newFiling(t)
	tender := f.interested()
	f.answerRest(tender)
	secret := "MERKET-" + uuid.NewString()
	content := pdf(secret + string(bytes.Repeat([]byte("x"), 200<<10)) + secret)
	name := func(of string) string { return of + " " + secret + ".pdf" }
	put := func(n app.NewAttachment) app.Attachment {
		n.Tender, n.Size, n.MediaType = tender, -1, "application/x-"+secret
		a, err := f.put(n)
		must(t, err)
		return a
	}
	_, err := f.put(app.NewAttachment{Tender: tender, Name: name("brutt"), Size: -1, Content: io.MultiReader(bytes.NewReader(content), brokenOff{})})
	if fault.RuleOf(err) != "attachment.interrupted" {
		t.Fatal(err)
	}
	if _, err := f.put(app.NewAttachment{Tender: tender, Name: name("feil"), Size: -1, SHA256: make([]byte, 32), Content: bytes.NewReader(content)}); err == nil || strings.Contains(err.Error(), secret) {
		t.Fatalf("the refusal: %v", err)
	}
	f.unreadable(secret, "a failing upload")
	kept := put(app.NewAttachment{Requirement: f.document, Name: name("svar"), Content: bytes.NewReader(content)})
	gone := put(app.NewAttachment{Name: name("bort"), Content: bytes.NewReader(content)})
	f.unreadable(secret, "a draft")
	must(t, f.serve.WithdrawAttachment(f.as(author(0)), tender, gone.ID, 0))
	f.submit(tender)
	f.unreadable(secret, "submitted")
	put(app.NewAttachment{ID: kept.ID, Requirement: f.document, Name: name("nytt"), Content: bytes.NewReader(append(content, '.'))})
	f.submit(tender)
	f.unreadable(secret, "replaced")
	_, err = f.serve.Withdraw(f.as(signatory(0)), tender, 0)
	must(t, err)
	f.unreadable(secret, "withdrawn")
	f.tender(1) // without any there is nothing to open
	f.open()
	f.unreadable(secret, "withdrawn, and the others opened")
}

// unreadable looks for a text in every table and every stored object.
func (f *filing) unreadable(secret, when string) {
	t := f.t
	t.Helper()
	super := f.db.Pool(dbtest.Super)
	rows, err := super.Query(t.Context(), `SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'public' AND c.relkind = 'r'`)
	must(t, err)
	var tables []string
	for rows.Next() {
		var name string
		must(t, rows.Scan(&name))
		tables = append(tables, name)
	}
	must(t, rows.Err())
	// A bytea is written in hexadecimal.
	inHex := fmt.Sprintf("%x", secret)
	for _, table := range tables {
		var n int
		must(t, super.QueryRow(t.Context(), `SELECT count(*) FROM `+table+` x WHERE x::text LIKE '%' || $1 || '%' OR x::text LIKE '%' || $2 || '%'`, secret, inHex).Scan(&n))
		if n > 0 {
			t.Errorf("%s: %d rows of %s can be read", when, n, table)
		}
	}
	must(t, filepath.WalkDir(filepath.Dir(f.folder), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		if bytes.Contains(content, []byte(secret)) || strings.Contains(path, secret) {
			t.Errorf("%s: %s can be read", when, filepath.Base(path))
		}
		return err
	}))
}
