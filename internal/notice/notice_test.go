package notice_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/internal/catalogue"
	"github.com/fellesloft/fellesloft/internal/domain/calendar"
	"github.com/fellesloft/fellesloft/internal/domain/money"
	"github.com/fellesloft/fellesloft/internal/domain/procurement"
	"github.com/fellesloft/fellesloft/internal/domain/requirement"
	"github.com/fellesloft/fellesloft/internal/domain/rules"
	"github.com/fellesloft/fellesloft/internal/notice"
)

func id(n int) uuid.UUID { return uuid.MustParse(fmt.Sprintf("018f0000-0000-7000-8000-%012d", n)) }

func day(s string) calendar.Date { return calendar.MustParse(s) }

// example is a joint procurement of three municipalities in two lots under
// Part II, with all that a notice needs.
func example() (procurement.Procurement, []notice.Buyer, notice.Buyer, procurement.Review, requirement.Set) {
	plan := procurement.Plan{
		Title: "Velferdsteknologi og journalintegrasjon", Description: "Felles rammeavtale for tre kommuner.", Reference: "2026/114",
		Contract: rules.Goods, Procedure: rules.OpenNational, Language: "nn", CPV: "48814000-7", NUTS: []string{"NO0A2", "NO0A3"},
		Lots: []procurement.Lot{
			{ID: id(1), Number: 1, Title: "Responssenter", CPV: "48814000", NUTS: []string{"NO0A2"}, Estimated: money.Kroner(900_000), Maximum: money.Kroner(1_000_000)},
			{ID: id(2), Number: 2, Title: "Integrasjon & drift <sky>", Description: "Integrasjon mot journal.", CPV: "72260000-5", NUTS: []string{"NO0A3"}, Estimated: 50_000_050, Maximum: 60_000_000},
		},
		Framework:      &procurement.Framework{Months: 48, Suppliers: 1},
		DispatchOn:     day("2026-11-02"),
		QuestionsBy:    day("2026-11-20").At(12, 0),
		TenderDeadline: day("2026-12-03").At(12, 0),
		ValidUntil:     day("2027-03-03"),
		ContractStarts: day("2027-02-01"), ContractEnds: day("2029-01-31"),
		Options: []procurement.Option{{Text: "Forlenging eitt år", Months: 12, UseBy: day("2028-10-01")}},
		Notice: procurement.Notice{ContactEmail: "innkjop@kommune.example", ContactName: "Innkjøp", ReviewBody: "Eksempel tingrett",
			DocumentsURL: "https://fellesloft.example/p/1", SubmissionURL: "https://fellesloft.example/p/1/tender", PerformanceText: "Lønns- og arbeidsvilkår"},
	}
	price, env := id(10), id(11)
	set := requirement.Set{
		Criteria: []requirement.Criterion{
			{ID: price, Name: "Pris", Weight: 70 * requirement.Hundred / 100, Kind: requirement.PriceCriterion},
			{ID: env, Name: "Klima og miljø", Weight: 30 * requirement.Hundred / 100, Kind: requirement.Environment},
		},
		Requirements: []requirement.Requirement{
			{ID: id(20), Kind: requirement.Rated, Criterion: price, AnswerType: requirement.Money},
			{ID: id(21), Kind: requirement.Rated, Criterion: env, AnswerType: requirement.Text},
		},
	}
	buyer := func(n int, name string) notice.Buyer {
		return notice.Buyer{ID: id(100 + n), Name: name, OrgNr: fmt.Sprintf("99999999%d", n), Street: "Rådhusgata 1", PostalCode: "5700", City: "Byen", NUTS: "NO0A2", Email: "post@kommune.example"}
	}
	lead := buyer(1, "Første kommune")
	return procurement.Procurement{ID: id(1000), Plan: plan, Phase: procurement.Preparation},
		[]notice.Buyer{lead, buyer(2, "Andre kommune"), buyer(3, "Tredje kommune")}, lead,
		procurement.Review{Dispatch: day("2026-11-02"), Regime: rules.PartII}, set
}

func build() notice.Notice { return notice.Build(example()) }

// TestEveryRequiredField lists each required field with its rule, where its
// value comes from, and what is missing.
func TestEveryRequiredField(t *testing.T) {
	t.Parallel()
	n := build()
	var table strings.Builder
	for _, r := range notice.Requirements() {
		source := "not needed here"
		for _, f := range n.Fields {
			if f.ID == r.Field {
				source = f.Source
			}
		}
		for _, m := range n.Missing {
			if m.ID == r.Field {
				source = "MISSING, filled by " + m.Fill
			}
		}
		fmt.Fprintf(&table, "%-30s %-30s %s\n", r.Field, r.Rule, source)
	}
	golden(t, "required.txt", []byte(table.String()))
	if len(n.Missing) != 1 || n.Missing[0].ID != "BT-05(b)-notice" || !n.Complete() {
		t.Errorf("missing: %+v, broken: %+v", n.Missing, n.Broken)
	}
}

// TestWhatIsNotThereIsMissing takes each input away and expects its field among
// the missing.
func TestWhatIsNotThereIsMissing(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		field, lot, fill string
		take             func(p *procurement.Procurement, lead *notice.Buyer, r *procurement.Review, s *requirement.Set)
	}{
		{"BT-21-Procedure", "", "plan", func(p *procurement.Procurement, _ *notice.Buyer, _ *procurement.Review, _ *requirement.Set) {
			p.Plan.Title = " "
		}},
		{"BT-262-Lot", "LOT-0002", "plan", func(p *procurement.Procurement, _ *notice.Buyer, _ *procurement.Review, _ *requirement.Set) {
			p.Plan.Lots[1].CPV = ""
		}},
		{"BT-5071-Lot", "LOT-0001", "plan", func(p *procurement.Procurement, _ *notice.Buyer, _ *procurement.Review, _ *requirement.Set) {
			p.Plan.Lots[0].NUTS = nil
		}},
		{"BT-271-Lot", "LOT-0001", "plan", func(p *procurement.Procurement, _ *notice.Buyer, _ *procurement.Review, _ *requirement.Set) {
			p.Plan.Lots[0].Maximum = 0
		}},
		{"BT-18-Lot", "LOT-0001", "plan", func(p *procurement.Procurement, _ *notice.Buyer, _ *procurement.Review, _ *requirement.Set) {
			p.Plan.Notice.SubmissionURL = ""
		}},
		{"BT-15-Lot", "LOT-0002", "plan", func(p *procurement.Procurement, _ *notice.Buyer, _ *procurement.Review, _ *requirement.Set) {
			p.Plan.Notice.DocumentsURL = ""
		}},
		{"BT-131(d)-Lot", "LOT-0001", "plan", func(p *procurement.Procurement, _ *notice.Buyer, _ *procurement.Review, _ *requirement.Set) {
			p.Plan.TenderDeadline = time.Time{}
		}},
		{"BT-539-Lot", "LOT-0001", "plan", func(_ *procurement.Procurement, _ *notice.Buyer, _ *procurement.Review, s *requirement.Set) {
			s.Criteria = nil
		}},
		{"BT-500-Organization-Company", "", "buyer", func(_ *procurement.Procurement, lead *notice.Buyer, _ *procurement.Review, _ *requirement.Set) {
			lead.Name = ""
		}},
		{"BT-05(a)-notice", "", "sender", func(_ *procurement.Procurement, _ *notice.Buyer, r *procurement.Review, _ *requirement.Set) {
			r.Dispatch = calendar.Date{}
		}},
		{"BT-01(d)-Procedure", "", "form", func(_ *procurement.Procurement, _ *notice.Buyer, r *procurement.Review, _ *requirement.Set) {
			r.Regime = rules.PartIII
		}},
	} {
		p, all, lead, r, s := example()
		c.take(&p, &lead, &r, &s)
		n := notice.Build(p, all, lead, r, s)
		if !slices.ContainsFunc(n.Missing, func(m notice.Missing) bool { return m.ID == c.field && m.Lot == c.lot && m.Fill == c.fill }) {
			t.Errorf("%s %s: not among the missing: %+v", c.field, c.lot, n.Missing)
		}
		if n.Complete() && c.fill != "sender" {
			t.Errorf("%s: complete all the same", c.field)
		}
	}
}

func TestEveryBuyerHasItsTypeAndOneLeads(t *testing.T) {
	t.Parallel()
	n := build()
	leads, types, buyers := []string{}, 0, 0
	for _, f := range n.Fields {
		switch {
		case f.ID == "OPP-050-Organization" && f.Value == "true":
			leads = append(leads, f.Organisation)
		case f.ID == "BT-11-Procedure-Buyer":
			types++
			if f.Value != "la" {
				t.Errorf("legal type %s", f.Value)
			}
		case f.ID == "OPT-300-Procedure-Buyer":
			buyers++
		}
	}
	if buyers != 3 || types != 3 || !slices.Equal(leads, []string{"ORG-0001"}) {
		t.Errorf("buyers %d, types %d, leads %v", buyers, types, leads)
	}
}

func TestBrokenRules(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		rule   string
		change func(p *procurement.Procurement, all []notice.Buyer, s *requirement.Set)
	}{
		{"EFORMS-NOR-NATIONAL-EC-R001D", func(_ *procurement.Procurement, _ []notice.Buyer, s *requirement.Set) {
			s.Criteria[0].Weight, s.Criteria[1].Weight = requirement.Hundred*71/100, requirement.Hundred*29/100
		}},
		{"EFORMS-NOR-NATIONAL-LT-R002B", func(_ *procurement.Procurement, all []notice.Buyer, _ *requirement.Set) {
			all[1].LegalType = "pub-undert"
		}},
		{"eForms SDK 1.16, nuts-lvl3", func(p *procurement.Procurement, _ []notice.Buyer, _ *requirement.Set) {
			p.Plan.Lots[1].NUTS = []string{"NO0A"}
		}},
		{"EFORMS-NOR-NATIONAL-TH-R008I", func(p *procurement.Procurement, _ []notice.Buyer, _ *requirement.Set) {
			p.Plan.Contract, p.Plan.CPV = rules.Services, "85310000"
		}},
	} {
		p, all, lead, r, s := example()
		c.change(&p, all, &s)
		n := notice.Build(p, all, lead, r, s)
		if !slices.ContainsFunc(n.Broken, func(b notice.Broken) bool { return b.Rule == c.rule }) {
			t.Errorf("%s: not among the broken: %+v", c.rule, n.Broken)
		}
	}
}

// TestEnvironmentCodes: each way of taking care of the environment has its code.
func TestEnvironmentCodes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		env  procurement.Environment
		code string
		aim  bool
	}{
		{procurement.Environment{InSpecification: true, Reason: "Tydeleg betre"}, "quality-nor-env-spec", true},
		{procurement.Environment{Exemption: rules.Insignificant, Reason: "Lita påverknad"}, "quality-nor-env-exempt-insignificant", false},
		{procurement.Environment{Exemption: rules.CriticalInterest, Reason: "Beredskap"}, "quality-nor-env-exempt-critical-interest", false},
		{procurement.Environment{Exemption: rules.NationalMinimum, Reason: "Minstekrav"}, "quality-nor-env-exempt-national-minimum", false},
	} {
		p, all, lead, r, s := example()
		p.Plan.Environment = c.env
		s.Criteria[1].Kind = requirement.QualityCriterion
		n := notice.Build(p, all, lead, r, s)
		found, aim := false, false
		for _, f := range n.Fields {
			found = found || f.ID == "BT-539-Lot" && f.Value == c.code
			aim = aim || f.ID == "BT-06-Lot"
		}
		if !found || aim != c.aim || len(n.Broken) > 0 {
			t.Errorf("%s: found %t, aim %t, broken %v", c.code, found, aim, n.Broken)
		}
	}
}

func TestXMLIsWellFormedAndHoldsEveryValue(t *testing.T) {
	t.Parallel()
	n := build()
	file := n.XML()
	golden(t, "notice.xml", file)
	var text strings.Builder
	d := xml.NewDecoder(bytes.NewReader(file))
	for {
		tok, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		switch tok := tok.(type) {
		case xml.CharData:
			text.WriteString(string(tok) + "\n")
		case xml.StartElement:
			for _, a := range tok.Attr {
				text.WriteString(a.Value + "\n")
			}
		}
	}
	for _, f := range n.Fields {
		if !strings.Contains(text.String(), f.Value) {
			t.Errorf("%s: %q is not in the file", f.ID, f.Value)
		}
	}
}

func TestJSONAndSameAgain(t *testing.T) {
	t.Parallel()
	a, err := json.MarshalIndent(build(), "", " ")
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "notice.json", append(a, '\n'))
	b, _ := json.MarshalIndent(build(), "", " ")
	if !bytes.Equal(a, b) {
		t.Error("made again it differs")
	}
	for _, f := range build().Fields {
		if f.ID == "BT-701-notice" {
			if u, err := uuid.Parse(f.Value); err != nil || u.Version() != 4 {
				t.Errorf("notice id %s", f.Value)
			}
		}
	}
}

// TestEveryNameHasAText: whatever the notice names can be shown.
func TestEveryNameHasAText(t *testing.T) {
	t.Parallel()
	keys := []string{"notice.fill.plan", "notice.fill.buyer", "notice.fill.sender", "notice.fill.form"}
	for _, r := range notice.Requirements() {
		keys = append(keys, "notice."+r.Field)
	}
	for _, f := range build().Fields {
		keys = append(keys, f.Name)
	}
	for _, why := range []string{"sum", "health", "currency", "decimals", "legal-type", "nuts", "environment"} {
		keys = append(keys, "notice.broken."+why)
	}
	for _, k := range keys {
		if !catalogue.Has(k) {
			t.Errorf("no text for %s", k)
		}
	}
}

// golden compares with a recorded file; UPDATE=1 records it.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if os.Getenv("UPDATE") != "" {
		if err := os.WriteFile(path, got, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s differs from the recorded file; got:\n%s", path, got)
	}
}
