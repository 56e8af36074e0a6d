package demonstration

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
)

// RefusalError is a refusal by the API (RFC 9457), as far as the demonstration reads
// it. Texts are in the language that was asked for.
type RefusalError struct {
	Title     string `json:"title"`
	Status    int    `json:"status"`
	Detail    string `json:"detail"`
	Instance  string `json:"instance"`
	Rule      string `json:"rule"`
	Field     string `json:"field"`
	Paragraph string `json:"paragraph"`
	// Errors are all broken rules where there are several.
	Errors []Violation `json:"errors"`

	request string
}

// Violation is one broken rule.
type Violation struct {
	Rule      string            `json:"rule"`
	Title     string            `json:"title"`
	Detail    string            `json:"detail"`
	Field     string            `json:"field"`
	Paragraph string            `json:"paragraph"`
	Params    map[string]string `json:"params"`
}

func (p *RefusalError) Error() string {
	text := fmt.Sprintf("%s: %d %s", p.request, p.Status, p.Rule)
	for _, v := range p.All() {
		text += "\n  " + v.Title
		if v.Detail != "" {
			text += ": " + v.Detail
		}
		if v.Field != "" {
			text += " [" + v.Field + "]"
		}
	}
	if p.Instance != "" && p.Status >= http.StatusInternalServerError {
		text += "\n  the server's log names the request " + p.Instance
	}
	return text
}

// All lists the broken rules, also where there is one.
func (p *RefusalError) All() []Violation {
	if len(p.Errors) > 0 {
		return p.Errors
	}
	return []Violation{{Rule: p.Rule, Title: p.Title, Detail: p.Detail, Field: p.Field, Paragraph: p.Paragraph}}
}

// Breaks reports whether the rule is among the broken ones.
func (p *RefusalError) Breaks(rule string) bool {
	for _, v := range p.All() {
		if v.Rule == rule {
			return true
		}
	}
	return false
}

// problemOf reads a refusal. What is no problem document, as from a proxy whose
// server is away, keeps its status.
func problemOf(res *http.Response, body []byte) *RefusalError {
	p := &RefusalError{}
	if err := json.Unmarshal(body, p); err != nil || p.Rule == "" {
		p = &RefusalError{Title: http.StatusText(res.StatusCode)}
	}
	p.Status = res.StatusCode
	p.request = res.Request.Method + " " + res.Request.URL.Path
	return p
}

// ruleOf gives the rule of a refusal, "" for any other error.
func ruleOf(err error) string {
	var p *RefusalError
	if errors.As(err, &p) {
		return p.Rule
	}
	return ""
}

// answerLost reports that a request had its effect while its answer was lost for
// good, as when the API is killed between the two. What came of it has to be
// read.
func answerLost(err error) bool { return ruleOf(err) == "idempotency.answer-unknown" }

// settled takes a request whose answer nobody needs as done where its answer was
// lost.
func settled(err error) error {
	if answerLost(err) {
		return nil
	}
	return err
}

// refusal gives the problem of a request that must be refused by a rule. It
// returns an error where the request was let through or failed otherwise: then
// the program does not do what the demonstration tells of it.
func refusal(err error, what, rule string) (*RefusalError, error) {
	var p *RefusalError
	switch {
	case err == nil:
		return nil, fmt.Errorf("%s went through, but must be refused by %s", what, rule)
	case !errors.As(err, &p):
		return nil, err
	case !p.Breaks(rule):
		return nil, fmt.Errorf("%s must be refused by %s, not by this: %w", what, rule, err)
	}
	return p, nil
}
