package e2e

import (
	"bytes"
	"encoding/json"
	"net/http"
	"testing"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/api"
	"github.com/fellesloft/fellesloft/demo"
	"github.com/fellesloft/fellesloft/internal/app"
	"github.com/fellesloft/fellesloft/internal/domain/procurement"
)

// A file that was taken is there after a crash, is not taken twice when it is sent
// again, and is handed in; one that a crash cut off is not there.
func TestACrashBetweenUploadAndSubmission(t *testing.T) {
	t.Parallel()
	s := newStory(newStack(t))
	s.toTendering()
	x := s.suppliers[0]
	tender, by := s.draft(x), s.as(x.author)
	content, file, cut := []byte("%PDF-1.7 "+string(bytes.Repeat([]byte("innhold "), 40_000))), uuid.New(), uuid.New()
	by.attach(tender.ID, file, "vedlegg.pdf", "application/pdf", content)
	s.serveDies()

	// The crash comes when the whole content is stored and the row is not.
	release := s.hold(`LOCK TABLE draft_files IN SHARE MODE`)
	lost := make(chan error, 1)
	go func() {
		_, err := by.send(t.Context(), http.MethodPut, "/tenders/"+tender.ID.String()+"/attachments/"+cut.String()+"?name=kuttet.pdf", "", "", "application/pdf", content)
		lost <- err
	}()
	s.awaitLocked(asServe)
	s.cutDown(release)
	if err := <-lost; err == nil {
		t.Error("an upload was answered before the API was killed")
	}
	s.serve.start()

	by.attach(tender.ID, file, "vedlegg.pdf", "application/pdf", content)
	var files api.Page[api.Attachment]
	by.get("/tenders/"+tender.ID.String()+"/attachments", &files)
	if len(files.Items) != 1 || files.Items[0].ID != file || files.Items[0].Version != 1 {
		t.Fatalf("after the crashes there are %+v", files.Items)
	}
	s.as(x.signatory).post("/tenders/"+tender.ID.String()+"/submissions", api.Submission{Lots: s.lots()}, nil)
	s.serveDies()
	if a := by.try(http.MethodGet, "/tenders/"+tender.ID.String()+"/attachments/"+file.String(), "", nil); !bytes.Equal(a.body, content) {
		t.Errorf("%d bytes were handed in of %d", len(a.body), len(content))
	}
}

// A bulk save that is cut off in the middle leaves nothing, and its repetition
// saves everything once; repeated again it is answered the same.
func TestABulkSaveIsWholeOrNot(t *testing.T) {
	t.Parallel()
	s := newStory(newStack(t))
	s.toTendering()
	x := s.suppliers[0]
	var begun api.Tender
	s.as(x.author).post(s.path("/interest"), nil, &begun)
	var in api.Answers
	for id, v := range demo.Answers(x.answers, s.set) {
		in.Answers = append(in.Answers, api.AnswerRow{Requirement: id.String(), Value: v})
	}
	save := keyed{s.as(x.author), "/tenders/" + begun.ID.String() + "/answers", "saveAnswers", in, uuid.NewString()}
	s.cutOff(save, `LOCK TABLE draft_summaries IN SHARE MODE`, func() { s.awaitLocked(asServe) })
	if n := value[int](s.stack, `SELECT count(*) FROM draft_answers WHERE tender_id = $1`, begun.ID); n != 0 {
		t.Errorf("%d answers are left of a save that was cut off", n)
	}
	saved := func() (out api.AnswersSaved) {
		t.Helper()
		a := save.send(t)
		if a.status != http.StatusOK || json.Unmarshal(a.body, &out) != nil || len(out.Saved) != len(in.Answers) {
			t.Fatalf("%d answers: %s", len(in.Answers), a)
		}
		return out
	}
	first := saved()
	s.serveDies()
	if again := saved(); again.Tender.Version != first.Tender.Version || again.Saved[0] != first.Saved[0] {
		t.Errorf("repeated: version %d, %+v; first %d, %+v", again.Tender.Version, again.Saved[0], first.Tender.Version, first.Saved[0])
	}
	if n := value[int](s.stack, `SELECT count(*) FROM audit WHERE action = 'tender.draft-saved' AND object_id = $1`, begun.ID); n != 1 {
		t.Errorf("one save was recorded %d times", n)
	}
}

// An opening whose worker is killed between two tenders is taken up again: what
// was opened is not opened twice, and the end is what suppliers sent.
func TestAnOpeningIsTakenUpAgain(t *testing.T) {
	t.Parallel()
	s := newStory(newStack(t))
	s.attract(6)
	s.toTendering()
	s.compete()
	s.approve()
	last := value[uuid.UUID](s.stack, `SELECT t.id FROM tenders t JOIN submissions s ON s.tender_id = t.id AND s.state = 'standing' ORDER BY t.id DESC LIMIT 1`)
	release := s.hold(`SELECT id FROM tenders WHERE id = $1 FOR UPDATE`, last)
	c := s.order(opener2, "/opening", openQuality)
	s.awaitLocked(asWorker)
	opened := `SELECT count(DISTINCT tender_id) FROM opened_answers`
	k := value[int](s.stack, opened)
	if k == 0 || k >= len(s.suppliers) {
		t.Fatalf("the worker waits after %d tenders of %d", k, len(s.suppliers))
	}
	s.worker.kill()
	release()
	if n := value[int](s.stack, opened); n != k {
		t.Errorf("%d tenders are opened after the crash, %d before", n, k)
	}
	if p := s.get(); p.Phase != procurement.Opening {
		t.Errorf("in the middle of the opening the procurement is in %s", p.Phase)
	}
	s.worker.start()
	if c = s.outcome(opener2, c); c.State != app.CommandDone {
		t.Fatalf("the opening is %+v, %+v", c, c.Problem)
	}
	for what, sql := range map[string]string{
		"envelopes that stand and were not opened, or opened and do not stand": `SELECT count(*) FROM (SELECT e.tender_id, e.submission, e.lot_id, e.part FROM envelopes e JOIN submissions s ON s.tender_id = e.tender_id AND s.n = e.submission AND s.state = 'standing') e
			FULL JOIN opened_envelopes o USING (tender_id, submission, lot_id, part) WHERE e.tender_id IS NULL OR o.tender_id IS NULL OR o.problem IS NOT NULL`,
		"envelopes whose opening was recorded more than once": `SELECT count(*) - count(DISTINCT (object_id, after)) FROM audit WHERE action = 'tender.unwrapped'`,
		"approvals or commands too many":                      `SELECT count(*) - 1 FROM commands WHERE operation = '` + procurement.OpOpen + `'`,
	} {
		if n := value[int](s.stack, sql); n != 0 {
			t.Errorf("%d %s", n, what)
		}
	}
	var all api.Page[api.OpenedTender]
	s.as(evaluator1).get(s.path("/tenders"), &all)
	if len(all.Items) != len(s.suppliers) {
		t.Fatalf("%d tenders of %d", len(all.Items), len(s.suppliers))
	}
	for i, x := range s.suppliers {
		sent := demo.Answers(x.answers, s.set)
		if n := value[int](s.stack, `SELECT count(*) FROM opened_answers WHERE tender_id = $1`, s.tenders[i]); n != len(sent) {
			t.Errorf("%s: %d answers were opened of %d", x.name, n, len(sent))
		}
		for id, v := range sent {
			if !value[bool](s.stack, `SELECT coalesce(bool_or(value = $3::jsonb), false) FROM opened_answers WHERE tender_id = $1 AND requirement_id = $2`, s.tenders[i], id, string(v)) {
				t.Errorf("%s: the answer to %s is not what was sent", x.name, id)
			}
		}
	}
}
