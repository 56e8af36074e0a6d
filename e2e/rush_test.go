package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/api"
	"github.com/fellesloft/fellesloft/demo"
	"github.com/fellesloft/fellesloft/internal/domain/requirement"
)

// The last hour before a deadline: fifty suppliers save and hand in a thousand
// answers each at the same time. All are received, and serve stays within what a
// small machine gives it.
func TestTheRushBeforeADeadline(t *testing.T) {
	t.Parallel()
	const suppliers, thousand, mostMiB = 50, 1000, 300
	s := newStory(newStack(t))
	s.attract(suppliers)
	s.launch()
	s.lengthen(thousand)
	s.mandates()
	s.prepare()
	s.publish()
	before := s.serve.peakMiB()

	var all sync.WaitGroup
	for _, x := range s.suppliers {
		all.Go(func() { s.tender(x) })
	}
	all.Wait()
	if n := value[int](s.stack, `SELECT count(*) FROM submissions s JOIN tenders t ON t.id = s.tender_id WHERE t.procurement_id = $1 AND s.state = 'standing'`, s.id); n != suppliers {
		t.Errorf("%d tenders stand of %d", n, suppliers)
	}
	if least := value[int](s.stack, `SELECT min(n) FROM (SELECT sum(cardinality(requirements)) AS n FROM envelopes GROUP BY tender_id) x`); least < thousand {
		t.Errorf("a tender was received with %d answers of %d", least, thousand)
	}
	peak := s.serve.peakMiB()
	t.Logf("serve had %d MiB at most, %d before the rush", peak, before)
	if peak >= mostMiB {
		t.Errorf("serve had %d MiB at most, want less than %d", peak, mostMiB)
	}
}

// lengthen adds requirements until a whole tender has so many answers.
func (s *story) lengthen(answers int) {
	s.t.Helper()
	types := []requirement.AnswerType{requirement.Text, requirement.Text, requirement.Boolean, requirement.Number}
	for i := range answers - len(demo.Answers(0, s.set)) {
		s.set.Requirements = append(s.set.Requirements, requirement.Requirement{ID: uuid.New(), Number: "T." + itoa(i+1), Title: "Tilleggskrav " + itoa(i+1), Kind: requirement.Information,
			Text: "Løsningen skal støtte arbeidsflyten i kommunene slik den er beskrevet i bilaget.", AnswerType: types[i%len(types)]})
	}
	var kept api.Requirements
	s.as(lead).put(s.path("/requirements"), s.set, &kept)
	s.set = kept.Set
}

// peakMiB is the most memory that the process has had since it was started.
func (p *part) peakMiB() int {
	p.t.Helper()
	if runtime.GOOS != "linux" {
		p.t.Skip("the peak of a process's memory is read from /proc")
	}
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	must(p.t, err)
	for line := range strings.Lines(string(text)) {
		if rest, is := strings.CutPrefix(line, "VmHWM:"); is {
			kib, err := strconv.Atoi(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(rest), "kB")))
			must(p.t, err)
			return kib / 1024
		}
	}
	p.t.Fatal("/proc tells no peak")
	return 0
}

// Several people of one supplier write at the same time, some of them the same
// answers: whoever was told that an answer is saved finds it, until somebody
// replaces what they have read, and whoever comes too late is told.
func TestConcurrentEditorsLoseNothing(t *testing.T) {
	t.Parallel()
	s := newStory(newStack(t))
	s.launch()
	s.mandates()
	s.prepare()
	s.publish()
	x := s.suppliers[0]
	tender := s.draft(x)
	path := "/tenders/" + tender.ID.String()
	var texts []uuid.UUID
	for _, r := range s.set.Requirements {
		if r.AnswerType == requirement.Text {
			texts = append(texts, r.ID)
		}
	}
	if len(texts) < 2 {
		t.Fatalf("%d texts to write", len(texts))
	}

	const editors, rounds = 4, 12
	// Each adds its mark to what it has read. A lost update loses a mark.
	var mu sync.Mutex
	written := map[uuid.UUID][]string{}
	var all sync.WaitGroup
	for e := range editors {
		all.Go(func() {
			by := s.as([]string{x.author, x.signatory}[e%2])
			for i := range rounds {
				id, mark := texts[(e*i)%2], fmt.Sprintf("e%dr%d", e, i)
				for !s.append(by, path, id, mark) {
				}
				mu.Lock()
				written[id] = append(written[id], mark)
				mu.Unlock()
			}
		})
	}
	all.Wait()
	for id, marks := range written {
		text, _ := s.written(s.as(x.author), path, id)
		found := strings.Fields(text)
		for _, m := range marks {
			n := 0
			for _, f := range found {
				if f == m {
					n++
				}
			}
			if n != 1 {
				t.Errorf("%s stands %d times in %q", m, n, text)
			}
		}
	}
}

// append adds a mark to an answer, and reports whether it was saved.
func (s *story) append(by user, path string, id uuid.UUID, mark string) bool {
	text, version := s.written(by, path, id)
	value, err := json.Marshal(text + " " + mark)
	must(s.t, err)
	var saved api.AnswersSaved
	by.ask(http.MethodPost, path+"/answers", "*", api.Answers{Answers: []api.AnswerRow{{Requirement: id.String(), Version: version, Value: value}}}, &saved)
	return len(saved.Problems) == 0
}

// written reads an answer and its version.
func (s *story) written(by user, path string, id uuid.UUID) (text string, version int64) {
	var d api.Draft
	by.get(path+"/draft", &d)
	for _, a := range d.Answers {
		if a.Requirement == id {
			raw, err := json.Marshal(a.Value)
			must(s.t, err)
			must(s.t, json.Unmarshal(raw, &text))
			return text, a.Version
		}
	}
	s.t.Fatalf("no answer to %s", id)
	return "", 0
}
