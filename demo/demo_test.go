package demo_test

import (
	"bytes"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"github.com/fellesloft/fellesloft/demo"
	"github.com/fellesloft/fellesloft/demo/spec"
	"github.com/fellesloft/fellesloft/internal/domain/evaluation"
	"github.com/fellesloft/fellesloft/internal/domain/money"
	"github.com/fellesloft/fellesloft/internal/domain/requirement"
	"github.com/fellesloft/fellesloft/internal/domain/requirement/requirementtest"
	"github.com/fellesloft/fellesloft/internal/sheet"
)

func specification(t *testing.T) requirement.Set {
	t.Helper()
	p, err := sheet.ReadSpecification(bytes.NewReader(demo.Specification()), sheet.Options{NewID: spec.Counter()})
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Warnings) != 0 {
		t.Errorf("warnings: %+v", p.Warnings)
	}
	return p.Set
}

func TestWorkbookIsGeneratedFromTheSource(t *testing.T) {
	t.Parallel()
	fresh, err := sheet.WriteSpecification(spec.Set(spec.Counter()))
	if err != nil {
		t.Fatal(err)
	}
	p, err := sheet.ReadSpecification(bytes.NewReader(fresh), sheet.Options{NewID: spec.Counter()})
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(p.Set, specification(t)) {
		t.Error("spec/kravspesifikasjon.xlsx differs from its source; run go generate ./demo/spec")
	}
}

func TestSpecificationIsARealisticTender(t *testing.T) {
	t.Parallel()
	s := specification(t)
	if err := s.Validate(); err != nil {
		t.Fatal(err)
	}
	if w := s.Warnings(); len(w) != 0 {
		t.Errorf("warnings: %+v", w)
	}
	kinds, schedules, conditional := map[requirement.Kind]int{}, 0, 0
	for _, r := range s.Requirements {
		kinds[r.Kind]++
		if r.AnswerType == requirement.PriceSchedule {
			schedules++
		}
		if r.Condition != nil {
			conditional++
		}
	}
	if len(s.Requirements) < 60 || len(s.Areas) < 6 || len(s.Lots) != 2 || schedules != 3 || conditional < 1 {
		t.Errorf("%d requirements, %d areas, %d lots, %d price rows, %d conditional", len(s.Requirements), len(s.Areas), len(s.Lots), schedules, conditional)
	}
	for _, k := range requirement.Kinds() {
		if kinds[k] == 0 {
			t.Errorf("no requirement is %s", k)
		}
	}
	if s.EnvironmentWeight() != requirement.Percents(30) {
		t.Errorf("environment counts %s %%", s.EnvironmentWeight())
	}
}

func TestAnswersAreValidAndComplete(t *testing.T) {
	t.Parallel()
	s := specification(t)
	for i, who := range demo.Suppliers() {
		sum := s.Completeness(demo.Answers(i, s))
		if !sum.Complete() || len(sum.Problems) != 0 {
			t.Errorf("%s: missing %v, problems %+v", who.Name, sum.Missing, sum.Problems)
		}
		var fails []string
		for _, id := range sum.FailsAbsolute {
			r, _ := s.Requirement(id)
			fails = append(fails, r.Number)
		}
		var want []string
		if i == demo.FailingSupplier {
			want = []string{demo.FailingNumber}
		}
		if !reflect.DeepEqual(fails, want) || who.FailsAbsolute != (want != nil) {
			t.Errorf("%s fails %q, want %q", who.Name, fails, want)
		}
		if !strings.HasSuffix(who.Name, "(oppdiktet)") {
			t.Errorf("%s is not labelled as invented", who.Name)
		}
		if !reflect.DeepEqual(demo.Answers(i, s), demo.Answers(i, s)) {
			t.Errorf("%s answers differently each time", who.Name)
		}
	}
}

func TestAnswersFitOtherSets(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := requirementtest.Sets().Draw(t, "set")
		i := rapid.IntRange(0, len(demo.Suppliers())-1).Draw(t, "supplier")
		if sum := s.Completeness(demo.Answers(i, s)); !sum.Complete() || len(sum.FailsAbsolute) > 0 {
			t.Fatalf("missing %v, fails %v, problems %+v", sum.Missing, sum.FailsAbsolute, sum.Problems)
		}
	})
}

// The tenders must differ enough that price and quality pull apart.
func TestRankingIsInteresting(t *testing.T) {
	t.Parallel()
	s := specification(t)
	for _, lot := range s.Lots {
		in := evaluation.Input{Set: s, Lot: lot.ID, Formula: evaluation.Standard}
		prices := map[uuid.UUID]money.NOK{}
		cheapest := uuid.Nil
		for i := range demo.Suppliers() {
			values := demo.Answers(i, s)
			amounts, err := s.Prices(values, lot.ID)
			if err != nil {
				t.Fatal(err)
			}
			tender := evaluation.Tender{ID: uuid.NewSHA1(uuid.Nil, []byte{byte(i)}), Prices: amounts, Rejected: i == demo.FailingSupplier}
			for _, a := range amounts {
				prices[tender.ID] += a.Amount
			}
			if cheapest == uuid.Nil || prices[tender.ID] < prices[cheapest] {
				cheapest = tender.ID
			}
			tender.Scores = scores(s, lot.ID, i)
			in.Tenders = append(in.Tenders, tender)
		}
		got, err := evaluation.Rank(in)
		if err != nil {
			t.Fatal(err)
		}
		if cheapest != in.Tenders[demo.FailingSupplier].ID {
			t.Errorf("%s: the failing tender is not the cheapest", lot.Name)
		}
		if len(got.Ranking) != 4 || got.Ranking[0].Tied {
			t.Errorf("%s: %d ranked, tied %v", lot.Name, len(got.Ranking), got.Ranking[0].Tied)
		}
		winner := prices[got.Ranking[0].Tender]
		if !slices.ContainsFunc(got.Ranking[1:], func(r evaluation.Ranked) bool { return prices[r.Tender] < winner }) {
			t.Errorf("%s: the cheapest admitted tender wins, so quality decides nothing", lot.Name)
		}
		for _, r := range got.Ranking {
			t.Logf("%s: %d. %s %s kr", lot.Name, r.Rank, r.Total, prices[r.Tender])
		}
	}
}

func scores(s requirement.Set, lot uuid.UUID, supplier int) []evaluation.Score {
	var all []evaluation.Score
	for _, r := range s.Requirements {
		if !r.IsRated() || r.Part() == requirement.Price || !r.ForLot(lot) {
			continue
		}
		for evaluator := range 2 {
			a := demo.Assess(supplier, evaluator, r)
			all = append(all, evaluation.Score{
				Requirement: r.ID, Evaluator: uuid.NewSHA1(uuid.Nil, []byte{100, byte(evaluator)}), Points: decimal.NewFromInt(int64(a.Points)),
			})
		}
	}
	return all
}

func TestDocumentsAreLabelledAsInvented(t *testing.T) {
	t.Parallel()
	for _, d := range demo.Documents() {
		if len(d.Content) < 500 || !bytes.Contains(d.Content, []byte("oppdiktet eksempel")) {
			t.Errorf("%s: %d bytes, or not labelled as invented", d.Name, len(d.Content))
		}
	}
}
