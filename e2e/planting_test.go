package e2e

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/uuid"
	"github.com/xuri/excelize/v2"

	"github.com/fellesloft/fellesloft/api"
	"github.com/fellesloft/fellesloft/demo"
	"github.com/fellesloft/fellesloft/internal/domain/procurement"
	"github.com/fellesloft/fellesloft/internal/domain/requirement"
)

// declared is a declaration with a text in every field that takes one.
func declared(text string) *procurement.Declaration {
	return &procurement.Declaration{NoConvictions: true, TaxesPaid: true, NoInsolvency: true, NoMisconduct: true, NoConflict: true, EnvironmentLabour: true,
		Suitability: text, Economic: text, Technical: text, Subcontractors: []procurement.Subcontractor{{Name: text, Task: text, Share: 20}}, Confirmed: true}
}

// marked are a supplier's whole answers with a text wherever one can stand: short
// and long, in comments, in names of files; and a price, where one is given.
func (o *laidOpen) marked(x supplier, text, price string) map[string]json.RawMessage {
	o.t.Helper()
	all := map[string]json.RawMessage{}
	for id, v := range demo.Answers(x.answers, o.set) {
		all[id.String()] = v
	}
	var texts, comments, files, prices int
	for _, r := range o.set.Requirements {
		if _, asked := all[r.ID.String()]; !asked {
			continue
		}
		var v any
		switch r.AnswerType {
		case requirement.Text:
			texts++
			v = "Svar " + text + " på " + r.Number
			if texts == 1 && r.Limits.Characters == 0 {
				// Long enough to be compressed and stored apart, if it lay in clear.
				v = strings.Repeat("Vi svarer. ", 180) + text
			}
		case requirement.Document:
			files++
			v = []requirement.File{{Name: text + ".pdf"}}
		case requirement.Choice:
			i := slices.IndexFunc(r.Options, func(o requirement.Option) bool { return o.WantsComment })
			if i < 0 || len(r.PassIf) > 0 && !slices.Contains(r.PassIf, r.Options[i].Label) {
				continue
			}
			comments++
			v = requirement.Chosen{Option: r.Options[i].Label, Comment: "Merknad " + text}
			if r.Options[i].WantsDate {
				v = requirement.Chosen{Option: r.Options[i].Label, Date: "2027-06-01", Comment: "Merknad " + text}
			}
		case requirement.PriceSchedule:
			prices++
			var s requirement.Schedule
			must(o.t, json.Unmarshal(all[r.ID.String()], &s))
			if price == "" {
				continue
			}
			must(o.t, json.Unmarshal([]byte(`"`+price+`.00"`), &s.Prices[0].UnitPrice))
			v = s
		default:
			continue
		}
		encoded, err := json.Marshal(v)
		must(o.t, err)
		all[r.ID.String()] = encoded
	}
	if texts == 0 || comments == 0 || files == 0 || prices == 0 {
		o.t.Fatalf("planted in %d texts, %d comments, %d names of files and %d prices", texts, comments, files, prices)
	}
	return all
}

// secretRows are answers marked as business secrets, for a reason with the text.
func secretRows(seen api.Draft, values map[string]json.RawMessage, text string) []api.AnswerRow {
	versions := map[string]int64{}
	for _, a := range seen.Answers {
		versions[a.Requirement.String()] = a.Version
	}
	var rows []api.AnswerRow
	for id, v := range values {
		rows = append(rows, api.AnswerRow{Requirement: id, Version: versions[id], Value: v, Marks: api.Marks{Secret: &requirement.Secret{Reason: "Fordi " + text}}})
	}
	return rows
}

// plant saves a complete draft of marked answers, with a file as an annex.
func (o *laidOpen) plant(x supplier, text, price string) (tender, annex uuid.UUID) {
	o.t.Helper()
	by := o.as(x.author)
	var begun api.Tender
	by.post(o.path("/interest"), nil, &begun)
	var seen api.Draft
	by.get("/tenders/"+begun.ID.String()+"/draft", &seen)
	var d api.AnswersSaved
	by.ask(http.MethodPost, "/tenders/"+begun.ID.String()+"/answers", "*", api.Answers{Answers: secretRows(seen, o.marked(x, text, price), text),
		Declaration: declared(text), DeclarationVersion: seen.DeclarationVersion}, &d)
	if len(d.Problems) > 0 || !d.Summary.Complete() {
		o.t.Fatalf("%s: %+v %+v", x.name, d.Problems, d.Summary.Problems)
	}
	content := []byte("%PDF-1.7 " + text + strings.Repeat(" innhold", 30_000) + text)
	annex = uuid.New()
	by.attach(begun.ID, annex, text+".pdf", "application/pdf", content)
	// What was planted is there: the supplier reads it.
	read := by.try(http.MethodGet, "/tenders/"+begun.ID.String()+"/draft", "", nil)
	if n := bytes.Count(read.body, []byte(text)); n < 5 {
		o.t.Fatalf("the supplier reads what was planted %d times", n)
	}
	return begun.ID, annex
}

func (o *laidOpen) submit(x supplier, tender uuid.UUID) {
	o.t.Helper()
	o.as(x.signatory).post("/tenders/"+tender.String()+"/submissions", api.Submission{Lots: o.lots()}, nil)
}

// withdraw submits a planted tender, and gives it to be withdrawn.
func (o *laidOpen) withdraw(x supplier, text string) string {
	o.t.Helper()
	tender, _ := o.plant(x, text, "")
	o.submit(x, tender)
	return tender.String()
}

// attach sends a file.
func (u user) attach(tender, id uuid.UUID, name, mediaType string, content []byte) {
	u.s.t.Helper()
	a, err := u.send(u.s.t.Context(), http.MethodPut, "/tenders/"+tender.String()+"/attachments/"+id.String()+"?name="+url.QueryEscape(name), "", "", mediaType, content)
	must(u.s.t, err)
	if a.status != http.StatusOK {
		u.s.t.Fatalf("attach: %s", a)
	}
}

// plantLibrary keeps marked answers in the supplier's own library, and replaces
// and deletes some.
func (o *laidOpen) plantLibrary(x supplier, text string) {
	o.t.Helper()
	by := o.as(x.author)
	entry := api.NewStoredAnswer{Title: "Tittel " + text, Value: json.RawMessage(`"Svar ` + text + `"`), Note: "Merknad " + text}
	for _, end := range []string{http.MethodGet, http.MethodPut, http.MethodDelete} {
		var kept api.StoredAnswer
		by.post("/stored-answers", entry, &kept)
		switch at := "/stored-answers/" + kept.ID.String(); end {
		case http.MethodPut:
			by.put(at, entry, nil)
		case http.MethodDelete:
			by.ask(end, at, "*", nil, nil)
		}
	}
}

// plantFiles has a file taken out and another broken off, and sends the answer
// form as a workbook and as CSV, first to be looked at.
func (o *laidOpen) plantFiles(x supplier, tender uuid.UUID, text string) {
	o.t.Helper()
	by := o.as(x.author)
	gone := uuid.New()
	by.attach(tender, gone, "bort "+text+".txt", "text/plain", []byte("Tas ut igjen: "+text))
	by.ask(http.MethodDelete, "/tenders/"+tender.String()+"/attachments/"+gone.String(), "", nil, nil)
	by.breakOff(tender, text)
	file := "/tenders/" + tender.String() + "/draft/file"
	form := by.try(http.MethodGet, file, "", nil)
	csv := by.try(http.MethodGet, file+"?format=csv", "", nil)
	if !bytes.Contains(csv.body, []byte(text)) {
		o.t.Fatal("the form does not hold what was planted")
	}
	for _, sent := range []struct {
		mediaType string
		content   []byte
	}{
		{"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", unpacked(o.t, form.body, text)},
		{"text/csv", csv.body},
		{"text/csv", []byte("Krav-id;Svar\n" + text + ";" + text + "\n")},
	} {
		for _, to := range []string{"/preview", ""} {
			key := ""
			if to == "" {
				key = uuid.NewString()
			}
			a, err := by.send(o.t.Context(), http.MethodPost, file+to, key, "*", sent.mediaType, sent.content)
			must(o.t, err)
			if a.status != http.StatusOK {
				o.t.Fatalf("a file of answers: %s", a)
			}
		}
	}
}

// breakOff sends the beginning of a file and hangs up.
func (u user) breakOff(tender uuid.UUID, text string) {
	u.s.t.Helper()
	token, err := u.s.token(u.subject)
	must(u.s.t, err)
	body := io.MultiReader(strings.NewReader("%PDF-1.7 "+strings.Repeat(text+" ", 20_000)), iotest.ErrReader(errors.New("hung up")))
	request, err := http.NewRequestWithContext(u.s.t.Context(), http.MethodPut, u.s.base+"/tenders/"+tender.String()+"/attachments/"+uuid.NewString()+"?name="+text+".pdf", body)
	must(u.s.t, err)
	request.Header.Set("Authorization", "Bearer "+token)
	request.Header.Set("Content-Type", "application/pdf")
	if response, err := http.DefaultClient.Do(request); err == nil {
		response.Body.Close()
		u.s.t.Fatalf("a file that was broken off was answered %d", response.StatusCode)
	}
}

// unpacked is a workbook whose parts are not compressed, so that a copy of it
// anywhere is found. It has a text in a sheet of its own, too.
func unpacked(t *testing.T, workbook []byte, text string) []byte {
	t.Helper()
	f, err := excelize.OpenReader(bytes.NewReader(workbook))
	must(t, err)
	defer f.Close()
	_, err = f.NewSheet("Egne notater")
	must(t, err)
	must(t, f.SetCellStr("Egne notater", "A1", text))
	var packed, out bytes.Buffer
	must(t, f.Write(&packed))
	in, err := zip.NewReader(bytes.NewReader(packed.Bytes()), int64(packed.Len()))
	must(t, err)
	z := zip.NewWriter(&out)
	for _, part := range in.File {
		from, err := part.Open()
		must(t, err)
		to, err := z.CreateHeader(&zip.FileHeader{Name: part.Name, Method: zip.Store})
		must(t, err)
		_, err = io.Copy(to, from)
		must(t, err)
	}
	must(t, z.Close())
	if !bytes.Contains(out.Bytes(), []byte(text)) {
		t.Fatal("the workbook does not hold the text in clear")
	}
	return out.Bytes()
}

// plantFailing sends what is refused, each time with the text in it.
func (o *laidOpen) plantFailing(x supplier, tender uuid.UUID, text string) {
	o.t.Helper()
	by, at := o.as(x.author), "/tenders/"+tender.String()
	known := o.set.Requirements[0].ID
	quoted := `"` + text + `"`
	large := strings.Repeat(text+" ", 24<<20/(len(text)+1))
	refused := func(method, path, mediaType, body string, statuses ...int) {
		o.t.Helper()
		key := ""
		if method == http.MethodPost {
			key = uuid.NewString()
		}
		a, err := by.send(o.t.Context(), method, path, key, "*", mediaType, []byte(body))
		if err != nil {
			if len(body) > 1<<20 {
				return // the server hangs up on what is too large
			}
			o.t.Fatal(err)
		}
		if !slices.Contains(statuses, a.status) {
			o.t.Errorf("%s %.80s with %.60q was answered %s", method, path, body, a)
		}
	}
	const asJSON = "application/json"
	row := func(requirement, value string) string {
		return `{"answers":[{"requirement":"` + requirement + `","value":` + value + `}]}`
	}
	for _, body := range []string{
		row(known.String(), quoted)[:80],
		`{"answers":[{"requirement":` + quoted + `,"version":` + quoted + `}]}`,
		`{"answers":[{` + quoted + `:true}]}`,
		`{` + quoted + `:{}}`,
		`{"declaration":{"suitability":{"text":` + quoted + `}}}`,
		`{"declaration":{` + quoted + `:true}}`,
		`[` + quoted + `]`,
		"\xff\xfe" + text,
	} {
		refused(http.MethodPost, at+"/answers", asJSON, body, http.StatusUnprocessableEntity, http.StatusBadRequest)
	}
	refused(http.MethodPost, at+"/answers", asJSON, row(known.String(), `"`+large+`"`), http.StatusRequestEntityTooLarge)
	refused(http.MethodPost, at+"/answers", "text/"+text, quoted, http.StatusUnsupportedMediaType)
	refused(http.MethodPost, "/tenders/"+uuid.NewString()+"/answers", asJSON, row(known.String(), quoted), http.StatusNotFound)
	// Rows that are not stored are told of without what they say.
	for _, body := range []string{
		row(text, quoted), row(uuid.NewString(), quoted),
		`{"answers":[{"requirement":"` + known.String() + `","value":true,"secret":{"reason":"` + strings.Repeat(text, 100) + `"}}]}`,
		`{"answers":[{"requirement":"` + known.String() + `","version":999999,"value":` + quoted + `}]}`,
	} {
		refused(http.MethodPost, at+"/answers", asJSON, body, http.StatusOK)
	}
	refused(http.MethodPost, at+"/draft/file", "text/csv", large, http.StatusRequestEntityTooLarge)
	refused(http.MethodPost, at+"/draft/file", "text/csv", "PK"+text, http.StatusUnprocessableEntity)
	refused(http.MethodPost, at+"/draft/file/preview", "text/csv", text+";x\n"+text, http.StatusUnprocessableEntity)
	refused(http.MethodPost, "/stored-answers", asJSON, `{"title":`+quoted+`}`, http.StatusUnprocessableEntity)
	refused(http.MethodPost, "/stored-answers", asJSON, `{"title":`+quoted+`,"value":`, http.StatusUnprocessableEntity, http.StatusBadRequest)
	refused(http.MethodPut, at+"/attachments/"+uuid.NewString()+"?name="+strings.Repeat(text, 20), "application/pdf", text, http.StatusUnprocessableEntity)
	refused(http.MethodPut, at+"/attachments/"+uuid.NewString()+"?name="+text+".exe", "application/x-"+text, "MZ"+text, http.StatusUnprocessableEntity)
	// A value of a wrong type is kept, as ciphertext, and told of.
	answered := func(value string) api.AnswersSaved {
		var seen api.Draft
		by.get(at+"/draft", &seen)
		id := o.boolean()
		i := slices.IndexFunc(seen.Answers, func(a api.DraftAnswer) bool { return a.Requirement == id })
		var d api.AnswersSaved
		by.post(at+"/answers", api.Answers{Answers: []api.AnswerRow{{Requirement: id.String(), Version: seen.Answers[i].Version, Value: json.RawMessage(value)}}}, &d)
		return d
	}
	if d := answered(quoted); len(d.Summary.Invalid) != 1 {
		o.t.Errorf("a text as the answer to a yes or no: %+v", d)
	}
	answered("true")
}

// boolean is a requirement that is answered with yes or no.
func (o *laidOpen) boolean() uuid.UUID {
	i := slices.IndexFunc(o.set.Requirements, func(r requirement.Requirement) bool { return r.AnswerType == requirement.Boolean })
	return o.set.Requirements[i].ID
}

// plantLate sends after the deadline.
func (o *laidOpen) plantLate(x supplier, tender uuid.UUID, text string) {
	o.t.Helper()
	by, at := o.as(x.author), "/tenders/"+tender.String()
	for _, sent := range []struct{ method, path, mediaType, body string }{
		{http.MethodPost, at + "/answers", "application/json", fmt.Sprintf(`{"answers":[{"requirement":%q,"value":%q}]}`, o.set.Requirements[0].ID, text)},
		{http.MethodPost, at + "/draft/file", "text/csv", fmt.Sprintf("Krav-id;Svar\n%s;%s\n", o.set.Requirements[0].ID, text)},
		{http.MethodPut, at + "/attachments/" + uuid.NewString() + "?name=" + text + ".pdf", "application/pdf", "%PDF-1.7 " + text},
	} {
		a, err := by.send(o.t.Context(), sent.method, sent.path, uuid.NewString(), "*", sent.mediaType, []byte(sent.body))
		must(o.t, err)
		if a.status != http.StatusConflict {
			o.t.Errorf("%s %s after the deadline: %s", sent.method, sent.path, a)
		}
	}
}
