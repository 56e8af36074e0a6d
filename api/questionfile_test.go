package api_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"html"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/xuri/excelize/v2"

	"github.com/fellesloft/fellesloft/api"
	"github.com/fellesloft/fellesloft/demo"
)

// fill writes texts into the first sheet of a workbook.
func fill(t *testing.T, file []byte, cells map[string]string) []byte {
	t.Helper()
	f, err := excelize.OpenReader(bytes.NewReader(file))
	must(t, err)
	for at, text := range cells {
		must(t, f.SetCellStr(f.GetSheetName(0), at, text))
	}
	var b bytes.Buffer
	must(t, f.Write(&b))
	return b.Bytes()
}

var asWorkbook = map[string]string{"Content-Type": workbook}

// askByFile has a supplier ask by workbook and the lead buyer answer by one, and
// reads every edition of the questions and answers.
func (s *story) askByFile() {
	s.t.Helper()
	pub := s.public()
	number := pub.Requirements.Requirements[2].Number
	form := s.do(call{Method: "GET", Path: "/public" + s.path + "/question-form"})
	asked := fill(s.t, form.Body, map[string]string{"A4": number, "B4": "Vi i " + demo.Suppliers()[2].Name + " spør: gjelder kravet alle?", "B5": "Er det opsjon på drift?", "A6": "finnes ikke", "B6": "Hva med dette?"})
	preview := call{As: author(2), Method: "POST", Path: s.path + "/questions/file/preview", Body: asked, Headers: asWorkbook}
	if r := as[api.QuestionReading](s.do(preview)); len(r.Questions) != 2 || len(r.Problems) != 1 || r.Problems[0].Row != 6 || r.Problems[0].Column != "A" || r.Problems[0].Title == "" {
		s.t.Errorf("previewed: %+v", r)
	}
	saved := as[api.AskedFromFile](s.do(call{As: author(2), Method: "POST", Path: s.path + "/questions/file", Body: asked, Headers: asWorkbook}))
	if len(saved.Questions) != 2 || len(saved.Problems) != 1 || len(saved.Questions[0].Requirements) != 1 {
		s.t.Errorf("asked: %+v", saved)
	}
	if again := as[api.QuestionReading](s.do(preview)); len(again.Questions) != 0 || len(again.Problems) != 3 {
		s.t.Errorf("asked once more: %+v", again)
	}

	waiting := s.do(call{As: lead, Method: "GET", Path: s.path + "/questions/file"})
	s.untold("the workbook to answer in", unpacked(s.t, waiting.Body), s.askers())
	row := s.rowOf(waiting.Body, saved.Questions[0].ID)
	replies := fill(s.t, waiting.Body, map[string]string{fmt.Sprint("H", row): "Gjelder kravet alle kommunene?", fmt.Sprint("I", row): "Ja, alle.", fmt.Sprint("G", s.rowOf(waiting.Body, saved.Questions[1].ID)): "1"})
	if r := as[api.ReplyReading](s.do(call{As: lead, Method: "POST", Path: s.path + "/clarifications/file/preview", Body: replies, Headers: asWorkbook})); len(r.Replies) != 1 || len(r.Problems) != 1 {
		s.t.Errorf("previewed: %+v", r)
	}
	publish := call{As: lead, Method: "POST", Path: s.path + "/clarifications/file", Body: replies, Headers: asWorkbook}
	s.do(publish).refused(http.StatusUnprocessableEntity, "questionsheet.problems", "")
	publish.Path += "?goodOnly=true"
	p := as[api.PublishedReplies](s.do(publish))
	if len(p.Clarifications) != 1 || p.Clarifications[0].Question != "Gjelder kravet alle kommunene?" || len(p.Problems) != 1 {
		s.t.Errorf("published: %+v", p)
	}
	s.editions(p.Clarifications[0].Edition)
}

func (s *story) rowOf(file []byte, question uuid.UUID) int {
	s.t.Helper()
	f, err := excelize.OpenReader(bytes.NewReader(file))
	must(s.t, err)
	rows, err := f.GetRows(f.GetSheetName(0))
	must(s.t, err)
	for i, r := range rows {
		if len(r) > 0 && r[0] == question.String() {
			return i + 1
		}
	}
	s.t.Fatalf("question %s is not in the workbook", question)
	return 0
}

// editions reads the newest edition and an earlier one, which tell nothing of
// who asked, nor of what was asked in other words.
func (s *story) editions(newest int) {
	s.t.Helper()
	path := "/public" + s.path + "/questions-and-answers"
	originals := s.do(call{As: lead, Method: "GET", Path: s.path + "/questions"})
	if s.public().Edition != newest {
		s.t.Errorf("the newest edition is %d, want %d", s.public().Edition, newest)
	}
	secret := s.askers()
	for i := range 3 {
		secret = append(secret, demo.Suppliers()[i].Name)
	}
	for _, q := range as[api.Questions](originals).Items {
		secret = append(secret, q.ID.String())
		if !strings.HasPrefix(q.Text, "Må gamle sensorer virke?") && q.Clarification != nil {
			secret = append(secret, q.Text)
		}
	}
	for _, query := range []string{"", "?format=docx", fmt.Sprint("?edition=", newest-1)} {
		a := s.do(call{Method: "GET", Path: path + query})
		if !strings.Contains(a.Header.Get("Content-Disposition"), "sporsmal-og-svar-") {
			s.t.Errorf("%s: %d %s", query, a.Status, a.Header)
		}
		text := unpacked(s.t, a.Body)
		if strings.Contains(text, "alle kommunene?") == strings.Contains(query, "edition") {
			s.t.Errorf("%s: the newest answer is in the wrong edition", query)
		}
		s.untold(query, text, secret)
	}
	s.do(call{Method: "GET", Path: path + fmt.Sprint("?edition=", newest+1)}).refused(http.StatusNotFound, "not-found", "")
}

// askers are what identifies those who have asked.
func (s *story) askers() []string {
	s.t.Helper()
	var out []string
	for i := range 3 {
		me := as[api.Me](s.do(call{As: author(i), Method: "GET", Path: "/me"}))
		out = append(out, me.Identity.String(), me.Organisation.String(), s.interest(i).String(), me.Name)
	}
	return out
}

func (s *story) untold(where, text string, secrets []string) {
	s.t.Helper()
	for _, secret := range secrets {
		if secret != "" && strings.Contains(text, secret) {
			s.t.Errorf("%s tells %q", where, secret)
		}
	}
}

// unpacked joins the parts of an Office file, with entities read.
func unpacked(t *testing.T, file []byte) string {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	must(t, err)
	var b strings.Builder
	for _, part := range z.File {
		r, err := part.Open()
		must(t, err)
		text, err := io.ReadAll(r)
		must(t, err)
		b.WriteString(html.UnescapeString(string(text)))
	}
	return b.String()
}
