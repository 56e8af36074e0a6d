package demonstration

import (
	"errors"
	"strings"
	"testing"
)

func TestRefusalMustBeTheRightOne(t *testing.T) {
	t.Parallel()
	several := &RefusalError{Status: 422, Rule: "plan.missing", Errors: []Violation{{Rule: "plan.missing", Title: "Mangler"}, {Rule: "deadline.too-short", Title: "For kort", Field: "tenderDeadline"}}}
	for name, c := range map[string]struct {
		err  error
		ok   bool
		says string
	}{
		"the rule itself":    {&RefusalError{Rule: "deadline.too-short"}, true, ""},
		"among others":       {several, true, ""},
		"another rule":       {&RefusalError{Rule: "case.version", Title: "Endret"}, false, "not by this"},
		"let through":        {nil, false, "went through"},
		"not even a refusal": {errors.New("no route to host"), false, "no route to host"},
	} {
		p, err := refusal(c.err, "publishing", "deadline.too-short")
		if (err == nil) != c.ok || (p != nil) != c.ok {
			t.Errorf("%s: %v, %v", name, p, err)
		}
		if err != nil && !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if text := several.Error(); !strings.Contains(text, "For kort [tenderDeadline]") || !strings.Contains(text, "Mangler") {
		t.Errorf("the error tells %q", text)
	}
}

func TestLostAnswerIsSettled(t *testing.T) {
	t.Parallel()
	if err := settled(&RefusalError{Rule: "idempotency.answer-unknown"}); err != nil {
		t.Error(err)
	}
	if err := settled(&RefusalError{Rule: "tender.late"}); ruleOf(err) != "tender.late" {
		t.Errorf("a refusal was lost: %v", err)
	}
}
