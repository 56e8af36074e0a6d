package catalogue_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"text/template/parse"
	"time"

	"github.com/fellesloft/fellesloft/internal/catalogue"
	"github.com/fellesloft/fellesloft/internal/domain/calendar"
	"github.com/fellesloft/fellesloft/internal/domain/money"
	"github.com/fellesloft/fellesloft/internal/domain/procurement"
	"github.com/fellesloft/fellesloft/internal/domain/requirement"
	"github.com/fellesloft/fellesloft/internal/domain/rules"
)

// texts reads every text of a language straight from the files.
func texts(t *testing.T, lang string) map[string]string {
	t.Helper()
	names, err := filepath.Glob("texts/*." + lang + ".json")
	if err != nil || len(names) == 0 {
		t.Fatalf("no files for %s: %v", lang, err)
	}
	all := map[string]string{}
	for _, name := range names {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var raw map[string]any
		if err := json.Unmarshal(b, &raw); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		flatten(t, name, "", raw, all)
	}
	return all
}

func flatten(t *testing.T, file, prefix string, raw map[string]any, into map[string]string) {
	t.Helper()
	for k, v := range raw {
		switch v := v.(type) {
		case string:
			if _, twice := into[prefix+k]; twice {
				t.Errorf("%s: %s is there twice", file, prefix+k)
			}
			into[prefix+k] = v
		case map[string]any:
			flatten(t, file, prefix+k+".", v, into)
		}
	}
}

func TestLanguagesHaveTheSameTexts(t *testing.T) {
	t.Parallel()
	nb := texts(t, catalogue.Bokmaal)
	for _, lang := range []string{catalogue.Nynorsk, catalogue.English} {
		other := texts(t, lang)
		for k := range nb {
			if strings.TrimSpace(other[k]) == "" {
				t.Errorf("%s has no text for %s", lang, k)
			}
		}
		for k := range other {
			if strings.TrimSpace(nb[k]) == "" {
				t.Errorf("nb has no text for %s", k)
			}
		}
	}
}

// TestEveryRuleHasAText keeps the catalogue in step with the code, both ways.
func TestEveryRuleHasAText(t *testing.T) {
	t.Parallel()
	nb := texts(t, catalogue.Bokmaal)
	used := map[string]bool{"internal": true}
	for _, u := range usesOfRules(t) {
		if u.internal {
			continue
		}
		used[u.rule] = true
		for _, part := range []string{"title", "detail"} {
			if nb["problem."+u.rule+"."+part] == "" {
				t.Errorf("%s: rule %s has no %s", u.at, u.rule, part)
			}
		}
	}
	if len(used) < 200 {
		t.Fatalf("found only %d rules: the reading of the code is broken", len(used))
	}
	for k := range nb {
		rule, ok := strings.CutPrefix(k, "problem.")
		if !ok {
			continue
		}
		rule = strings.TrimSuffix(strings.TrimSuffix(rule, ".title"), ".detail")
		if !used[rule] {
			t.Errorf("nothing refuses with %s any more", rule)
		}
	}
}

// TestTextsUseParamsThatAreGiven: a param that not every use gives may stand
// only where its absence is provided for.
func TestTextsUseParamsThatAreGiven(t *testing.T) {
	t.Parallel()
	type given struct{ some, every map[string]bool }
	rules := map[string]given{}
	for _, u := range usesOfRules(t) {
		g, seen := rules[u.rule]
		if !seen {
			g = given{some: map[string]bool{}, every: maps.Clone(u.params)}
		}
		maps.Copy(g.some, u.params)
		maps.DeleteFunc(g.every, func(k string, _ bool) bool { return !u.params[k] || u.open })
		rules[u.rule] = g
	}
	for _, lang := range catalogue.Languages() {
		for k, text := range texts(t, lang) {
			rest, ok := strings.CutPrefix(k, "problem.")
			if !ok {
				continue
			}
			g := rules[strings.TrimSuffix(strings.TrimSuffix(rest, ".title"), ".detail")]
			needed, guarded := params(t, k, text)
			for p := range needed {
				if !g.every[p] && !alwaysOpen(rest, p) {
					t.Errorf("%s: %s uses %q without a guard, and not every refusal gives it", lang, k, p)
				}
			}
			for p := range guarded {
				if !g.some[p] && p != "field" {
					t.Errorf("%s: %s uses %q, which no refusal gives", lang, k, p)
				}
			}
		}
	}
}

// alwaysOpen are params of refusals that are made from a variable and always
// set there.
func alwaysOpen(key, param string) bool {
	return slices.Contains([]string{"answer.price-missing.detail line", "requirement.weights-sum.detail sum"}, key+" "+param)
}

// params lists the fields that a text uses: needed ones, and those inside an if
// or with on that field.
func params(t *testing.T, key, text string) (needed, guarded map[string]bool) {
	t.Helper()
	trees, err := parse.Parse(key, text, "", "", builtins())
	if err != nil {
		t.Fatalf("%s: %v", key, err)
	}
	needed, guarded = map[string]bool{}, map[string]bool{}
	tree, ok := trees[key]
	if !ok {
		return needed, guarded
	}
	walk(tree.Root, nil, needed, guarded)
	return needed, guarded
}

func builtins() map[string]any {
	fns := map[string]any{}
	for _, name := range []string{"date", "longdate", "instant", "nok", "decimal", "count", "field", "phase", "wait", "part", "ground",
		"regime", "procedure", "exemption", "rulename", "unit", "mark", "document", "operation"} {
		fns[name] = func() {}
	}
	return fns
}

func walk(n parse.Node, under []string, needed, guarded map[string]bool) {
	note := func(name string) {
		if slices.Contains(under, name) {
			guarded[name] = true
		} else {
			needed[name] = true
		}
	}
	switch n := n.(type) {
	case *parse.ListNode:
		if n == nil {
			return
		}
		for _, c := range n.Nodes {
			walk(c, under, needed, guarded)
		}
	case *parse.ActionNode:
		walk(n.Pipe, under, needed, guarded)
	case *parse.PipeNode:
		for _, c := range n.Cmds {
			for _, a := range c.Args {
				walk(a, under, needed, guarded)
			}
		}
	case *parse.FieldNode:
		note(n.Ident[0])
	case *parse.IfNode:
		branch(&n.BranchNode, under, needed, guarded)
	case *parse.WithNode:
		branch(&n.BranchNode, under, needed, guarded)
	}
}

func branch(b *parse.BranchNode, under []string, needed, guarded map[string]bool) {
	on := map[string]bool{}
	walk(b.Pipe, nil, on, on)
	inside := slices.Clone(under)
	for k := range on {
		guarded[k] = true
		inside = append(inside, k)
	}
	walk(b.List, inside, needed, guarded)
	walk(b.ElseList, under, needed, guarded)
}

// TestEveryCodeHasAText covers what the domain lists: a code without a text
// would be shown as a code.
func TestEveryCodeHasAText(t *testing.T) {
	t.Parallel()
	keys := map[string]bool{"mail.frame": true, "mail.general.subject": true, "mail.general.body": true}
	add := func(prefix string, codes ...string) {
		for _, c := range codes {
			keys[prefix+c] = true
		}
	}
	for _, p := range procurement.Phases() {
		add("phase.", string(p))
	}
	for _, w := range procurement.Waitings() {
		add("wait.", string(w))
	}
	for _, k := range procurement.EventKinds() {
		add("event.", string(k))
	}
	for _, k := range catalogue.MailKinds() {
		add("mail.", k+".subject", k+".body")
	}
	for _, g := range procurement.Grounds() {
		add("ground.", string(g))
	}
	for _, r := range rules.Regimes() {
		add("regime.", string(r))
	}
	for _, k := range calendar.HolidayKeys() {
		add("holiday.", k)
	}
	for _, p := range requirement.Parts() {
		add("part.", string(p))
	}
	pack, err := rules.Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range pack.Rules() {
		keys[r.Title()] = true
		add("unit.", string(r.Unit))
		add("mark.", string(r.Mark))
		if r.Procedure != rules.AnyProcedure {
			add("procedure.", string(r.Procedure))
		}
	}
	for _, regime := range rules.Regimes() {
		for _, i := range pack.ProtocolItems(regime, calendar.MustParse("2026-11-02")) {
			add("record.", string(i.Key))
		}
	}
	for _, m := range []procurement.MilestoneKind{procurement.MandatesDue, procurement.NoticeSent, procurement.QuestionsDue, procurement.AnswersDue,
		procurement.TendersDue, procurement.AwardPlanned, procurement.StandstillEnds, procurement.ContractFrom, procurement.ValidityEnds,
		procurement.ContractStart, procurement.ContractEnd} {
		add("milestone.", string(m))
	}
	add("contract.", string(rules.Goods), string(rules.Services), string(rules.WorksContract), string(rules.SpecialServices), string(rules.HealthSocialServices))
	add("exemption.", string(rules.Insignificant), string(rules.CriticalInterest), string(rules.NationalMinimum))
	add("mark.", string(rules.Primary), string(rules.Secondary), string(rules.General))
	add("unit.", string(rules.Days), string(rules.WorkingDays), string(rules.Months), string(rules.Years), string(rules.NOK), string(rules.Percent), string(rules.Count), string(rules.Unitless))
	add("reason.", string(calendar.Saturday), string(calendar.Sunday), string(calendar.TwoWorkingDays))
	add("document.", "tender_rules", "contract_draft", "annex", "specification", "self_declaration")
	for i := range 7 {
		add("weekday.", fmt.Sprint(i))
	}
	for i := range 12 {
		add("month.", fmt.Sprint(i+1))
	}
	for _, of := range []any{procurement.Plan{}, procurement.MandateTerms{}, procurement.Declaration{}} {
		for _, name := range jsonNames(reflect.TypeOf(of)) {
			add("field.", name)
		}
	}
	nb := texts(t, catalogue.Bokmaal)
	for k := range keys {
		if nb[k] == "" {
			t.Errorf("no text for %s", k)
		}
	}
	pages := []string{"field.", "problem.", "notice.", "record.", "letter."}
	for k := range nb {
		if !keys[k] && !slices.ContainsFunc(pages, func(p string) bool { return strings.HasPrefix(k, p) }) {
			t.Errorf("nothing uses %s", k)
		}
	}
}

// jsonNames lists the JSON names of a struct and of the structs in it.
func jsonNames(typ reflect.Type) []string {
	var names []string
	for typ.Kind() == reflect.Slice || typ.Kind() == reflect.Pointer {
		typ = typ.Elem()
	}
	if typ.Kind() != reflect.Struct || !strings.Contains(typ.PkgPath(), "fellesloft") {
		return nil
	}
	for i := range typ.NumField() {
		f := typ.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "" || name == "-" {
			continue
		}
		names = append(names, name)
		names = append(names, jsonNames(f.Type)...)
	}
	return names
}

var notified = regexp.MustCompile(`(?:What:|tellOne\([^"\n]*) "([a-z_.-]+)"`)

// TestEveryNotificationHasAText reads which notifications the use cases give.
func TestEveryNotificationHasAText(t *testing.T) {
	t.Parallel()
	names, err := filepath.Glob("../app/*.go")
	if err != nil || len(names) == 0 {
		t.Fatal("the use cases were not found")
	}
	for _, name := range names {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range notified.FindAllStringSubmatch(string(b), -1) {
			if kind := m[1]; !strings.HasSuffix(kind, ".") && !slices.Contains(catalogue.MailKinds(), kind) {
				t.Errorf("%s notifies of %s, which has no text", name, kind)
			}
		}
	}
}

func TestProblem(t *testing.T) {
	t.Parallel()
	short := map[string]string{"days": "30", "dispatch": "2026-11-02", "runsThrough": "2026-12-02", "earliest": "2026-12-03",
		"planned": "2026-11-30", "paragraph": "FOA § 20-2 (1)"}
	for _, c := range []struct{ lang, rule, title, detail string }{
		{"nb", "deadline.too-short", "Fristen er for kort", "Kunngjøringen ble sendt 2.11.2026; 30 dager løper til og med 2.12.2026. Tidligste frist er 3.12.2026, mens tilbudsfristen er 30.11.2026. Flytt tilbudsfristen (FOA § 20-2 (1))."},
		{"nn", "deadline.too-short", "Fristen er for kort", "Kunngjeringa er send 2.11.2026; 30 dagar går til og med 2.12.2026. Tidlegaste frist er 3.12.2026, medan tilbodsfristen er 30.11.2026. Flytt tilbodsfristen (FOA § 20-2 (1))."},
		{"en", "deadline.too-short", "The deadline is too short", "The notice was sent on 2 November 2026; 30 days run through 2 December 2026. The earliest deadline is 3 December 2026, and the tender deadline is 30 November 2026. Move the tender deadline (FOA § 20-2 (1))."},
		{"nb", "no.such-rule", "Noe gikk galt hos oss", "Feilen er registrert, og ingenting er endret. Prøv igjen om litt."},
		{"de", "sign-in.needed", "Du må logge inn", "Logg inn og prøv igjen. Har du logget inn, er innloggingen utløpt eller ikke godkjent her."},
	} {
		title, detail := catalogue.Problem(c.lang, c.rule, short)
		if c.rule != "deadline.too-short" {
			title, detail = catalogue.Problem(c.lang, c.rule, nil)
		}
		if title != c.title || detail != c.detail {
			t.Errorf("%s %s:\n%s\n%s", c.lang, c.rule, title, detail)
		}
	}
}

func TestField(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{
		"tenderDeadline":   "tilbudsfrist",
		"lots[1].cpv":      "CPV-kode, delkontrakt 2",
		"framework.months": "antall måneder, rammeavtale",
		"lots[0].nuts[2]":  "NUTS-kode 3, delkontrakt 1",
		"no.such":          "no.such",
		"":                 "",
	} {
		if got := catalogue.Field("nb", path); got != want {
			t.Errorf("%s: %q, want %q", path, got, want)
		}
	}
}

func TestMailSaysWhatHappened(t *testing.T) {
	t.Parallel()
	subject, body := catalogue.Mail(catalogue.MailReceipt, "nn", map[string]string{
		"title": "Velferdsteknologi", "receivedAt": "2026-12-03T10:59:59.123Z", "recipient": "Eksempel AS"})
	if subject != "Kvittering for tilbod: Velferdsteknologi" || !strings.Contains(body, "torsdag 3. desember 2026 kl. 11.59.59") || !strings.HasPrefix(body, "Hei, Eksempel AS\n") {
		t.Errorf("%s\n%s", subject, body)
	}
	for _, lang := range catalogue.Languages() {
		for _, kind := range append(catalogue.MailKinds(), "not.known") {
			subject, body := catalogue.Mail(kind, lang, nil)
			if subject == "" || strings.Contains(subject+body, "mail.") || strings.Contains(body, "<no value>") {
				t.Errorf("%s %s: %q %q", lang, kind, subject, body)
			}
		}
	}
}

func TestDates(t *testing.T) {
	t.Parallel()
	at := calendar.MustParse("2026-12-03").At(12, 0)
	for lang, want := range map[string]string{
		"nb": "torsdag 3. desember 2026 kl. 12.00", "nn": "torsdag 3. desember 2026 kl. 12.00", "en": "Thursday 3 December 2026 at 12:00"} {
		if got := catalogue.Instant(lang, at.UTC()); got != want {
			t.Errorf("%s: %s", lang, got)
		}
	}
	if got := catalogue.LongDate("nn", calendar.MustParse("2026-11-03")); got != "tysdag 3. november 2026" {
		t.Error(got)
	}
	if got := catalogue.Instant("nb", time.Time{}) + catalogue.Date("nb", calendar.Date{}); got != "" {
		t.Errorf("zero: %q", got)
	}
}

func TestMoneyAndNumbers(t *testing.T) {
	t.Parallel()
	const space = "\u00a0"
	for _, c := range []struct {
		lang string
		ore  int64
		want string
	}{
		{"nb", 125_000_000, "1" + space + "250" + space + "000 kroner"},
		{"nn", 125_000_050, "1" + space + "250" + space + "000,50 kroner"},
		{"en", 125_000_005, "NOK 1,250,000.05"},
		{"nb", -150, "−1,50 kroner"},
		{"nb", 0, "0 kroner"},
	} {
		if got := catalogue.Money(c.lang, money.NOK(c.ore)); got != c.want {
			t.Errorf("%s %d: %q, want %q", c.lang, c.ore, got, c.want)
		}
	}
	if got := catalogue.Decimal("nb", "1234.5"); got != "1"+space+"234,5" {
		t.Errorf("%q", got)
	}
}

func TestMatch(t *testing.T) {
	t.Parallel()
	for accept, want := range map[string]string{
		"": "nb", "nn": "nn", "nn-NO,nb;q=0.8": "nn", "no": "nb", "en-GB,en;q=0.9": "en", "de,en;q=0.5": "en", "da": "nb", ";;": "nb"} {
		if got := catalogue.Match(accept); got != want {
			t.Errorf("%q: %s, want %s", accept, got, want)
		}
	}
}
