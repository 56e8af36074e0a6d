package catalogue_test

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"text/template/parse"

	"github.com/fellesloft/fellesloft/internal/catalogue"
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
	// The state of a command that ended without a fault of its own.
	for _, state := range []string{"refused", "stale", "expired", "withdrawn"} {
		used["command."+state] = true
	}
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
	for _, name := range []string{"date", "longdate", "instant", "through", "nok", "decimal", "count", "field", "phase", "wait", "part", "ground",
		"regime", "procedure", "exemption", "rulename", "unit", "mark", "document", "kind", "operation"} {
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
