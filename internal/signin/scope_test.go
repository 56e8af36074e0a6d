package signin_test

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/fellesloft/fellesloft/internal/fault"
	"github.com/fellesloft/fellesloft/internal/signin"
)

func TestScopesOfTheDeploymentCount(t *testing.T) {
	t.Parallel()
	d := newDesk(t, "")
	for name, c := range map[string]struct {
		scope any
		want  []string
	}{
		"none":                      {scope: nil},
		"own":                       {scope: "fellesloft:anbud.read", want: []string{"anbud.read"}},
		"several, in order":         {scope: "fellesloft:anbud.write fellesloft:anbud.read", want: []string{"anbud.read", "anbud.write"}},
		"one twice":                 {scope: "fellesloft:anbud.read fellesloft:anbud.read", want: []string{"anbud.read"}},
		"another's beside":          {scope: "ks:fiks fellesloft:anbud.read", want: []string{"anbud.read"}},
		"another's only":            {scope: "ks:anbud.read"},
		"without a prefix":          {scope: "anbud.read"},
		"prefix that begins so":     {scope: "fellesloft2:anbud.read"},
		"prefix that ends so":       {scope: "ikke-fellesloft:anbud.read"},
		"prefix behind another's":   {scope: "ks:fellesloft:anbud.read"},
		"prefix in capitals":        {scope: "FELLESLOFT:anbud.read"},
		"prefix alone":              {scope: "fellesloft:"},
		"name that is not known":    {scope: "fellesloft:alt", want: []string{"alt"}},
		"name in capitals is other": {scope: "fellesloft:ANBUD.READ", want: []string{"ANBUD.READ"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, err := d.service.Authenticate(t.Context(), d.token("one", map[string]any{"scope": c.scope}), "")
			if err != nil || !a.Scoped || !slices.Equal(a.Scopes, c.want) {
				t.Errorf("%v, scoped %v, %v", a.Scopes, a.Scoped, err)
			}
		})
	}
}

// TestNoForeignScopeCounts holds for any set of names: what has not the whole
// prefix is no scope here.
func TestNoForeignScopeCounts(t *testing.T) {
	t.Parallel()
	d := newDesk(t, "")
	rapid.Check(t, func(t *rapid.T) {
		names := rapid.SliceOfN(rapid.StringMatching(`[a-z:./]{1,12}|fellesloft:[a-z.]{1,8}`), 1, 6).Draw(t, "names")
		var want []string
		for _, n := range names {
			if own, ok := strings.CutPrefix(n, "fellesloft:"); ok && own != "" {
				want = append(want, own)
			}
		}
		slices.Sort(want)
		token, err := d.issuer.Token("one", "", map[string]any{"scope": strings.Join(names, " ")})
		if err != nil {
			t.Fatal(err)
		}
		a, err := d.service.Authenticate(t.Context(), token, "")
		if err != nil || !slices.Equal(a.Scopes, slices.Compact(want)) {
			t.Fatalf("%v gave %v, %v", names, a.Scopes, err)
		}
	})
}

func TestAnotherPrefix(t *testing.T) {
	t.Parallel()
	d := newDesk(t, "")
	service, err := signin.New(signin.Config{Issuers: []signin.Issuer{{URL: d.issuer.URL(), Loopback: true}}, ScopePrefix: "kommunelaget", Directory: d.directory, Now: d.now})
	must(t, err)
	a, err := service.Authenticate(t.Context(), d.token("one", map[string]any{"scope": "fellesloft:anbud.write kommunelaget:anbud.read"}), "")
	if err != nil || !slices.Equal(a.Scopes, []string{"anbud.read"}) {
		t.Errorf("%v, %v", a.Scopes, err)
	}
	for _, prefix := range []string{"a:b", "a b", ":", "å", `"`} {
		_, err := signin.New(signin.Config{Issuers: []signin.Issuer{{URL: "https://issuer.example"}}, ScopePrefix: prefix})
		if fault.RuleOf(err) != "sign-in.scope-prefix" {
			t.Errorf("%q: %v", prefix, err)
		}
	}
}
