package rules_test

import (
	"encoding/csv"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/fellesloft/fellesloft/internal/domain/calendar"
	"github.com/fellesloft/fellesloft/internal/domain/rules"
	"github.com/fellesloft/fellesloft/internal/fault"
)

func day(s string) calendar.Date { return calendar.MustParse(s) }

// read is the last day for which the paragraphs of FOA were read.
var read = day("2024-03-21")

// today is a day on which most values are unverified.
var today = day("2026-11-23")

func pack(t *testing.T) rules.Pack {
	t.Helper()
	p, err := rules.Load()
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// stages and variants say how the table of deadlines names ours.
var (
	stages = map[string]rules.Stage{
		"tilbud": rules.TenderDeadline, "første tilbud": rules.TenderDeadline, "forespørsel": rules.RequestDeadline,
		"søknad om opptak (før første invitasjon)":                         rules.AdmissionDeadline,
		"kontroll av søknad":                                               rules.AdmissionCheck,
		"tillegg: ikke full elektronisk tilgang til konkurransegrunnlaget": rules.DocumentsAddition,
		"svar på spørsmål om konkurransegrunnlaget":                        rules.AnswersBefore,
		"karensperiode":                     rules.Standstill,
		"vedståelsesfrist":                  rules.TenderValidity,
		"kunngjøring av kontraktsinngåelse": rules.AwardNotice,
		"frist for begjæring om midlertidig forføyning (to-trinn)":           rules.InjunctionPetition,
		"meddelelse om gjennomføring av forhandlinger/dialog på forespørsel": rules.RequestResult,
		"elektronisk auksjon tidligst (virkedager)":                          rules.Auction,
		"oppbevaring av dokumentasjon (år)":                                  rules.Retention,
		"rammeavtale varighet (år)":                                          rules.FrameworkDuration,
		"skatteattest maks alder (måneder)":                                  rules.TaxCertificate,
	}
	variants = map[string]rules.Variant{
		"ikke krav om elektronisk levering": rules.NotElectronic, "ikke elektronisk": rules.NotElectronic,
		"veiledende kunngjøring 35 dager–12 mnd før": rules.PriorNotice, "veiledende kunngjøring": rules.PriorNotice,
		"hastetilfelle": rules.Urgent, "ikke-statlig, ikke enighet om frist": rules.NoAgreement,
		"over 500 000 kr": rules.Age,
	}
)

// Every row of the table of deadlines has one rule with its paragraph and number.
func TestEveryDeadlineOfTheTable(t *testing.T) {
	t.Parallel()
	f, err := os.Open("testdata/foa_deadlines.csv")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	r := csv.NewReader(f)
	r.Comment = '#'
	rows, err := r.ReadAll()
	if err != nil || len(rows) != 37 {
		t.Fatalf("%d rows with the header, %v", len(rows), err)
	}
	law := pack(t).With(nil)
	used := map[string]bool{}
	for _, row := range rows[1:] {
		for stage := range strings.SplitSeq(row[3], " og ") {
			if row[7] != "FOA § 8-14" { // the only row that names two stages
				stage = row[3]
			}
			checkDeadline(t, law, row, stages[stage], used)
		}
	}
	if len(used) != 37 {
		t.Errorf("the rows name %d rules, want 37", len(used))
	}
}

func checkDeadline(t *testing.T, law rules.Effective, row []string, stage rules.Stage, used map[string]bool) {
	t.Helper()
	variant, ok := variants[row[4]]
	if !ok {
		variant = rules.Main
	}
	r, err := law.Pick(rules.Regime(row[0]), rules.Procedure(row[1]), stage, variant, read)
	if err != nil {
		t.Errorf("row %v: %v", row, err)
		return
	}
	used[r.ID] = true
	if squeeze(r.Paragraph) != squeeze(row[7]) {
		t.Errorf("%s cites %q, the table %q", r.ID, r.Paragraph, row[7])
	}
	n, err := r.Number()
	switch {
	case row[5] == "" && fault.RuleOf(err) != "rules.no-fixed-value":
		t.Errorf("%s gives %d, %v; the law sets no number", r.ID, n, err)
	case row[5] != "" && strconv.FormatInt(n, 10) != row[5]:
		t.Errorf("%s gives %d, %v; the table %s", r.ID, n, err, row[5])
	}
	if r.Unverified(read) || !r.Unverified(read.AddDays(1)) {
		t.Errorf("%s is verified through %s, want %s", r.ID, r.CheckedUntil, read)
	}
}

func squeeze(s string) string { return strings.ReplaceAll(s, " ", "") }

// What the description of the rules says beside the table.
func TestNumbersBesideTheTable(t *testing.T) {
	t.Parallel()
	p := pack(t)
	for id, want := range map[string]struct {
		value int64
		unit  rules.Unit
	}{
		"foa.20-4.2.tender-deadline-negotiated-not-electronic": {30, rules.Days},
		"foa.20-4.3.tender-deadline-negotiated-no-agreement":   {10, rules.Days},
		"foa.20-4.3.tender-deadline-negotiated-prior-notice":   {10, rules.Days},
		"foa.20-4.3.request-deadline-negotiated-urgent":        {15, rules.Days},
		"foa.20-4.3.tender-deadline-negotiated-urgent":         {10, rules.Days},
		"foa.14-2.2.answers-before-deadline-urgent":            {4, rules.Days},
		"foa.26-6.3.admission-check-dps":                       {10, rules.WorkingDays},
		"foa.26-6.3.admission-check-dps-justified":             {15, rules.WorkingDays},
		"foa.27-4.3.auction-start":                             {2, rules.WorkingDays},
		"foa.30-9.standstill-health-social-not-electronic":     {15, rules.Days},
		"foa.8-16.injunction-petition-national":                {15, rules.Days},
		"foa.16-12.selection-minimum-restricted":               {5, rules.Count},
		"foa.16-12.selection-minimum-negotiated":               {3, rules.Count},
		"foa.16-12.selection-minimum-innovation":               {3, rules.Count},
		"foa.16-12.selection-minimum-dialogue":                 {3, rules.Count},
		"foa.8-9.selection-minimum-restricted-national":        {3, rules.Count},
		"foa.28.contract-change-goods-services":                {10, rules.Percent},
		"foa.28.contract-change-works":                         {15, rules.Percent},
		"foa.28.contract-change-additional":                    {50, rules.Percent},
		"foa.28.contract-change-unforeseen":                    {50, rules.Percent},
		"foa.5-4.8.small-lot-goods-services":                   {836_000, rules.NOK},
		"foa.5-4.8.small-lot-works":                            {10_400_000, rules.NOK},
		"foa.5-4.8.small-lot-share":                            {20, rules.Percent},
		"foa.5-4.9.recurring-value":                            {12, rules.Months},
		"foa.5-4.10c.open-ended-value":                         {48, rules.Count},
		"foa.7-2.tax-certificate-from":                         {500_000, rules.NOK},
		"foa.7-1.1.retention":                                  {3, rules.Years},
		"foa.26-1.4.framework-duration":                        {4, rules.Years},
		"foa.7-9.environment-weight":                           {30, rules.Percent},
		"foa.7-9.environment-rank":                             {3, rules.Count},
	} {
		r, err := p.At(id, read)
		if err != nil {
			t.Error(err)
			continue
		}
		if n, err := r.Number(); n != want.value || r.Unit != want.unit {
			t.Errorf("%s is %d %s, %v; want %d %s", id, n, r.Unit, err, want.value, want.unit)
		}
	}
}

func TestVersionsOfThresholds(t *testing.T) {
	t.Parallel()
	p := pack(t)
	const unknown = -1
	for _, c := range []struct {
		id, on     string
		kroner     int64
		unverified bool
	}{
		{"loa.2.entry-threshold", "2026-06-30", 100_000, true},
		{"loa.2.entry-threshold", "2026-07-01", 500_000, true},
		{"foa.5-1.2.national-threshold", "2025-12-01", 1_300_000, false},
		{"foa.5-1.2.national-threshold", "2025-12-02", 1_300_000, true},
		{"foa.5-3.1a.eea-threshold-goods-services-state", "2025-12-01", 1_490_000, false},
		{"foa.5-3.1a.eea-threshold-goods-services-state", "2026-04-21", 1_490_000, true},
		{"foa.5-3.1b.eea-threshold-goods-services-other", "2024-03-14", 2_300_000, false},
		{"foa.5-3.1b.eea-threshold-goods-services-other", "2026-04-20", 2_300_000, true},
		{"foa.5-3.1b.eea-threshold-goods-services-other", "2026-04-21", unknown, true},
		{"foa.5-3.1c.eea-threshold-works", "2025-06-01", 57_800_000, false},
		{"foa.5-3.1c.eea-threshold-works", "2026-04-21", unknown, true},
		{"foa.5-3.2.eea-threshold-special-health-social", "2025-06-01", 7_800_000, false},
		{"foa.5-3.2.eea-threshold-special-health-social", "2026-04-21", unknown, true},
	} {
		r, err := p.At(c.id, day(c.on))
		if err != nil {
			t.Error(err)
			continue
		}
		amount, err := r.Amount()
		if c.kroner == unknown {
			if fault.RuleOf(err) != "rules.value-unknown" || !fault.Is(err, fault.Conflict) {
				t.Errorf("%s on %s gives %s, %v; want it unknown", c.id, c.on, amount, err)
			}
		} else if int64(amount) != c.kroner*100 || err != nil {
			t.Errorf("%s on %s gives %s, %v; want %d", c.id, c.on, amount, err, c.kroner)
		}
		if r.Unverified(day(c.on)) != c.unverified {
			t.Errorf("%s on %s: unverified %t", c.id, c.on, !c.unverified)
		}
	}
}

func TestAtRefuses(t *testing.T) {
	t.Parallel()
	p := pack(t)
	if _, err := p.At("foa.99-9.no-such", today); fault.RuleOf(err) != "rules.unknown-rule" {
		t.Errorf("an id that is none: %v", err)
	}
	if _, err := p.At("foa.7-9.environment-weight", day("2026-07-01")); fault.RuleOf(err) != "rules.not-in-force" {
		t.Errorf("§ 7-9 after it was retired: %v", err)
	}
	if _, err := p.At("foa.20-2.1.tender-deadline-open", read.AddDays(-1)); fault.RuleOf(err) != "rules.not-in-force" {
		t.Errorf("a text that was not read: %v", err)
	}
}

func TestPeriodsOfRules(t *testing.T) {
	t.Parallel()
	p := pack(t)
	for _, c := range []struct{ id, anchor, first, last string }{
		{"foa.20-2.1.tender-deadline-open", "2026-11-02", "2026-11-03", "2026-12-02"},
		{"foa.25-2.1.standstill", "2026-11-04", "2026-11-05", "2026-11-16"},
		{"foa.14-2.2.answers-before-deadline", "2026-12-10", "2026-12-04", "2026-12-09"},
		{"foa.26-6.3.admission-check-dps", "2026-11-02", "2026-11-03", "2026-11-16"},
		{"foa.7-2.tax-certificate-age", "2026-12-10", "2026-06-10", "2026-12-09"},
		{"foa.26-1.4.framework-duration", "2026-11-13", "2026-11-14", "2030-11-13"},
		{"foa.5-4.9.recurring-value", "2026-01-15", "2026-01-16", "2027-01-15"},
	} {
		r, err := p.At(c.id, today)
		if err != nil {
			t.Fatal(err)
		}
		got, err := r.Period(day(c.anchor))
		if err != nil || got.First != day(c.first) || got.Last != day(c.last) {
			t.Errorf("%s from %s: %s to %s, %v; want %s to %s", c.id, c.anchor, got.First, got.Last, err, c.first, c.last)
		}
	}
	for id, rule := range map[string]string{
		"foa.10-2.standstill-national":   "rules.no-fixed-value",
		"foa.7-2.tax-certificate-from":   "rules.wrong-unit",
		"foa.5-3.1c.eea-threshold-works": "rules.value-unknown",
	} {
		r, err := p.At(id, today)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := r.Period(today); fault.RuleOf(err) != rule {
			t.Errorf("%s as a period: %v, %v; want %s", id, got, err, rule)
		}
	}
}

func TestFindListsEveryVariant(t *testing.T) {
	t.Parallel()
	found := pack(t).Find(rules.PartIII, rules.OpenProcedure, rules.TenderDeadline, today)
	var ids []string
	for _, r := range found {
		ids = append(ids, r.ID)
	}
	want := "foa.20-2.1.tender-deadline-open foa.20-2.1.tender-deadline-open-not-electronic " +
		"foa.20-2.2.tender-deadline-open-prior-notice foa.20-2.3.tender-deadline-open-urgent"
	if got := strings.Join(ids, " "); got != want {
		t.Errorf("found %s, want %s", got, want)
	}
	if got := pack(t).Find(rules.PartII, rules.OpenProcedure, rules.TenderDeadline, today); len(got) != 0 {
		t.Errorf("Part II has rules of a Part III procedure: %v", got)
	}
	if got := pack(t).Find(rules.PartII, rules.OpenNational, rules.TaxCertificate, today); len(got) != 2 {
		t.Errorf("rules for all regimes are left out: %v", got)
	}
}

func TestCallersCannotChangeThePack(t *testing.T) {
	t.Parallel()
	p := pack(t)
	p.Rules()[0].ID = "changed"
	if p.Rules()[0].ID == "changed" {
		t.Error("the list is the pack's own")
	}
	e := p.With([]rules.Confirmation{{RuleID: "foa.25-2.1.standstill", Value: ptr(12), Source: "s", ConfirmedAt: time.Unix(0, 0)}})
	if r, _ := e.At("foa.25-2.1.standstill", today); *r.Value != 12 {
		t.Errorf("confirmed value %d", *r.Value)
	}
	if r, _ := p.At("foa.25-2.1.standstill", today); *r.Value != 10 || r.Confirmed != nil {
		t.Errorf("one procurement's confirmation reached the pack: %+v", r)
	}
}

func ptr(n int64) *int64 { return &n }
