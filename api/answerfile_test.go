package api_test

import (
	"bytes"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/xuri/excelize/v2"

	"github.com/fellesloft/fellesloft/api"
	"github.com/fellesloft/fellesloft/db/dbtest"
	"github.com/fellesloft/fellesloft/internal/answersheet"
	"github.com/fellesloft/fellesloft/internal/domain/requirement"
)

const (
	workbookType = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	marked       = "MERKETEKST-4711" // planted where nothing may keep it
)

// answerFiles takes the answers of a draft out as files and back in.
func (s *story) answerFiles(subject, path string) {
	s.t.Helper()
	draft := as[api.Draft](s.do(call{As: subject, Method: "GET", Path: path + "/draft"}))
	file := path + "/draft/file"
	workbook := s.do(call{As: subject, Method: "GET", Path: file})
	if workbook.Status != http.StatusOK || workbook.Header.Get("Content-Type") != workbookType || !strings.HasPrefix(workbook.Header.Get("Content-Disposition"), "attachment;") {
		s.t.Fatalf("answer workbook: %d %v", workbook.Status, workbook.Header)
	}
	asWorkbook := map[string]string{"Content-Type": workbookType, "Accept-Language": "nn"}
	seen := as[api.AnswerReading](s.do(call{As: subject, Method: "POST", Path: file + "/preview", Body: workbook.Body, Headers: asWorkbook}))
	if len(seen.Answers) != len(draft.Answers) || seen.Version == 0 || slices.ContainsFunc(seen.Problems, func(p api.AnswerProblem) bool { return p.Outcome == answersheet.Refused }) {
		s.t.Errorf("the workbook holds %d of %d answers: %+v", len(seen.Answers), len(draft.Answers), seen.Problems)
	}
	for _, total := range seen.Totals {
		if total.InFile == nil || *total.InFile != total.Computed {
			s.t.Errorf("total: %+v", total)
		}
	}
	csv := s.do(call{As: subject, Method: "GET", Path: file + "?format=csv"})
	save := call{As: subject, Method: "POST", Path: file, Body: csv.Body, Headers: map[string]string{"Content-Type": "text/csv", "If-Match": "*", "Idempotency-Key": "the file"}}
	saved := as[api.SavedAnswers](s.do(save))
	if saved.Saved != len(draft.Answers) || saved.Summary == nil || len(saved.Summary.Answered) != len(draft.Summary.Answered) {
		s.t.Errorf("saved of %d: %+v", len(draft.Answers), saved)
	}
	again := s.do(save)
	if kept := as[api.SavedAnswers](again); again.Header.Get("Idempotency-Replayed") != "true" || kept.Saved != saved.Saved || kept.Summary != nil || kept.Problems != nil {
		s.t.Errorf("repeated: %s", again.Body)
	}
	if after := as[api.Draft](s.do(call{As: subject, Method: "GET", Path: path + "/draft"})); after.Tender.Version != saved.Tender.Version || len(after.Answers) != len(draft.Answers) {
		s.t.Errorf("the draft has %d answers in version %d", len(after.Answers), after.Tender.Version)
	}
	blank := s.do(call{As: subject, Method: "GET", Path: file + "?blank=true"})
	if seen := as[api.AnswerReading](s.do(call{As: subject, Method: "POST", Path: file + "/preview", Body: blank.Body, Headers: asWorkbook})); len(seen.Answers) != 0 {
		s.t.Errorf("a blank form holds %d answers", len(seen.Answers))
	}
}

// answerMatrix reads the matrix of opened answers.
func (s *story) answerMatrix(set requirement.Set, suppliers int) {
	s.t.Helper()
	a := s.do(call{As: "evaluerer-1.bodo", Method: "GET", Path: s.path + "/answer-matrix"})
	if a.Status != http.StatusOK || a.Header.Get("Content-Type") != workbookType {
		s.t.Fatalf("matrix: %d %s", a.Status, a.Body)
	}
	f, err := excelize.OpenReader(bytes.NewReader(a.Body))
	must(s.t, err)
	defer f.Close()
	rows, err := f.GetRows("Svar")
	must(s.t, err)
	if len(rows) != 3+len(set.Requirements) || len(rows[2]) != 6+suppliers {
		s.t.Errorf("the matrix is %d by %d: %q", len(rows), len(rows[2]), rows[2])
	}
}

// TestAnAnswerFileLeavesNoTrace plants a text in files that are previewed, saved
// and refused, and looks for it in every table and in the log.
func TestAnAnswerFileLeavesNoTrace(t *testing.T) {
	t.Parallel()
	s := begin(t)
	set := s.specify()
	s.mandates()
	s.publish()
	path := "/tenders/" + as[api.Tender](s.do(call{As: author(0), Method: "POST", Path: s.path + "/interest"})).ID.String()
	i := slices.IndexFunc(set.Requirements, func(r requirement.Requirement) bool { return r.AnswerType == requirement.Text })
	good := []byte(fmt.Sprintf("Krav-id;Svar\n%s;%s\n%s;%s\n", set.Requirements[i].ID, marked, marked, marked))
	csv := map[string]string{"Content-Type": "text/csv", "If-Match": "*"}
	seen := as[api.AnswerReading](s.do(call{As: author(0), Method: "POST", Path: path + "/draft/file/preview", Body: good, Headers: csv}))
	if text, _ := seen.Answers[set.Requirements[i].ID.String()].(string); text != marked {
		t.Fatalf("the preview does not hold the answer: %+v", seen)
	}
	j := slices.IndexFunc(seen.Problems, func(p api.AnswerProblem) bool { return p.Rule == "answersheet.number-missing" })
	if j < 0 || seen.Problems[j].Row != 3 || seen.Problems[j].Title != "Kravnummeret mangler" {
		t.Errorf("problems: %+v", seen.Problems)
	}
	for _, bad := range []string{marked + ";x\n" + marked, "PK" + marked} {
		for _, to := range []string{"/draft/file", "/draft/file/preview"} {
			if a := s.do(call{As: author(0), Method: "POST", Path: path + to, Body: []byte(bad), Headers: csv}); a.Status != http.StatusUnprocessableEntity || bytes.Contains(a.Body, []byte(marked)) {
				t.Errorf("%s: %d %s", to, a.Status, a.Body)
			}
		}
	}
	if saved := as[api.SavedAnswers](s.do(call{As: author(0), Method: "POST", Path: path + "/draft/file", Body: good, Headers: csv})); saved.Saved != 1 {
		t.Errorf("saved: %+v", saved)
	}
	if where := s.tablesWith(marked); len(where) > 0 {
		t.Errorf("the answer lies readable in %q", where)
	}
	stale := map[string]string{"Content-Type": "text/csv", "If-Match": `"999"`}
	s.do(call{As: author(0), Method: "POST", Path: path + "/draft/file", Body: good, Headers: stale}).refused(http.StatusPreconditionFailed, "case.version", "")
	s.do(call{As: author(1), Method: "POST", Path: path + "/draft/file/preview", Body: good, Headers: csv}).refused(http.StatusNotFound, "not-found", "")
	s.do(call{As: author(0), Method: "POST", Path: path + "/draft/file", Body: good, Headers: map[string]string{"Content-Type": "text/plain", "If-Match": "*"}}).refused(http.StatusUnsupportedMediaType, "request.media-type", "")
	s.do(call{As: lead, Method: "GET", Path: s.path + "/answer-matrix"}).refused(http.StatusConflict, "tenders.sealed", "")
}

// tablesWith names the tables that hold a text in any row, as text or as bytes.
func (s *story) tablesWith(text string) []string {
	s.t.Helper()
	super := s.db.Pool(dbtest.Super)
	rows, err := super.Query(s.t.Context(), `SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'`)
	must(s.t, err)
	tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
	must(s.t, err)
	var found []string
	for _, table := range tables {
		n := 0
		must(s.t, super.QueryRow(s.t.Context(), fmt.Sprintf(`SELECT count(*) FROM %s t WHERE strpos(t::text, $1) > 0 OR strpos(t::text, encode(convert_to($1, 'UTF8'), 'hex')) > 0`, pgx.Identifier{table}.Sanitize()), text).Scan(&n))
		if n > 0 {
			found = append(found, table)
		}
	}
	return found
}
