package api

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"

	"github.com/gofiber/fiber/v2"
	"golang.org/x/text/language"

	"github.com/fellesloft/fellesloft/internal/catalogue"
	"github.com/fellesloft/fellesloft/internal/fault"
)

// problemType is the media type of every refusal.
const problemType = "application/problem+json"

// typePrefix makes a rule id the problem's type. It names no host, so a type
// stays the same wherever the program runs.
const typePrefix = "urn:fellesloft:problem:"

// Problem is a refusal or failure as a caller reads it (RFC 9457). It holds
// codes, numbers, dates and paths, and texts made of them; never internal text.
type Problem struct {
	Type   string `json:"type" doc:"urn:fellesloft:problem: and the rule"`
	Title  string `json:"title"`
	Status int    `json:"status"`
	Detail string `json:"detail,omitempty"`
	// Instance names the request, also in the server's log.
	Instance  string            `json:"instance,omitempty" doc:"names the request in the server's log"`
	Rule      string            `json:"rule" doc:"the stable id of the rule that refused"`
	Field     string            `json:"field,omitempty" doc:"the path of the input at fault, for example lots[0].cpv"`
	Paragraph string            `json:"paragraph,omitempty" doc:"the law that decides, for example FOA § 20-2 (1)"`
	Params    map[string]string `json:"params,omitempty" doc:"the values that the detail speaks of"`
	Errors    []Violation       `json:"errors,omitempty" doc:"every rule broken, where there are several"`
}

// Violation is one of several rules that the same input breaks.
type Violation struct {
	Rule      string            `json:"rule"`
	Title     string            `json:"title"`
	Detail    string            `json:"detail,omitempty"`
	Field     string            `json:"field,omitempty"`
	Paragraph string            `json:"paragraph,omitempty"`
	Params    map[string]string `json:"params,omitempty"`
}

// routerRules name what Fiber itself refuses by.
var routerRules = map[int]*fault.Error{
	http.StatusNotFound:                    fault.New(fault.NotFound, ruleNotFound),
	http.StatusMethodNotAllowed:            fault.New(fault.Invalid, ruleNoMethod),
	http.StatusRequestEntityTooLarge:       fault.New(fault.TooLarge, ruleTooLarge),
	http.StatusRequestHeaderFieldsTooLarge: fault.New(fault.Invalid, ruleHeaderTooLarge),
	http.StatusRequestTimeout:              fault.New(fault.Invalid, ruleTimeout),
	http.StatusBadRequest:                  fault.New(fault.Invalid, ruleMalformed),
	http.StatusUnprocessableEntity:         fault.New(fault.Invalid, ruleMalformed),
}

// maxViolations bounds how many broken rules one answer tells of.
const maxViolations = 200

// asFault maps any error to a fault: Fiber's own refusals by their status, a
// deadline that passed to unavailable, everything unknown to internal.
func asFault(err error) *fault.Error {
	if f, ok := fault.As(err); ok {
		return f
	}
	var router *fiber.Error
	if errors.As(err, &router) {
		if f, ok := routerRules[router.Code]; ok {
			return f
		}
	}
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		return fault.Wrap(fault.Unavailable, "request.deadline", err)
	}
	return fault.Wrap(fault.Internal, ruleInternal, err)
}

// problemOf makes the document. Of the program's own failures only the request's
// id is shown; an unavailable part is named by its rule, without parameters,
// since those may name files.
func problemOf(err error, lang, request string) Problem {
	f := asFault(err)
	status, ok := statuses[f.Rule]
	if !ok {
		status = f.Kind.Status()
	}
	if status == http.StatusInternalServerError {
		f, status = fault.New(fault.Internal, ruleInternal), http.StatusInternalServerError
	}
	if f.Kind == fault.Unavailable {
		f = fault.New(fault.Unavailable, f.Rule)
	}
	p := Problem{Type: typePrefix + f.Rule, Status: status, Rule: f.Rule, Field: f.Field, Paragraph: f.Paragraph, Params: f.Params}
	p.Title, p.Detail = catalogue.Fault(lang, f)
	if request != "" {
		p.Instance = "urn:uuid:" + request
	}
	all := f.All()
	if len(all) == 1 {
		return p
	}
	for _, each := range all[:min(len(all), maxViolations)] {
		v := Violation{Rule: each.Rule, Field: each.Field, Paragraph: each.Paragraph, Params: each.Params}
		v.Title, v.Detail = catalogue.Fault(lang, each)
		p.Errors = append(p.Errors, v)
	}
	return p
}

// refuse writes an error as a problem document. The log tells the whole chain of
// what is the program's own failure; of what the caller did wrong it tells the
// rule alone, since the place is made of the caller's own words.
func (s *Server) refuse(c *fiber.Ctx, err error) error {
	lang := languageOf(c.Get(fiber.HeaderAcceptLanguage))
	p := problemOf(err, lang, requestID(c))
	level, told := slog.LevelDebug, []slog.Attr{slog.String("request", requestID(c)), slog.Int("status", p.Status), slog.String("rule", p.Rule)}
	if p.Status >= http.StatusInternalServerError {
		level, told = slog.LevelError, append(told, slog.String("error", err.Error()))
	}
	s.Log.LogAttrs(c.UserContext(), level, "request refused", told...)
	switch p.Status {
	case http.StatusUnauthorized:
		c.Set(fiber.HeaderWWWAuthenticate, "Bearer")
	case http.StatusServiceUnavailable:
		c.Set(fiber.HeaderRetryAfter, "5")
	}
	body, err := json.Marshal(p)
	if err != nil {
		return err // strings and numbers always encode
	}
	c.Set(fiber.HeaderContentType, problemType)
	c.Set(fiber.HeaderContentLanguage, lang)
	c.Vary(fiber.HeaderAcceptLanguage)
	return c.Status(p.Status).Send(body)
}

var languages = []language.Tag{language.MustParse("nb"), language.MustParse("nn"), language.English}

var matchLanguage = language.NewMatcher(languages)

// languageOf chooses the language of texts: bokmål unless the caller asks for
// nynorsk or English.
func languageOf(accept string) string {
	const longest = 200 // parsing is of no use beyond what people's settings hold
	if accept == "" || len(accept) > longest {
		return "nb"
	}
	wanted, _, err := language.ParseAcceptLanguage(accept)
	if err != nil {
		return "nb"
	}
	_, i, confidence := matchLanguage.Match(wanted...)
	if confidence == language.No {
		return "nb"
	}
	base, _ := languages[i].Base()
	return base.String()
}
