package api_test

import (
	"net/http"
	"strings"

	"github.com/fellesloft/fellesloft/internal/app"
	"github.com/fellesloft/fellesloft/internal/domain/requirement"
	"github.com/fellesloft/fellesloft/internal/ooxml"
	"github.com/fellesloft/fellesloft/internal/seed"
)

// specifications downloads the published set as both kinds of file, as those who
// may, and reads each back by the preview.
func (s *story) specifications(set requirement.Set) {
	s.t.Helper()
	for format, mediaType := range map[string]string{"xlsx": ooxml.SpreadsheetType, "docx": ooxml.DocumentType} {
		for _, file := range [][]byte{s.download(s.path, lead, format), s.download(s.path, giver(seed.Participants()[1]), format), s.download("/public"+s.path, "", format)} {
			again := as[app.Preview](s.do(call{As: lead, Method: "POST", Path: s.path + "/requirements/preview", Body: file, Headers: map[string]string{"Content-Type": mediaType}}))
			// All but the title above a sheet's header is understood.
			if len(again.Set.Requirements) != len(set.Requirements) || len(again.LeftOut) > 1 || len(again.Tables) == 0 {
				s.t.Errorf("%s: %d requirements of %d, left out %v", format, len(again.Set.Requirements), len(set.Requirements), again.LeftOut)
			}
		}
	}
	s.do(call{As: lead, Method: "GET", Path: s.path + "/specification?format=pdf"}).refused(http.StatusUnprocessableEntity, "input.one-of", "format")
	s.do(call{As: author(0), Method: "GET", Path: s.path + "/specification"}).refused(http.StatusNotFound, "not-found", "")
	s.chosen()
}

// download gets a procurement's specification as a file.
func (s *story) download(path, subject, format string) []byte {
	s.t.Helper()
	got := s.do(call{As: subject, Method: "GET", Path: path + "/specification?format=" + format})
	want := map[string]string{"xlsx": ooxml.SpreadsheetType, "docx": ooxml.DocumentType}[format]
	if got.Status != http.StatusOK || got.Header.Get("Content-Type") != want || !strings.Contains(got.Header.Get("Content-Disposition"), "kravspesifikasjon."+format) {
		s.t.Fatalf("%s as %q: %d %s", path, subject, got.Status, got.Header.Get("Content-Type"))
	}
	return got.Body
}

// chosen says by hand what the columns hold.
func (s *story) chosen() {
	s.t.Helper()
	file := s.do(call{As: lead, Method: "GET", Path: s.path + "/specification?format=xlsx"}).Body
	preview := func(query string) answer {
		return s.do(call{As: lead, Method: "POST", Path: s.path + "/requirements/preview?" + query, Body: file, Headers: map[string]string{"Content-Type": ooxml.SpreadsheetType}})
	}
	got := as[app.Preview](preview("table=Kravspesifikasjon&headerRow=3&columns=D:help,E:text&kinds=Q:option"))
	if got.Tables[0].HeaderRow != 3 || got.Tables[0].Columns[3].Field != "help" || len(got.Set.KindCodes) == 0 || got.Set.KindCodes[0].Kind != requirement.OptionKind {
		s.t.Errorf("chosen: %+v, %+v", got.Tables, got.Set.KindCodes)
	}
	preview("table=Finnes-ikke").refused(http.StatusUnprocessableEntity, "specification.table-unknown", "table[0]")
	preview("columns=D:nothing").refused(http.StatusUnprocessableEntity, "specification.choice-malformed", "columns")
	preview("kinds=M").refused(http.StatusUnprocessableEntity, "specification.choice-malformed", "kinds")
	preview("headerRow=9999").refused(http.StatusUnprocessableEntity, "specification.header-row-unknown", "headerRow")
}
