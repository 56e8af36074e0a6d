package e2e

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/jackc/pgx/v5"
)

// finder looks for words in bytes of any kind: as they are and in every form in
// which a program that handles them could have let them slip. A word is random
// and of few letters and digits, so escaping for JSON, a URL, HTML, SQL or mail
// leaves it as it is.
type finder struct {
	forms []form
	// starts are the forms by their first two bytes, so that data is gone through
	// once, whatever the number of forms.
	starts [1 << 16][]int
}

type form struct {
	word, how string
	bytes     []byte
}

// newWord has no vowels: a compressor then finds no part of it in ordinary text
// and keeps it letter by letter.
func newWord() string {
	const letters, length = "bcdfghjkmnpqrstvwxz23456789", 20
	var b [length]byte
	_, _ = rand.Read(b[:]) // never fails
	for i := range b {
		b[i] = letters[int(b[i])%len(letters)]
	}
	return string(b[:])
}

func newFinder(words ...string) *finder {
	f := &finder{}
	for _, w := range words {
		f.text(w)
		f.add(w, form{how: "UTF-8", bytes: []byte(strings.ToUpper(w))})
		// PostgreSQL's own compression (pglz) writes what it cannot shorten as it is,
		// with a byte of flags before every eight: of a word of 20, eight in a row
		// are whole. lz4 writes such a run in one piece.
		const run = 8
		for i := range min(run, len(w)-run+1) {
			f.add(w, form{how: "compressed", bytes: []byte(w[i : i+run])})
		}
	}
	return f
}

// text adds what is written as it is, wherever texts are.
func (f *finder) text(w string) {
	for _, once := range encodings("", []byte(w)) {
		f.add(w, once)
		// A payload within a payload: bytes in JSON in a Temporal event, JSON in a
		// bytea in a log.
		for _, twice := range encodings(once.how+" in ", once.bytes)[1:] {
			f.add(w, twice)
		}
	}
}

// amount adds an amount of whole kroner, as digits and as the integer of øre that
// a column would hold.
func (f *finder) amount(digits string) {
	f.text(digits)
	kroner, err := strconv.ParseUint(digits, 10, 48)
	if err != nil {
		panic(err) // the tests' own
	}
	const ore = 100
	f.add(digits, form{how: "bigint", bytes: binary.LittleEndian.AppendUint64(nil, kroner*ore)})
	f.add(digits, form{how: "bigint", bytes: binary.BigEndian.AppendUint64(nil, kroner*ore)})
}

// encodings are the forms that text takes in protocols, logs and dumps; the
// first is the text itself.
func encodings(of string, text []byte) []form {
	all := []form{{how: of + "UTF-8", bytes: text}}
	var little, big []byte
	for _, unit := range utf16.Encode([]rune(string(text))) {
		little, big = binary.LittleEndian.AppendUint16(little, unit), binary.BigEndian.AppendUint16(big, unit)
	}
	if of == "" {
		all = append(all, form{how: "UTF-16LE", bytes: little}, form{how: "UTF-16BE", bytes: big})
	}
	// Base64 depends on where among three bytes the text begins. The letters that
	// hang on neighbours are left out. Both alphabets write such text alike.
	for before := range 3 {
		encoded := base64.StdEncoding.EncodeToString(append(make([]byte, before), text...))
		from, to := (before*8+5)/6, (before+len(text))*8/6
		all = append(all, form{how: of + "base64", bytes: []byte(encoded[from:to])})
	}
	inHex := hex.EncodeToString(text)
	return append(all, form{how: of + "hex", bytes: []byte(inHex)}, form{how: of + "hex", bytes: []byte(strings.ToUpper(inHex))})
}

func (f *finder) add(word string, e form) {
	e.word = word
	start := binary.BigEndian.Uint16(e.bytes)
	f.starts[start] = append(f.starts[start], len(f.forms))
	f.forms = append(f.forms, e)
}

// find tells the words that data holds, each with the first place and form.
func (f *finder) find(data []byte) map[string]string {
	var found map[string]string
	for i := 0; i+1 < len(data); i++ {
		for _, n := range f.starts[uint16(data[i])<<8|uint16(data[i+1])] {
			e := &f.forms[n]
			if len(data)-i < len(e.bytes) || string(data[i:i+len(e.bytes)]) != string(e.bytes) || found[e.word] != "" {
				continue
			}
			if found == nil {
				found = map[string]string{}
			}
			found[e.word] = fmt.Sprintf("in %s at %d: %q", e.how, i, data[max(0, i-60):min(len(data), i+len(e.bytes)+60)])
		}
	}
	return found
}

func TestAWordIsFoundInEveryForm(t *testing.T) {
	t.Parallel()
	word := newWord()
	f := newFinder(word)
	for how, data := range map[string]string{
		"UTF-8":         "a" + word + "b",
		"UTF-16LE":      strings.Join(strings.Split("a"+word, ""), "\x00"),
		"hex":           `\x00` + hex.EncodeToString([]byte(word)),
		"base64":        base64.RawURLEncoding.EncodeToString([]byte(`{"text":"` + word + `"}`)),
		"base64, later": base64.StdEncoding.EncodeToString([]byte(`{"text":"a` + word + `"}`)),
		"base64, last":  base64.StdEncoding.EncodeToString([]byte(`{"text":"aa` + word + `"}`)),
		"twice":         base64.StdEncoding.EncodeToString([]byte("xyz" + hex.EncodeToString([]byte(word)))),
		"in pieces":     word[:5] + "\x00" + word[5:13] + "\x00" + word[13:],
	} {
		if f.find([]byte(data))[word] == "" {
			t.Errorf("not found in %s: %q", how, data)
		}
	}
	if found := f.find([]byte(newWord() + hex.EncodeToString([]byte(newWord())))); found != nil {
		t.Errorf("found in what does not hold it: %v", found)
	}
}

// cleartext puts a word into a table and deletes it again, as a program would
// that hides by deleting: once short, and once in a text long enough to be
// compressed. With this the search shows that it can find.
func (s *stack) cleartext(word string) {
	s.t.Helper()
	long := strings.Repeat("ordinær tekst uten mening ", 150)
	s.exec(`CREATE TABLE cleartext (id int, short text, long text)`)
	for i, method := range []string{"pglz", "lz4"} {
		if _, err := s.super.Exec(s.t.Context(), `ALTER TABLE cleartext ALTER COLUMN long SET COMPRESSION `+method); err != nil {
			s.t.Logf("this server has no %s: %v", method, err)
			continue
		}
		s.exec(`INSERT INTO cleartext VALUES ($1, $2, $3)`, i, word, long+word+long)
	}
	s.exec(`DELETE FROM cleartext`)
}

// tables gives the rows of every table as text, as nobody in the program may
// read them.
func (s *stack) tables(visit func(name string, row []byte)) {
	s.t.Helper()
	rows, err := s.super.Query(s.t.Context(), `SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE c.relkind IN ('r', 'p', 'm') AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')`)
	must(s.t, err)
	type table struct{ Schema, Name string }
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[table])
	must(s.t, err)
	for _, t := range all {
		rows, err := s.super.Query(s.t.Context(), `SELECT x::text FROM `+pgx.Identifier{t.Schema, t.Name}.Sanitize()+` x`)
		must(s.t, err)
		for rows.Next() {
			visit(t.Name, rows.RawValues()[0])
		}
		must(s.t, rows.Err())
	}
}
