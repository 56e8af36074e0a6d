package catalogue_test

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/fellesloft/fellesloft/internal/catalogue"
	"github.com/fellesloft/fellesloft/internal/domain/calendar"
	"github.com/fellesloft/fellesloft/internal/domain/procurement"
	"github.com/fellesloft/fellesloft/internal/domain/requirement"
	"github.com/fellesloft/fellesloft/internal/domain/rules"
)

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
	for _, k := range requirement.Kinds() {
		add("kind.", string(k))
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
		procurement.ContractStart, procurement.NoticeOfAward, procurement.ContractEnd} {
		add("milestone.", string(m))
	}
	add("contract.", string(rules.Goods), string(rules.Services), string(rules.WorksContract), string(rules.SpecialServices), string(rules.HealthSocialServices))
	add("procedure.", string(rules.HealthSocial))
	add("exemption.", string(rules.Insignificant), string(rules.CriticalInterest), string(rules.NationalMinimum))
	add("mark.", string(rules.Primary), string(rules.Secondary), string(rules.General))
	add("unit.", string(rules.Days), string(rules.WorkingDays), string(rules.Months), string(rules.Years), string(rules.NOK), string(rules.Percent), string(rules.Count), string(rules.Unitless))
	add("reason.", string(calendar.Saturday), string(calendar.Sunday), string(calendar.TwoWorkingDays))
	add("document.", "tender_rules", "contract_draft", "annex", "specification", "self_declaration")
	add("public.", "answer", "file", "version", "withheld", "withheld-list")
	add("standing.", "not-submitted", "submitted", "submitted-before-draft", "withdrawn")
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
	for k := range nb {
		if documentUses(t, k) {
			keys[k] = true
		}
	}
	pages := []string{"field.", "problem.", "notice.", "web."} // package web holds its own to its templates
	for k := range nb {
		if !keys[k] && !slices.ContainsFunc(pages, func(p string) bool { return strings.HasPrefix(k, p) }) {
			t.Errorf("nothing uses %s", k)
		}
	}
}

// documentUses reports whether the code or a template of package record names
// the text.
func documentUses(t *testing.T, key string) bool {
	t.Helper()
	name, ok := strings.CutPrefix(key, "record.page.")
	if !ok {
		if name, ok = strings.CutPrefix(key, "letter."); !ok {
			return false
		}
	}
	// A key with a part that varies is named by its beginning or its end.
	head, tail, _ := strings.Cut(name, ".")
	for _, quoted := range []string{name, head + ".", "#" + tail, tail, "." + tail} {
		if quoted != "" && strings.Contains(documentSource(t), strconv.Quote(quoted)) {
			return true
		}
	}
	return false
}

var documentSource = func() func(t *testing.T) string {
	var once sync.Once
	var all strings.Builder
	return func(t *testing.T) string {
		t.Helper()
		once.Do(func() {
			for _, pattern := range []string{"../record/*.go", "../record/templates/*.gohtml"} {
				names, err := filepath.Glob(pattern)
				if err != nil || len(names) == 0 {
					t.Fatalf("nothing at %s", pattern)
				}
				for _, name := range names {
					if strings.HasSuffix(name, "_test.go") {
						continue
					}
					b, err := os.ReadFile(name)
					if err != nil {
						t.Fatal(err)
					}
					all.Write(b)
				}
			}
		})
		return all.String()
	}
}()

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
