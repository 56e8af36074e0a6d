// Package spec is the source of the demonstration's requirement specification:
// an invented joint tender for welfare technology and record integration. The
// texts are content in bokmål, written for this project; the workbook that
// stands beside this file is made from them.
package spec

import (
	"encoding/binary"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/internal/domain/requirement"
)

//go:generate go run ./gen

// Title is the title of the specification.
const Title = "Kravspesifikasjon – velferdsteknologi og journalintegrasjon (oppdiktet eksempel)"

// The lots of the tender. The names are what the workbook is matched by.
const (
	LotSafety      = "Trygghets- og varslingsteknologi"
	LotIntegration = "Journalintegrasjon"
)

// criterion names an award criterion of the tender.
type criterion int

const (
	none criterion = iota
	price
	quality
	delivery
	environment
)

var criteria = []struct {
	key    criterion
	name   string
	weight int64
	kind   requirement.CriterionKind
}{
	{price, "Pris", 30, requirement.PriceCriterion},
	{quality, "Løsningens kvalitet", 25, requirement.QualityCriterion},
	{delivery, "Innføring og samarbeid", 15, requirement.QualityCriterion},
	{environment, "Klima og miljø", 30, requirement.Environment},
}

// area is a chapter of the specification.
type area struct {
	title string
	rows  []row
}

// row is a requirement as it is authored: with numbers and names where the
// set has ids.
type row struct {
	requirement.Requirement
	criterion criterion
	lot       string // empty means both
	dependsOn string // number of the requirement, answered with
	values    []string
}

// Set builds the specification. next gives the ids.
func Set(next func() uuid.UUID) requirement.Set {
	s := requirement.Set{ID: next(), Title: Title}
	lots := map[string]uuid.UUID{}
	for _, name := range []string{LotSafety, LotIntegration} {
		lots[name] = next()
		s.Lots = append(s.Lots, requirement.Lot{ID: lots[name], Name: name})
	}
	counts := map[criterion]uuid.UUID{none: uuid.Nil}
	for _, c := range criteria {
		counts[c.key] = next()
		s.Criteria = append(s.Criteria, requirement.Criterion{ID: counts[c.key], Name: c.name, Weight: requirement.Percents(c.weight), Kind: c.kind})
	}
	numbers := map[string]uuid.UUID{}
	for _, a := range areas() {
		id := next()
		s.Areas = append(s.Areas, requirement.Area{ID: id, Title: a.title})
		for _, w := range a.rows {
			r := w.Requirement
			r.ID, r.Area, r.Criterion = next(), id, counts[w.criterion]
			numbers[r.Number] = r.ID
			if w.lot != "" {
				r.Lots = []uuid.UUID{lots[w.lot]}
			}
			if w.dependsOn != "" {
				r.Condition = &requirement.Condition{AnyOf: []requirement.Clause{{Requirement: numbers[w.dependsOn], Values: w.values}}}
			}
			s.Requirements = append(s.Requirements, r)
		}
	}
	return s
}

func areas() []area {
	return []area{
		users, safety, integration, security, accessibility, operations, rollout, climate, prices, contract,
	}
}

// must is an absolute requirement answered yes or no.
func must(number, title, text string) row {
	return row{Requirement: requirement.Requirement{
		Number: number, Title: title, Text: text, Kind: requirement.Absolute, AnswerType: requirement.Boolean, Mandatory: true,
	}}
}

// rate is a requirement that is described and scored.
func rate(number string, c criterion, percent int64, words int, title, text string) row {
	return row{criterion: c, Requirement: requirement.Requirement{
		Number: number, Title: title, Text: text, Kind: requirement.Rated, AnswerType: requirement.Text, Weight: requirement.Percents(percent),
		Limits: requirement.Limits{Words: words}, Mandatory: true,
	}}
}

// inform is for the supplier to read, or to answer without being judged.
func inform(number, title, text string) row {
	return row{Requirement: requirement.Requirement{Number: number, Title: title, Text: text, Kind: requirement.Information}}
}

func (w row) in(lot string) row { w.lot = lot; return w }

func (w row) evidence(text string) row { w.Evidence = text; return w }

func (w row) help(text string) row { w.Help = text; return w }

// from names the entry of the cross-sector requirement library that it follows.
func (w row) from(code string) row { w.Origin = "library:" + code; return w }

func (w row) when(number string, values ...string) row {
	w.dependsOn, w.values = number, values
	return w
}

func (w row) answered(t requirement.AnswerType) row {
	w.AnswerType, w.Limits = t, requirement.Limits{}
	w.Mandatory = true
	return w
}

func (w row) optional() row { w.Mandatory = false; return w }

func (w row) limited(l requirement.Limits) row { w.Limits = l; return w }

func (w row) choosing(options ...requirement.Option) row {
	w.Options = options
	return w.answered(requirement.Choice)
}

// today is the buyer's scale for when a function is in ordinary use.
func today() []requirement.Option {
	return []requirement.Option{
		{Label: "Ja, i ordinær drift i dag"},
		{Label: "Ja, innen dato", WantsDate: true},
		{Label: "Delvis", WantsComment: true},
		{Label: "Nei"},
	}
}

// Counter gives ids that count upwards. The workbook holds no ids, so these
// never leave the generator and its tests.
func Counter() func() uuid.UUID {
	var n uint64
	return func() uuid.UUID {
		var id uuid.UUID
		n++
		binary.BigEndian.PutUint64(id[8:], n)
		return id
	}
}
