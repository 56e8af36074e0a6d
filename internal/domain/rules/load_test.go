package rules

import (
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/fellesloft/fellesloft/internal/fault"
)

const good = `{"id":"a.1","regime":"all","procedure":"any","stage":"standstill","variant":"main",` +
	`"paragraph":"§ 1","source":"s","mark":"C","valid_from":"2026-01-01","valid_to":"2026-06-30","kind":"fixed","value":1,"unit":"days"}`

func TestLoadRefusesABadPack(t *testing.T) {
	t.Parallel()
	next := strings.NewReplacer(`"2026-01-01"`, `"2026-07-01"`, `,"valid_to":"2026-06-30"`, "").Replace(good)
	for name, c := range map[string]struct {
		rules string
		ok    bool
	}{
		"one version":             {good, true},
		"one after the other":     {next + "," + good, true},
		"two for one day":         {good + "," + strings.Replace(next, "2026-07-01", "2026-06-30", 1), false},
		"two without end":         {next + "," + strings.Replace(next, "2026-07-01", "2027-01-01", 1), false},
		"no paragraph":            {strings.Replace(good, `"§ 1"`, `""`, 1), false},
		"no source":               {strings.Replace(good, `"s"`, `""`, 1), false},
		"no mark":                 {strings.Replace(good, `"C"`, `""`, 1), false},
		"no first day":            {strings.Replace(good, `"2026-01-01"`, `""`, 1), false},
		"ends before it begins":   {strings.Replace(good, `"2026-06-30"`, `"2025-06-30"`, 1), false},
		"unit of another world":   {strings.Replace(good, `"days"`, `"weeks"`, 1), false},
		"fixed without value":     {strings.Replace(good, `"value":1,`, ``, 1), false},
		"unknown with value":      {strings.Replace(good, `"fixed"`, `"unknown"`, 1), false},
		"misspelt field":          {strings.Replace(good, `valid_to`, `validto`, 1), false},
		"negative":                {strings.Replace(good, `"value":1`, `"value":-1`, 1), false},
		"a proposal beside a law": {strings.Replace(good, `"value":1`, `"value":1,"proposed":2`, 1), false},
		"confirmed by the pack":   {strings.Replace(good, `"value":1`, `"value":1,"confirmed":{}`, 1), false},
	} {
		_, err := load(fstest.MapFS{"packs/a.json": {Data: []byte(`{"rules":[` + c.rules + `]}`)}})
		if (err == nil) != c.ok {
			t.Errorf("%s: %v", name, err)
		}
		if err != nil && fault.RuleOf(err) != "rules.pack-invalid" {
			t.Errorf("%s: %v is no pack-invalid", name, err)
		}
	}
}

// Ids stand in refusals, confirmations and stored records, so their form is
// fixed: act, paragraph, subject; or own and the subject where the law has no
// number and the program proposes one.
func TestIDsAreWellFormed(t *testing.T) {
	t.Parallel()
	p, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	form := regexp.MustCompile(`^own\.[a-z]+(-[a-z]+)*$|^(foa|loa)\.[0-9]+[a-z]?(-[0-9]+[a-z]?)?(\.[0-9]+[a-z]?)?\.[a-z]+(-[a-z]+)*$`)
	known := map[string]bool{}
	for _, r := range p.rules {
		if !form.MatchString(r.ID) || !strings.Contains(r.ID, string(r.Stage)) {
			t.Errorf("id %q of stage %q", r.ID, r.Stage)
		}
		if r.CountedFrom == "" && r.Unit == Days && r.Stage != DocumentsAddition {
			t.Errorf("%s is counted from nothing", r.ID)
		}
		known[r.ID] = true
	}
	for _, id := range []string{entryThreshold, nationalThreshold, eeaState, eeaOther, eeaWorks, eeaSpecial} {
		if !known[id] {
			t.Errorf("%s is used and not in the packs", id)
		}
	}
}
