package api

import (
	"time"

	"github.com/fellesloft/fellesloft/internal/app"
	"github.com/fellesloft/fellesloft/internal/catalogue"
)

// Standing says whether a tender is submitted. Every answer about an own tender
// carries it.
type Standing struct {
	Submitted bool         `json:"submitted" doc:"a tender stands; the opening opens it and nothing else"`
	State     app.Standing `json:"state" enum:"not-submitted,submitted,submitted-before-draft,withdrawn" doc:"submitted-before-draft: a tender stands, and what has been written since is not submitted"`
	// Submission and ReceivedAt are of the tender that stands.
	Submission int        `json:"submission,omitempty" doc:"the one that stands"`
	ReceivedAt *time.Time `json:"receivedAt,omitempty"`
	Text       string     `json:"text" doc:"the same in words"`
}

func standingOf(t app.Tender, lang string) Standing {
	out := Standing{Submitted: t.Submitted(), State: t.Standing()}
	params := map[string]string{"deadline": t.Deadline.UTC().Format(time.RFC3339)}
	if out.Submitted {
		at := t.ReceivedAt.UTC()
		out.Submission, out.ReceivedAt = t.Submission, &at
		params["submission"], params["receivedAt"] = itoa(t.Submission), at.Format(time.RFC3339)
	}
	out.Text = catalogue.Standing(lang, string(out.State), params)
	return out
}

// OfTender is a list about an own tender.
type OfTender[T any] struct {
	Standing Standing `json:"standing"`
	Items    []T      `json:"items"`
}

func ofTender[T, R any](read app.OfTender[T], lang string, line func(T) R) OfTender[R] {
	return OfTender[R]{standingOf(read.Tender, lang), whole(read.Items, line).Items}
}
