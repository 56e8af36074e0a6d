package api_test

import (
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/api"
	"github.com/fellesloft/fellesloft/internal/domain/money"
	"github.com/fellesloft/fellesloft/internal/domain/requirement"
	"github.com/fellesloft/fellesloft/internal/seed"
)

// worker is a case worker of a participant, who knows the service.
const worker = "apner-1.bodo"

// consult lets participants comment on the requirements, ends each input with a
// reason, and leaves the requirements as they were.
func (s *story) consult(set requirement.Set) {
	s.t.Helper()
	whichever := map[string]string{"If-Match": "*"}
	give := call{As: worker, Method: "POST", Path: s.path + "/inputs", Body: api.NewInput{About: "set", Text: "Pris bør veie mindre."}}
	s.do(give).refused(http.StatusConflict, "inputs.not-open", "")
	dispatch := s.get().Plan.DispatchOn.At(0, 0)
	s.do(call{As: lead, Method: "POST", Path: s.path + "/input-rounds", Body: api.NewInputRound{Until: dispatch.Add(time.Hour), Note: "Høring"}}).refused(http.StatusUnprocessableEntity, "inputs.until", "until")
	open := call{As: lead, Method: "POST", Path: s.path + "/input-rounds", Body: api.NewInputRound{Until: dispatch.Add(-24 * time.Hour), Note: "Høring i kommunene"}}
	round := as[api.InputRound](s.do(open))
	if !round.Open || round.Number != 1 {
		s.t.Errorf("opened %+v", round)
	}
	s.do(open).refused(http.StatusConflict, "inputs.round-open", "")

	about := set.Requirements[0]
	comment := as[api.Input](s.do(give))
	proposal := as[api.Input](s.do(call{As: worker, Method: "POST", Path: s.path + "/inputs", Body: api.NewInput{About: "proposal", Text: "Mangler i dag.", Wording: "Løsningen skal kunne slås av."}}))
	on := as[api.Input](s.do(call{As: worker, Method: "POST", Path: s.path + "/inputs", Body: api.NewInput{About: "requirement", Requirement: about.ID, Text: "Uklart.", Wording: about.Text + " Alltid."}}))
	s.do(call{As: worker, Method: "POST", Path: s.path + "/inputs", Body: api.NewInput{About: "requirement", Requirement: uuid.New(), Text: "x"}}).refused(http.StatusUnprocessableEntity, "inputs.requirement", "requirement")

	changed := set
	changed.Requirements = slices.Clone(set.Requirements)
	changed.Requirements[0].Text += " Alltid."
	changed.Requirements = append(changed.Requirements, requirement.Requirement{ID: uuid.New(), Number: "N", Text: proposal.Wording, Kind: requirement.Information, SourceOrg: proposal.Organisation})
	as[api.Requirements](s.do(call{As: lead, Method: "PUT", Path: s.path + "/requirements", Body: changed, Headers: whichever}))
	d := as[requirement.Diff](s.do(call{As: lead, Method: "GET", Path: s.path + "/requirements/difference?from=" + itoa(round.SetVersion)}))
	if len(d.Added) != 1 || len(d.Changed) != 1 || !d.Changed[0].Touches || d.Changed[0].Fields[0].Field != "text" {
		s.t.Errorf("difference %+v", d)
	}

	answer := func(i api.Input, a api.InputAnswer) call {
		return call{As: lead, Method: "PUT", Path: s.path + "/inputs/" + i.ID.String() + "/answer", Body: a, Headers: map[string]string{"If-Match": `"1"`}}
	}
	s.do(answer(on, api.InputAnswer{Outcome: "taken-in", Reason: "Enig."})).refused(http.StatusUnprocessableEntity, "inputs.effect-missing", "requirements")
	as[api.Input](s.do(answer(on, api.InputAnswer{Outcome: "taken-in", Reason: "Enig.", Requirements: []uuid.UUID{about.ID}})))
	s.do(answer(on, api.InputAnswer{Outcome: "rejected", Reason: "Uenig."})).refused(http.StatusPreconditionFailed, "inputs.version", "")
	s.openInputsBlock()
	as[api.Input](s.do(answer(proposal, api.InputAnswer{Outcome: "partly", Reason: "Til orientering.", Requirements: []uuid.UUID{changed.Requirements[len(changed.Requirements)-1].ID}})))
	as[api.InputRound](s.do(call{As: lead, Method: "POST", Path: s.path + "/input-rounds/closing"}))
	s.do(give).refused(http.StatusConflict, "inputs.not-open", "")
	if r := s.review(); slices.Contains(r, "inputs.round-open") || !slices.Contains(r, "inputs.unanswered") {
		s.t.Errorf("with an unanswered input the review says %q", r)
	}
	as[api.Input](s.do(answer(comment, api.InputAnswer{Outcome: "rejected", Reason: "Vektene følger behovene."})))
	rounds := as[api.Page[api.InputRound]](s.do(call{As: giver(seed.Participants()[0]), Method: "GET", Path: s.path + "/input-rounds"}))
	if r := rounds.Items[0]; len(rounds.Items) != 1 || r.Given != 3 || r.Unanswered != 0 || r.Effect.String() != "66.6666" || r.ClosedAt == nil {
		s.t.Errorf("rounds %+v", rounds.Items)
	}
	page := as[api.Page[api.Input]](s.do(call{As: lead, Method: "GET", Path: s.path + "/inputs?limit=2&round=1"}))
	rest := as[api.Page[api.Input]](s.do(call{As: lead, Method: "GET", Path: s.path + "/inputs?limit=2&after=" + page.Next}))
	if len(page.Items) != 2 || len(rest.Items) != 1 || rest.Items[0].Answer == nil || page.Items[0].Answer.Outcome != "rejected" {
		s.t.Errorf("inputs %+v then %+v", page, rest)
	}
	as[api.Requirements](s.do(call{As: lead, Method: "PUT", Path: s.path + "/requirements", Body: set, Headers: whichever}))
	s.versions(round.SetVersion)
}

// openInputsBlock tries the review while a round is open and inputs wait.
func (s *story) openInputsBlock() {
	s.t.Helper()
	got := s.review()
	for _, rule := range []string{"inputs.round-open", "inputs.unanswered"} {
		if !slices.Contains(got, rule) {
			s.t.Errorf("the review does not tell of %s: %q", rule, got)
		}
	}
}

// review lists the rules of what stands in the way of publishing.
func (s *story) review() []string {
	s.t.Helper()
	var out []string
	for _, v := range as[api.Review](s.do(call{As: lead, Method: "GET", Path: s.path + "/review"})).Refusals {
		out = append(out, v.Rule)
	}
	return out
}

// versions keeps one and reads them.
func (s *story) versions(read int) {
	s.t.Helper()
	keep := call{As: lead, Method: "POST", Path: s.path + "/requirements/versions", Body: api.KeptVersion{Note: "Etter høringen"}}
	if a := s.do(keep); a.Status != http.StatusConflict {
		s.t.Errorf("what is the same as before was kept: %d %s", a.Status, a.Body)
	}
	list := as[api.Page[api.RequirementVersion]](s.do(call{As: lead, Method: "GET", Path: s.path + "/requirements/versions"}))
	n := len(list.Items)
	if n < 2 || list.Items[n-1].State != "draft" || list.Items[read-1].State != "kept" || list.Items[read-1].Note == "" {
		s.t.Fatalf("versions %+v", list.Items)
	}
	older := as[api.Requirements](s.do(call{As: lead, Method: "GET", Path: s.path + "/requirements/versions/" + itoa(read)}))
	if older.Version != read || !older.Locked {
		s.t.Errorf("version %d, locked %t", older.Version, older.Locked)
	}
	s.do(call{As: lead, Method: "GET", Path: s.path + "/requirements/versions/99"}).refused(http.StatusNotFound, "not-found", "")
}

// reuseRequirements takes from the library, adds to it, and copies the set to
// another procurement.
func (s *story) reuseRequirements(set requirement.Set) {
	s.t.Helper()
	whichever := map[string]string{"If-Match": "*"}
	as[api.RequirementVersion](s.do(call{As: lead, Method: "POST", Path: s.path + "/requirements/versions", Body: api.KeptVersion{Note: "Første utkast"}}))
	found := as[api.Page[api.LibraryEntry]](s.do(call{As: lead, Method: "GET", Path: "/library?q=skatteattest"}))
	if len(found.Items) != 1 || found.Items[0].Code != "ORG-02" || !found.Items[0].Proposal || found.Items[0].Source == "" {
		s.t.Fatalf("library: %+v", found.Items)
	}
	of := api.RevisedLibraryEntry{Procurement: s.id, Requirement: set.Requirements[0].ID, Source: "Vår egen anskaffelse"}
	add := call{As: lead, Method: "POST", Path: "/library", Body: api.NewLibraryEntry{Code: "EGET-1", RevisedLibraryEntry: of}}
	own := as[api.LibraryEntry](s.do(add))
	s.do(add).refused(http.StatusConflict, "library.code-taken", "")
	path := "/library/" + own.ID.String()
	if got := as[api.LibraryEntry](s.do(call{As: lead, Method: "GET", Path: path})); got.Version != 1 || got.Requirement.Text != set.Requirements[0].Text {
		s.t.Errorf("own entry: %+v", got)
	}
	of.Requirement = set.Requirements[1].ID
	if got := as[api.LibraryEntry](s.do(call{As: lead, Method: "PUT", Path: path, Body: of, Headers: map[string]string{"If-Match": `"1"`}})); got.Version != 2 || got.Requirement.Text != set.Requirements[1].Text {
		s.t.Errorf("revised: %+v", got)
	}
	s.do(call{As: lead, Method: "PUT", Path: path, Body: of, Headers: map[string]string{"If-Match": `"1"`}}).refused(http.StatusPreconditionFailed, "library.version", "")

	p := s.get()
	var named []api.NamedParticipant
	for _, m := range as[api.Page[api.Participant]](s.do(call{As: lead, Method: "GET", Path: s.path + "/participants"})).Items {
		named = append(named, api.NamedParticipant{Organisation: m.Organisation, Estimated: money.Kroner(1_000_000), Maximum: money.Kroner(2_000_000)})
	}
	next := as[api.Procurement](s.do(call{As: lead, Method: "POST", Path: "/procurements", Body: api.NewProcurement{Space: s.sandbox.ID, Plan: plan(s.sandbox.Now), Participants: named}}))
	at := "/procurements/" + next.ID.String() + "/requirements"
	copied := as[api.CopiedRequirements](s.do(call{As: lead, Method: "POST", Path: at + "/copy", Body: api.NewCopy{Procurement: s.id}, Headers: whichever}))
	if len(copied.Set.Requirements) != len(set.Requirements) || copied.Set.Requirements[0].CopiedFrom != set.Requirements[0].ID || len(p.Plan.Lots) > 0 && len(copied.Lost) > 0 {
		s.t.Errorf("copied %d requirements, lost %+v", len(copied.Set.Requirements), copied.Lost)
	}
	s.do(call{As: lead, Method: "POST", Path: at + "/copy", Body: api.NewCopy{Procurement: s.id}, Headers: whichever}).refused(http.StatusConflict, "requirement-set.not-empty", "")
	s.do(call{As: lead, Method: "POST", Path: at + "/copy", Body: api.NewCopy{Procurement: next.ID}, Headers: whichever}).refused(http.StatusUnprocessableEntity, "copy.itself", "procurement")
	taken := as[api.Requirements](s.do(call{As: lead, Method: "POST", Path: at + "/library", Body: api.TakenEntries{Entries: []uuid.UUID{found.Items[0].ID, own.ID}}, Headers: whichever}))
	if last := taken.Set.Requirements[len(taken.Set.Requirements)-1]; last.Origin != "library:"+own.ID.String()+"@2" {
		s.t.Errorf("taken with origin %q", last.Origin)
	}
	d := as[requirement.Diff](s.do(call{As: lead, Method: "GET", Path: at + "/copy-difference?earlier=" + s.id.String()}))
	if len(d.Added) != 2 || len(d.Changed)+len(d.Removed)+len(d.Moved) != 0 {
		s.t.Errorf("beside the earlier set: %d added, changed %+v, %d removed", len(d.Added), d.Changed, len(d.Removed))
	}
}

func itoa(n int) string { return strconv.Itoa(n) }
