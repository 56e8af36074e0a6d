package answersheet_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"io"
	"regexp"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/xuri/excelize/v2"
	"pgregory.net/rapid"

	"github.com/fellesloft/fellesloft/internal/answersheet"
	"github.com/fellesloft/fellesloft/internal/domain/requirement"
)

// parts unpacks a file.
func parts(t interface{ Fatal(...any) }, file []byte) map[string]string {
	z, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for _, p := range z.File {
		r, err := p.Open()
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		all[p.Name] = string(b)
	}
	return all
}

// partWith names the sheet that has a text.
func partWith(t *testing.T, file []byte, text string) string {
	t.Helper()
	for name, content := range parts(t, file) {
		if strings.HasPrefix(name, "xl/worksheets/") && strings.Contains(content, text) {
			return name
		}
	}
	t.Fatalf("no sheet has %s", text)
	return ""
}

// replacePart changes one place of one part, and fails where there is none.
func replacePart(t *testing.T, file []byte, part, old, text string) []byte {
	t.Helper()
	all := parts(t, file)
	if !strings.Contains(all[part], old) {
		t.Fatalf("%s has no %s", part, old)
	}
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for name, content := range all {
		if name == part {
			content = strings.Replace(content, old, text, 1)
		}
		p, err := w.Create(name)
		must(t, err)
		_, err = io.WriteString(p, content)
		must(t, err)
	}
	must(t, w.Close())
	return out.Bytes()
}

var (
	storedFormula = regexp.MustCompile(`<f[^>]*>([^<]*)</f>`)
	ours          = regexp.MustCompile(`^(ROUND\([A-Z]+\d+\*[A-Z]+\d+,2\)|SUMIF\([A-Z]+\d+:[A-Z]+\d+,(&#34;|&quot;|")(Ja|Nei)(&#34;|&quot;|"),[A-Z]+\d+:[A-Z]+\d+\))$`)
)

// Whatever buyers and suppliers write, the only formulas in a file are the
// package's own sums.
func TestNoTextIsExecuted(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		set, o := drafts(t)
		workbook, err := answersheet.WriteWorkbook(set, o)
		if err != nil {
			t.Fatal(err)
		}
		for name, content := range parts(t, workbook) {
			if !strings.HasPrefix(name, "xl/worksheets/") {
				continue
			}
			for _, f := range storedFormula.FindAllStringSubmatch(content, -1) {
				if !ours.MatchString(f[1]) {
					t.Fatalf("%s has the formula %s", name, f[1])
				}
			}
		}
		matrix, err := answersheet.WriteMatrix(answersheet.Matrix{Set: set, Price: true, Columns: []answersheet.Column{{Supplier: "=cmd|' /C calc'!A0", Answers: unmarked(o.Draft)}}})
		if err != nil {
			t.Fatal(err)
		}
		for name, content := range parts(t, matrix) {
			if strings.HasPrefix(name, "xl/worksheets/") && storedFormula.MatchString(content) {
				t.Fatalf("%s of the matrix has a formula", name)
			}
		}
		for line := range strings.SplitSeq(string(answersheet.WriteCSV(set, o)), ";") {
			if line = strings.TrimPrefix(strings.TrimLeft(line, "\r\n"), `"`); line != "" && strings.ContainsRune("=+-@\t\r", rune(line[0])) {
				t.Fatalf("a field of the CSV file begins with %q", line[:1])
			}
		}
	})
}

func TestTheMatrix(t *testing.T) {
	t.Parallel()
	set := small()
	text, price := by(set, "1.4"), by(set, "1.6")
	m := answersheet.Matrix{Set: set, Columns: []answersheet.Column{
		{Supplier: "Nord AS", Answers: unmarked(requirement.Values{text.ID: json.RawMessage(`"=1+1"`), price.ID: json.RawMessage(`"1250.50"`)})},
		{Supplier: "Sør AS", Rejected: true, Answers: unmarked(requirement.Values{by(set, "P1").ID: json.RawMessage(`{"prices":[{"line":"1","unitPrice":"1.00"},{"line":"2","period":"År 1","unitPrice":"1.00"},{"line":"2","period":"År 2","unitPrice":"1.00"},{"line":"3","unitPrice":"1.00"}]}`)})},
	}}
	cells := func(m answersheet.Matrix) [][]string {
		b, err := answersheet.WriteMatrix(m)
		must(t, err)
		f, err := excelize.OpenReader(bytes.NewReader(b))
		must(t, err)
		defer f.Close()
		rows, err := f.GetRows("Svar", excelize.Options{RawCellValue: true})
		must(t, err)
		return rows
	}
	sealed := cells(m)
	if n := len(sealed) - 3; n != len(set.Requirements) {
		t.Fatalf("%d rows for %d requirements", n, len(set.Requirements))
	}
	if strings.Contains(strings.Join(sealed[8], " "), "1250") || sealed[8][6] != "Ikke åpnet" || sealed[13][7] != "Ikke åpnet" {
		t.Errorf("a price is shown before its opening: %q", sealed[8])
	}
	m.Columns = append(m.Columns, answersheet.Column{Supplier: "Vest AS", Answers: requirement.Answers{text.ID: {Value: json.RawMessage(`"x"`), Secret: &requirement.Secret{Reason: "Egen metode"}, Buyers: []uuid.UUID{{7}}}},
		Withheld: map[uuid.UUID]string{price.ID: "Unntatt"}})
	m.Buyers = map[uuid.UUID]string{{7}: "Bodø"}
	m.Price = true
	open := cells(m)
	if open[6][8] != "x\nForretningshemmelighet: Egen metode\nGjelder bare: Bodø" || open[8][8] != "Unntatt" {
		t.Errorf("marks: %q %q", open[6], open[8])
	}
	if open[2][6] != "Nord AS" || open[2][7] != "Sør AS (avvist)" || open[6][6] != "=1+1" || open[8][6] != "1250.5" || open[13][7] != "34" {
		t.Errorf("%q %q %q %q", open[2], open[6], open[8], open[13])
	}
}

// unmarked are answers without marks.
func unmarked(values requirement.Values) requirement.Answers {
	out := requirement.Answers{}
	for id, v := range values {
		out[id] = requirement.Answer{Value: v}
	}
	return out
}
