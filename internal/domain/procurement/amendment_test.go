package procurement_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/fellesloft/fellesloft/internal/domain/procurement"
	"github.com/fellesloft/fellesloft/internal/domain/requirement"
	"github.com/fellesloft/fellesloft/internal/domain/rules"
	"github.com/fellesloft/fellesloft/internal/fault"
)

// mid is well before the last day for information to all.
var mid = at("2026-11-10 10:00")

// with gives a set of the procurement with a change made to a copy of it.
func with(change func(*requirement.Set)) requirement.Set {
	s := set()
	s.Requirements = slices.Clone(s.Requirements)
	s.Criteria = slices.Clone(s.Criteria)
	change(&s)
	return s
}

func amending(t tb, newer requirement.Set) procurement.Amend {
	return procurement.Amend{Older: set(), Newer: newer, Version: 2, Reason: "Presisering", Law: confirmed(t, prepared(t)),
		Files: procurement.FileChanges{Kinds: []string{"tender_rules", "contract_draft"}}}
}

func rewritten(s *requirement.Set) { s.Requirements[1].Text += " Beskriv helger." }

func TestAmendRefusals(t *testing.T) {
	t.Parallel()
	type C = procurement.Amend
	edit := func(change func(*requirement.Set)) func(*procurement.Procurement, *C) {
		return func(_ *procurement.Procurement, c *C) { c.Newer = with(change) }
	}
	at := func(n byte) string { return "requirements." + id(n).String() }
	refuses(t, published(t), amending(t, with(rewritten)), mid, []refusal[C]{
		{"a weight", edit(func(s *requirement.Set) { s.Requirements[1].Weight-- }), fault.Invalid, "amendment.weight", at(42), "FOA § 18-1"},
		{"another criterion", edit(func(s *requirement.Set) { s.Requirements[1].Criterion = id(33) }), fault.Invalid, "amendment.weight", at(42), "FOA § 18-1"},
		{"a rated one more", edit(func(s *requirement.Set) {
			s.Requirements = append(s.Requirements, requirement.Requirement{ID: id(44), Number: "9", Text: "Ny", Kind: requirement.Rated, AnswerType: requirement.Text, Criterion: id(32), Weight: 1})
		}), fault.Invalid, "amendment.weight", at(44), "FOA § 18-1"},
		{"a rated one less", edit(func(s *requirement.Set) { s.Requirements = s.Requirements[:2] }), fault.Invalid, "amendment.weight", at(43), "FOA § 18-1"},
		{"criteria", edit(func(s *requirement.Set) { s.Criteria[0].Weight++; s.Criteria[1].Weight-- }), fault.Invalid, "amendment.criteria", "criteria", "FOA § 18-1"},
		{"not rated any more", edit(func(s *requirement.Set) { s.Requirements[0].Kind = requirement.Absolute }), fault.Invalid, "amendment.rated", at(41), "FOA § 18-1"},
		{"from price to quality", edit(func(s *requirement.Set) { s.Requirements[0].AnswerType = requirement.Text }), fault.Invalid, "amendment.part", at(41), "FOA § 18-1"},
		{"lots", edit(func(s *requirement.Set) { s.Lots = []requirement.Lot{{ID: lotOne, Name: "x"}} }), fault.Invalid, "amendment.lots", "lots", ""},
		{"currency", edit(func(s *requirement.Set) { s.Currency = "EUR" }), fault.Invalid, "amendment.currency", "currency", ""},
		{"nothing", edit(func(*requirement.Set) {}), fault.Conflict, "amendment.nothing", "", ""},
		{"no reason", func(_ *procurement.Procurement, c *C) { c.Reason = " " }, fault.Invalid, "amendment.reason", "reason", ""},
		{"an older version", func(_ *procurement.Procurement, c *C) { c.Version = 1 }, fault.Conflict, "amendment.version", "", ""},
		{"without tender rules", func(_ *procurement.Procurement, c *C) { c.Files.Kinds = []string{"contract_draft"} }, fault.Invalid, "documents.missing", "documents", ""},
		{"no later deadline", func(_ *procurement.Procurement, c *C) { c.Until = deadline }, fault.Invalid, "amendment.shorter", "shorter", "FOA §§ 14-2 (3), 20-1 (3)"},
		{"an earlier deadline", func(_ *procurement.Procurement, c *C) { c.Until = deadline.Add(-time.Hour) }, fault.Invalid, "deadline.not-later", "until", ""},
	})
	c := amending(t, with(rewritten))
	_, err := published(t).Decide(c, deadline)
	refused(t, err, fault.Conflict, "amendment.deadline-passed", "", "")
	_, err = prepared(t).Decide(c, mid)
	refused(t, err, fault.Conflict, "procurement.wrong-phase", "", "")
	// Information to all is sent six days before, FOA § 14-2 (2): on the 4th it is too late for the 10th.
	c.Until, c.Shorter = deadline.Add(time.Hour), "Bare en skrivefeil"
	_, err = published(t).Decide(c, lastWeek)
	refused(t, err, fault.Invalid, "amendment.answers-before", "until", "FOA § 14-2 (2)")
}

// lastWeek is when information to all comes too late for the deadline.
var lastWeek = at("2026-12-04 10:00")

// How far the deadline moves: in proportion to what is touched, never less than
// three days, on a working day and at the same hour; what hangs on it moves along.
func TestHowFarAnAmendmentMovesTheDeadline(t *testing.T) {
	t.Parallel()
	p := published(t)
	for name, row := range map[string]struct {
		change   func(*requirement.Set)
		now      time.Time
		material bool
		days     int
		proposed string
	}{
		// One of three, of thirty days: ten. The 20th of December is a Sunday.
		"one touched": {rewritten, mid, true, 10, "2026-12-21 12:00"},
		"all touched": {func(s *requirement.Set) {
			for i := range s.Requirements {
				s.Requirements[i].Text += " x"
			}
		}, mid, true, 30, "2027-01-11 12:00"},
		"a number only":      {func(s *requirement.Set) { s.Requirements[1].Number = "1a" }, mid, false, 0, "2026-12-10 12:00"},
		"a number, too late": {func(s *requirement.Set) { s.Requirements[1].Number = "1a" }, at("2026-12-04 10:00"), false, 0, "2026-12-11 12:00"},
		"one more of four": {func(s *requirement.Set) {
			s.Requirements = append(s.Requirements, requirement.Requirement{ID: id(44), Number: "2", Text: "Beredskap", Kind: requirement.Absolute, AnswerType: requirement.Boolean, Mandatory: true})
		}, mid, true, 8, "2026-12-18 12:00"},
	} {
		c := amending(t, with(row.change))
		r := p.ReviewAmendment(c, row.now)
		if len(r.Refusals) > 0 || r.Material != row.material || r.Days != row.days || !r.Proposed.Equal(at(row.proposed)) || !r.Deadline.Equal(r.Proposed) {
			t.Errorf("%s: material %t, %d days, to %s; refused %v", name, r.Material, r.Days, r.Proposed, r.Refusals)
		}
		change, err := p.Decide(c, row.now)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		after := change.After
		if !after.Plan.TenderDeadline.Equal(r.Deadline) || after.State.SetVersion != 2 || after.Plan.ValidUntil != r.ValidUntil || after.State.AnswersDue != r.AnswersDue || !after.Plan.QuestionsBy.Equal(r.QuestionsBy) || after.Phase != procurement.Tendering {
			t.Errorf("%s: decided otherwise than reviewed: %+v", name, after)
		}
		happened(t, change, procurement.Amended)
	}
	// A material file moves it by the least; an annex does not.
	for material, days := range map[bool]int{true: 3, false: 0} {
		c := amending(t, set())
		c.Files.Added, c.Files.Material = []string{"avtale.docx"}, material
		if r := p.ReviewAmendment(c, mid); r.Material != material || r.Days != days || len(r.Refusals) > 0 {
			t.Errorf("a file, material %t: %d days, refused %v", material, r.Days, r.Refusals)
		}
	}
	// Part II has no number for answers, and no paragraph but what is sufficient.
	p.State.Regime, p.Plan.Procedure = rules.PartII, rules.OpenNational
	c := amending(t, with(rewritten))
	c.Until = deadline
	refusals := p.ReviewAmendment(c, at("2026-12-09 10:00")).Refusals
	if len(refusals) != 1 || refusals[0].Rule != "amendment.shorter" || refusals[0].Paragraph != "FOA § 8-14" {
		t.Errorf("in Part II: %v", refusals)
	}
	// Less than proposed needs a reason, which the record keeps; more does not.
	c = amending(t, with(rewritten))
	c.Until, c.Shorter = at("2026-12-14 12:00"), "Bare en presisering"
	after := must(t, published(t), c, mid)
	if got := after.State.Decisions; len(got) != 1 || got[0].Reason != "Presisering (Bare en presisering)" {
		t.Errorf("recorded: %+v", got)
	}
	c.Until, c.Shorter = at("2027-02-01 12:00"), ""
	if after := must(t, published(t), c, mid); !after.Plan.TenderDeadline.Equal(c.Until) {
		t.Errorf("further than proposed: %s", after.Plan.TenderDeadline)
	}
}

// A suspension keeps nobody from correcting what the complaint is about.
func TestAmendWhileSuspended(t *testing.T) {
	t.Parallel()
	p := must(t, published(t), procurement.Suspend{Reason: "Klage"}, mid)
	must(t, p, amending(t, with(rewritten)), mid)
}

// lived is a competition with suppliers who answer, or do not, and amendments.
type lived struct {
	p    procurement.Procurement
	now  time.Time
	sets map[int]requirement.Set
	// standing are the tenders, each with what it answers.
	standing map[int]*tendered
}

type tendered struct {
	procurement.Standing
	answered []uuid.UUID
}

func (l *lived) of(n int) procurement.Standing {
	s := l.standing[n].Standing
	s.Published = l.p.State.SetVersion
	s.Touched = requirement.Changed(l.sets[s.Base()], l.sets[s.Published]).Touched(l.sets[s.Published], l.standing[n].answered, nil)
	return s
}

// In any order of amendments, extensions, submissions and confirmations the
// published version only grows, the deadline never comes earlier, and exactly
// those are asked whose answers are touched.
func TestAmendmentsInAnyOrder(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		l := &lived{p: published(t), now: publishAt, sets: map[int]requirement.Set{1: set()}, standing: map[int]*tendered{}}
		law := confirmed(t, prepared(t))
		next := byte(100)
		t.Repeat(map[string]func(*rapid.T){
			"amend": func(t *rapid.T) {
				older := l.sets[l.p.State.SetVersion]
				newer := older
				newer.Requirements = slices.Clone(older.Requirements)
				switch i := rapid.IntRange(0, len(newer.Requirements)-1).Draw(t, "which"); rapid.IntRange(0, 3).Draw(t, "how") {
				case 0:
					newer.Requirements[i].Text += " x"
				case 1:
					newer.Requirements[i].Number += "a"
				case 2:
					next++
					newer.Requirements = append(newer.Requirements, requirement.Requirement{ID: id(next), Number: "N", Text: "Ny", Kind: requirement.Absolute, AnswerType: requirement.Boolean, Mandatory: true})
				case 3:
					if newer.Requirements[i].Weight == 0 && newer.Requirements[i].Criterion == uuid.Nil {
						newer.Requirements = slices.Delete(newer.Requirements, i, i+1)
					}
				}
				was := l.p
				c := procurement.Amend{Older: older, Newer: newer, Version: was.State.SetVersion + rapid.IntRange(0, 2).Draw(t, "version"), Reason: "x", Law: law,
					Files: procurement.FileChanges{Kinds: []string{"tender_rules", "contract_draft"}}}
				change, err := was.Decide(c, l.now)
				if err != nil {
					return
				}
				l.p = change.After
				l.sets[c.Version] = newer
				if l.p.State.SetVersion <= was.State.SetVersion || l.p.Plan.TenderDeadline.Before(was.Plan.TenderDeadline) || l.p.Plan.ValidUntil.Before(was.Plan.ValidUntil) {
					t.Fatalf("from version %d due %s to version %d due %s", was.State.SetVersion, was.Plan.TenderDeadline, l.p.State.SetVersion, l.p.Plan.TenderDeadline)
				}
			},
			"extend": func(t *rapid.T) {
				c := procurement.ExtendDeadline{Until: l.p.Plan.TenderDeadline.Add(time.Duration(rapid.IntRange(-48, 240).Draw(t, "hours")) * time.Hour), Reason: "x"}
				change, err := l.p.Decide(c, l.now)
				if err == nil && change.After.Plan.TenderDeadline.Before(l.p.Plan.TenderDeadline) {
					t.Fatal("an earlier deadline")
				}
				if err == nil {
					l.p = change.After
				}
			},
			"submit": func(t *rapid.T) {
				var answered []uuid.UUID
				for _, r := range l.sets[l.p.State.SetVersion].Requirements {
					if rapid.Bool().Draw(t, "answers") {
						answered = append(answered, r.ID)
					}
				}
				l.standing[rapid.IntRange(0, 3).Draw(t, "supplier")] = &tendered{Standing: procurement.Standing{Submitted: l.p.State.SetVersion}, answered: answered}
			},
			"confirm": func(t *rapid.T) {
				n := rapid.IntRange(0, 3).Draw(t, "supplier")
				if l.standing[n] == nil {
					return
				}
				s := l.of(n)
				version := rapid.IntRange(1, l.p.State.SetVersion).Draw(t, "version")
				err := s.MayConfirm(version)
				if (err == nil) != (version == l.p.State.SetVersion && s.State() == procurement.Unconfirmed) {
					t.Fatalf("%+v for version %d: %v", s, version, err)
				}
				if err == nil {
					l.standing[n].Confirmed = version
				}
			},
			"later": func(t *rapid.T) {
				l.now = l.now.Add(time.Duration(rapid.IntRange(1, 72).Draw(t, "hours")) * time.Hour)
			},
			"": func(t *rapid.T) {
				for n := range l.standing {
					s := l.of(n)
					asked := s.State() == procurement.Unconfirmed
					if asked != (len(s.Touched) > 0) {
						t.Fatalf("supplier %d is asked %t: %+v", n, asked, s)
					}
					if s.Base() > s.Published {
						t.Fatalf("answers under a version that is not published: %+v", s)
					}
				}
			},
		})
	})
}
