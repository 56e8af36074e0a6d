package api

import (
	"github.com/fellesloft/fellesloft/internal/app"
	"github.com/fellesloft/fellesloft/internal/catalogue"
	"github.com/fellesloft/fellesloft/internal/domain/requirement"
)

// Told is a warning's text in the reader's language.
type Told struct {
	Title  string `json:"title"`
	Detail string `json:"detail,omitempty"`
}

func told(lang, rule, field string, params map[string]string) Told {
	with := map[string]string{"field": field}
	for name, value := range params {
		with[name] = value
	}
	title, detail := catalogue.Problem(lang, rule, with)
	return Told{title, detail}
}

// RequirementWarning is something in a requirement set to look at; it blocks
// nothing.
type RequirementWarning struct {
	requirement.Warning
	Told
}

func requirementWarnings(all []requirement.Warning, lang string) []RequirementWarning {
	out := make([]RequirementWarning, len(all))
	for i, w := range all {
		out[i] = RequirementWarning{w, told(lang, w.Rule, w.Field, w.Params)}
	}
	return out
}

// SpecificationWarning is something in a document to look at, with its place.
type SpecificationWarning struct {
	app.SpecificationWarning
	Told
}

// SpecificationPreview is what was understood of a document.
type SpecificationPreview struct {
	app.Preview
	Warnings []SpecificationWarning `json:"warnings"`
}

func specificationPreviewOf(p app.Preview, lang string) SpecificationPreview {
	p.Set.Requirements = list(p.Set.Requirements)
	out := SpecificationPreview{Preview: p, Warnings: make([]SpecificationWarning, len(p.Warnings))}
	for i, w := range p.Warnings {
		out.Warnings[i] = SpecificationWarning{w, told(lang, w.Rule, "", w.Params)}
	}
	return out
}
