package record_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/fellesloft/fellesloft/internal/domain/calendar"
	"github.com/fellesloft/fellesloft/internal/domain/money"
	"github.com/fellesloft/fellesloft/internal/domain/procurement"
	"github.com/fellesloft/fellesloft/internal/domain/requirement"
	"github.com/fellesloft/fellesloft/internal/domain/rules"
	"github.com/fellesloft/fellesloft/internal/record"
)

func day(s string) calendar.Date { return calendar.MustParse(s) }

func at(s string, hour, minute int) time.Time { return day(s).At(hour, minute) }

func org(name, number string) record.Organisation {
	return record.Organisation{Name: name, OrgNr: number, Address: "Rådhusgata 1, 1234 Byen", Email: "post@eksempel.example"}
}

func pack(t *testing.T) rules.Pack {
	t.Helper()
	p, err := rules.Load()
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// whole is a procurement that has run to its first call-offs.
func whole(t *testing.T) record.Facts {
	t.Helper()
	standstill, err := pack(t).At("foa.25-2.1.standstill", day("2027-01-11"))
	if err != nil {
		t.Fatal(err)
	}
	threshold, err := pack(t).At("foa.5-3.1b.eea-threshold-goods-services-other", day("2026-11-02"))
	if err != nil {
		t.Fatal(err)
	}
	confirmed := int64(2_400_000)
	threshold.Kind, threshold.Value = rules.Fixed, &confirmed
	threshold.Confirmed = &rules.Confirmation{RuleID: threshold.ID, Value: &confirmed, Source: "Lovdata, lest 20.10.2026", ConfirmedAt: at("2026-10-20", 9, 30)}
	nordic, fjell, sky := org("Nordlys Omsorg AS", "999111222"), org("Fjellvakt <AS>", "999111333"), org("Skybro & Sønn AS", "999111444")
	return record.Facts{
		Language: "nb", Invented: true, MadeAt: at("2027-03-01", 8, 0),
		Title: "Velferdsteknologi og journalintegrasjon", Reference: "2026/114", Description: "Responssenter og integrasjon mot journal for tre kommuner.",
		Contract: rules.Goods, Procedure: rules.OpenProcedure, Regime: rules.PartIII, Phase: procurement.Running,
		Lead:      org("Første kommune", "999000001"),
		Lots:      []record.Lot{{Number: 1, Title: "Responssenter", CPV: "48814000", Estimated: money.Kroner(4_500_000), Maximum: money.Kroner(6_000_000)}, {Number: 2, Title: "Integrasjon", CPV: "72260000", Estimated: money.Kroner(1_000_000), Maximum: money.Kroner(1_500_000)}},
		Estimated: money.Kroner(5_500_000), Maximum: money.Kroner(7_500_000),
		Dispatch: &procurement.Dispatch{On: day("2026-11-02"), Reference: "2026-112233"}, PublishedAt: at("2026-11-02", 10, 0), TenderDeadline: at("2026-12-03", 12, 0),
		Participants: []record.Participant{
			{Organisation: org("Første kommune", "999000001"), State: "mandated", DecidedOn: day("2026-09-10"), CaseReference: "2026/77", Maximum: money.Kroner(5_000_000), CostShare: "60", EndsOn: day("2030-12-31")},
			{Organisation: org("Andre kommune", "999000002"), State: "mandated", DecidedOn: day("2026-09-12"), CaseReference: "26/1001", Maximum: 2_500_000_50, CostShare: "40", EndsOn: day("2030-12-31")},
			{Organisation: org("Tredje kommune", "999000003"), State: "declined", Reason: "Har gyldig avtale til 2028."},
			{Organisation: org("Fjerde kommune", "999000004"), State: "dropped"},
		},
		Rules: []record.RuleUsed{{Rule: standstill}, {Rule: threshold, ConfirmedBy: "Innkjøpsleder, Første kommune"}},
		Timeline: []record.Happening{
			{At: at("2026-08-20", 9, 0), Event: procurement.Launched, Params: map[string]string{"deadline": "2026-10-01T10:00:00Z"}, Who: "Innkjøpsleder"},
			{At: at("2026-11-25", 14, 0), Event: procurement.DeadlineExtended, Params: map[string]string{"until": "2026-12-03T11:00:00Z"}, Who: "Innkjøpsleder"},
			{At: at("2026-12-03", 12, 0), Event: procurement.Closed},
		},
		Declined: []record.DeclinedQuestion{{Number: 7, Question: "Kan prisen oppgis i euro?", Reason: "Spørsmålet ble oversett.", At: at("2026-12-04", 8, 30), AfterDeadline: true}},
		Openings: []record.Opening{{Part: procurement.Quality, At: at("2026-12-04", 9, 0), Approvals: []record.Approval{{Name: "Åpner én", At: at("2026-12-03", 13, 0)}, {Name: "Åpner to", At: at("2026-12-04", 8, 59)}}}},
		Tenders: []record.Tender{
			{Supplier: nordic, ReceivedAt: at("2026-12-02", 15, 4), Lots: []int{1, 2}},
			{Supplier: fjell, ReceivedAt: at("2026-12-03", 11, 59), Lots: []int{1}},
			{Supplier: sky, ReceivedAt: at("2026-12-01", 8, 0), Lots: []int{2}, WithdrawnAt: at("2026-12-02", 8, 0)},
		},
		Late:           []record.LateTender{{Supplier: org("Sen AS", "999111555"), At: at("2026-12-03", 12, 0).Add(2 * time.Second)}},
		Rejections:     []record.Rejection{{Supplier: fjell, Ground: procurement.GroundMaterial, Paragraph: "FOA § 24-8 (1) b", Reason: "Tilbudet oppfyller ikke krav 2.3 om lagring i EØS.", At: at("2026-12-15", 10, 0), By: "Innkjøpsleder"}},
		Rankings:       []record.Ranking{{Lot: 1, Rows: []record.Ranked{{Rank: 1, Supplier: nordic.Name, Points: "8.75", Price: money.Kroner(4_100_000)}}}},
		Winners:        []record.Winner{{Lot: 1, Supplier: nordic, Reason: "Best på kvalitet og miljø.", Value: money.Kroner(4_100_000)}, {Lot: 2, Supplier: nordic, Reason: "Eneste tilbud, innenfor kravene.", Value: 99_999_950}},
		Declarations:   []record.Declaration{{Name: "Evaluerer én", Role: "Evaluerer", At: at("2026-12-04", 10, 0)}},
		Contracts:      []record.Contract{{Lot: 1, Supplier: nordic, Value: money.Kroner(4_100_000), BuyerSignedOn: day("2027-01-26"), SupplierSignedOn: day("2027-01-27"), StartsOn: day("2027-02-01"), EndsOn: day("2029-01-31")}, {Lot: 2, Supplier: nordic, Value: 99_999_950, StartsOn: day("2027-02-01"), EndsOn: day("2029-01-31")}},
		CallOffs:       []record.CallOff{{Buyer: "Andre kommune", Lot: 1, Amount: money.Kroner(350_000), Reference: "B-17", At: at("2027-02-10", 9, 0)}},
		Subcontractors: []record.Subcontractor{{Supplier: nordic.Name, Organisation: record.Organisation{Name: "Montør AS"}, Task: "Montering hos bruker", Share: 20}},
	}
}

func TestRecordOfAWholeProcurement(t *testing.T) {
	t.Parallel()
	f := whole(t)
	r := record.Build(f, pack(t).ProtocolItems(f.Regime, day("2026-11-02")))
	if len(r.Items) != 16 || len(r.Missing) != 0 {
		t.Errorf("§ 25-5 has sixteen items, got %d; missing: %v", len(r.Items), r.Missing)
	}
	html, err := r.HTML()
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "record.nb.html", html)
	for _, want := range []string{"Fjellvakt &lt;AS&gt;", "Lovdata, lest 20.10.2026", "Åpner to", "FOA § 25-5 p", `lang="nb"`} {
		if !bytes.Contains(html, []byte(want)) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if bytes.Contains(html, []byte("http")) {
		t.Error("the page reaches for another address")
	}
}

// TestWhatIsMissingIsShown: a draft under Part II in nynorsk.
func TestWhatIsMissingIsShown(t *testing.T) {
	t.Parallel()
	f := record.Facts{Language: "nn", Title: "Reinhald", Regime: rules.PartII, Procedure: rules.OpenNational, Contract: rules.Services, Phase: procurement.Evaluation,
		Lead: record.Organisation{Name: "Første kommune"}, Lots: []record.Lot{{Number: 1, Title: "Reinhald"}}, Negotiation: true}
	r := record.Build(f, pack(t).ProtocolItems(f.Regime, day("2026-11-02")))
	if len(r.Items) != 15 {
		t.Errorf("§ 10-5 has fifteen items, got %d", len(r.Items))
	}
	got := ""
	for _, m := range r.Missing {
		got += m[:1]
	}
	// a address, b value, f tenders, h and i dialogue, j impartiality, k winner,
	// l subcontractors. Nothing was rejected or cancelled.
	if got != "abfhijkl" {
		t.Errorf("missing %q: %v", got, r.Missing)
	}
	html, err := r.HTML()
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "missing.nn.html", html)
	if !bytes.Contains(html, []byte("Dette manglar")) {
		t.Error("the page does not say what is missing")
	}
}

// TestNoItemIsSilent: with no facts at all every item is missing or says why it
// does not apply, in every language.
func TestNoItemIsSilent(t *testing.T) {
	t.Parallel()
	for _, lang := range []string{"nb", "nn", "en"} {
		for _, regime := range []rules.Regime{rules.PartII, rules.PartIII} {
			r := record.Build(record.Facts{Language: lang, Regime: regime}, pack(t).ProtocolItems(regime, day("2026-11-02")))
			for _, s := range append(r.Items, r.Annexes...) {
				if s.State == record.Given || len(s.Texts) == 0 {
					t.Errorf("%s %s %s: %s with %v", lang, regime, s.Letter, s.State, s.Texts)
				}
				for _, text := range append(s.Texts, s.Title) {
					if strings.Contains(text, "record.") {
						t.Errorf("%s: no text for %s", lang, text)
					}
				}
			}
		}
	}
}

func TestACancelledCompetition(t *testing.T) {
	t.Parallel()
	f := whole(t)
	f.Phase, f.Winners, f.Rankings, f.Subcontractors = procurement.Cancelled, nil, nil, nil
	f.Ending = &record.Ending{Reason: "Behovet er falt bort.", At: at("2026-12-20", 9, 0)}
	r := record.Build(f, pack(t).ProtocolItems(f.Regime, day("2026-11-02")))
	for _, s := range r.Items {
		switch s.Letter {
		case "m", "n":
			if s.State != record.NotRelevant {
				t.Errorf("%s: %s", s.Letter, s.State)
			}
		case "o":
			if s.State != record.Given || s.Texts[0] != "Behovet er falt bort." {
				t.Errorf("o: %s %v", s.State, s.Texts)
			}
		}
	}
	f.Ending.Reason = ""
	if r = record.Build(f, pack(t).ProtocolItems(f.Regime, day("2026-11-02"))); len(r.Missing) != 1 || r.Missing[0][:1] != "o" {
		t.Errorf("without a reason: %v", r.Missing)
	}
}

func TestTheLeadBuyersOwnWordsFillAnItem(t *testing.T) {
	t.Parallel()
	f := record.Facts{Language: "nb", Regime: rules.PartIII, Procedure: rules.OpenProcedure,
		Statements: map[rules.RecordKey]string{rules.RecordNotElectronic: "En fysisk prøve ble levert."}}
	for _, s := range record.Build(f, pack(t).ProtocolItems(f.Regime, day("2026-11-02"))).Items {
		if s.Letter == "f" && (s.State != record.Given || s.Texts[len(s.Texts)-1] != "En fysisk prøve ble levert.") {
			t.Errorf("f: %s %v", s.State, s.Texts)
		}
	}
}

func address(to string) record.Address {
	return record.Address{Language: "nb", Title: "Velferdsteknologi", Reference: "2026/114", Invented: true,
		From: org("Første kommune", "999000001"), To: org(to, "999111333"), SentAt: at("2027-01-11", 10, 0), Regime: rules.PartIII}
}

// award is what the second-ranked supplier is told, or what the winner is.
func award(won bool) record.AwardFacts {
	return record.AwardFacts{Address: address("Fjellvakt AS"), StandstillUntil: at("2027-01-22", 0, 0), Paragraph: "FOA § 25-2 (1)",
		Lots: []record.AwardedLot{{Number: 1, Title: "Responssenter", Winner: "Nordlys Omsorg AS", Won: won, Rank: 2, Of: 3, Reason: "Best på kvalitet.", WinnerTotal: "8.75", OwnTotal: "8.1",
			Criteria: []record.ComparedCriterion{
				{Name: "Pris", Kind: requirement.PriceCriterion, Weight: "40", WinnerPoints: "8", OwnPoints: "10", OwnPrice: money.Kroner(3_900_000)},
				{Name: "Kvalitet", Kind: requirement.QualityCriterion, Weight: "30", WinnerPoints: "9.5", OwnPoints: "7",
					Elements: []record.ComparedElement{{Requirement: "2.1 Varsling", Weight: "100", WinnerPoints: "9.5", OwnPoints: "7", WinnerNotes: []string{"Rask og dokumentert varsling.", "Godt dokumentert."}, OwnNotes: []string{"Mangler plan for bortfall."}}}},
				{Name: "Klima og miljø", Kind: requirement.Environment, Weight: "30", WinnerPoints: "9", OwnPoints: "9",
					Elements: []record.ComparedElement{{Requirement: "6.1 Transport", Weight: "100", WinnerPoints: "9", OwnPoints: "9", WinnerNotes: []string{"Utslippsfri."}, OwnNotes: []string{"Utslippsfri."}}}},
			}}}}
}

func TestAwardLetter(t *testing.T) {
	t.Parallel()
	l := record.AwardLetter(award(false))
	html, err := l.HTML()
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "award.nb.html", html)
	golden(t, "award.nb.txt", []byte(l.Text()))
	// FOA § 25-1 (2): name of the winner, qualities and relative advantages, and
	// the standstill; every counted element with its notes.
	for _, want := range []string{"Nordlys Omsorg AS", "Mangler plan for bortfall.", "Rask og dokumentert varsling.", "6.1 Transport",
		"Valgt tilbud er 2,5 poeng bedre", "Deres tilbud er 2 poeng bedre", "Likt", "til og med torsdag 21. januar 2027", "KOFA"} {
		for form, got := range map[string]string{"html": string(html), "text": l.Text()} {
			if !strings.Contains(got, want) {
				t.Errorf("%s lacks %q", form, want)
			}
		}
	}
}

func TestTheWinnersLetterComparesWithNobody(t *testing.T) {
	t.Parallel()
	text := record.AwardLetter(award(true)).Text()
	if !strings.Contains(text, "Tilbudet deres er valgt") || strings.Contains(text, "Deres tilbud") || strings.Contains(text, "Mangler plan") {
		t.Error(text)
	}
}

func TestARejectedSupplierLearnsTheWinner(t *testing.T) {
	t.Parallel()
	f := award(false)
	f.Lots[0].Rank = 0
	text := record.AwardLetter(f).Text()
	if !strings.Contains(text, "Vi har valgt Nordlys Omsorg AS") || !strings.Contains(text, "er avvist") || strings.Contains(text, "Mangler plan") {
		t.Error(text)
	}
}

func TestOtherLetters(t *testing.T) {
	t.Parallel()
	a := address("Fjellvakt AS")
	rejection := record.RejectionLetter(record.Rejected{Address: a, Ground: procurement.GroundMaterial, Paragraph: "FOA § 24-8 (1) b", Reason: "Krav 2.3 er ikke oppfylt."})
	golden(t, "rejection.nb.txt", []byte(rejection.Text()))
	for _, lang := range []string{"nb", "nn", "en"} {
		a.Language = lang
		for name, l := range map[string]record.Letter{
			"rejection":    record.RejectionLetter(record.Rejected{Address: a, Ground: procurement.GroundLate, Paragraph: "FOA § 24-1 (1) a", Reason: "x"}),
			"cancellation": record.CancellationLetter(record.Stopped{Address: a, Reason: "Behovet er falt bort."}),
			"reversal":     record.ReversalLetter(record.Stopped{Address: a, Reason: "Feil i poengberegningen."}),
			"award":        record.AwardLetter(func() record.AwardFacts { f := award(false); f.Address = a; return f }()),
		} {
			html, err := l.HTML()
			if err != nil {
				t.Fatal(err)
			}
			for form, got := range map[string]string{"html": string(html), "text": l.Text()} {
				if strings.Contains(got, "letter.") || strings.Contains(got, "record.page") || !strings.Contains(got, "KOFA") {
					t.Errorf("%s %s %s:\n%s", lang, name, form, got)
				}
			}
			if !strings.Contains(string(html), fmt.Sprintf("<html lang=%q>", lang)) {
				t.Errorf("%s %s: the language is not declared", lang, name)
			}
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
