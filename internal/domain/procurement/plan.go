package procurement

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/internal/domain/calendar"
	"github.com/fellesloft/fellesloft/internal/domain/evaluation"
	"github.com/fellesloft/fellesloft/internal/domain/money"
	"github.com/fellesloft/fellesloft/internal/domain/rules"
	"github.com/fellesloft/fellesloft/internal/fault"
)

// Plan is what the lead buyer decides before publication. Amounts exclude VAT;
// instants are case time.
type Plan struct {
	Title       string             `json:"title"`
	Description string             `json:"description"`
	Reference   string             `json:"reference"`
	Contract    rules.ContractKind `json:"contract"`
	Procedure   rules.Procedure    `json:"procedure"`
	// Language is the language form of the documents: nb or nn.
	Language string `json:"language"`
	CPV      string `json:"cpv"`
	// NUTS codes of the places where the delivery is performed.
	NUTS []string `json:"nuts"`
	Lots []Lot    `json:"lots"`
	// NoLotsReason stands in the procurement record (FOA § 25-5 c) when there
	// is only one lot.
	NoLotsReason string     `json:"noLotsReason,omitempty"`
	Framework    *Framework `json:"framework,omitempty"`

	MandateDeadline time.Time     `json:"mandateDeadline"`
	Quorum          Quorum        `json:"quorum"`
	DispatchOn      calendar.Date `json:"dispatchOn"`
	QuestionsBy     time.Time     `json:"questionsBy"`
	TenderDeadline  time.Time     `json:"tenderDeadline"`
	ValidUntil      calendar.Date `json:"validUntil"`
	AwardOn         calendar.Date `json:"awardOn"`
	// StandstillDays replaces the rule's proposal where the law sets no number
	// (Part II, FOA § 10-2 "rimelig"); in Part III it can only lengthen.
	StandstillDays int           `json:"standstillDays,omitempty"`
	ContractStarts calendar.Date `json:"contractStarts"`
	ContractEnds   calendar.Date `json:"contractEnds"`
	Options        []Option      `json:"options,omitempty"`
	// PriceAfterQuality keeps price envelopes closed until quality is scored.
	PriceAfterQuality bool `json:"priceAfterQuality"`
	// Formula is the declared evaluation method.
	Formula evaluation.Formula `json:"formula"`
	// Environment says how the environment duty is met.
	Environment Environment `json:"environment"`
	// UniversalDesign: in the specification, or the reason why not (§ 15-2).
	UniversalDesignException string `json:"universalDesignException,omitempty"`
	// Negotiation tells whether dialogue is planned (Part II, § 9-3).
	Negotiation bool   `json:"negotiation"`
	Notice      Notice `json:"notice"`
	// Evidence lists the headings of documentation asked of the winner.
	Evidence []string `json:"evidence,omitempty"`
}

// Lot is one part of the procurement that a tender can be given for.
type Lot struct {
	ID          uuid.UUID `json:"id"`
	Number      int       `json:"number"`
	Title       string    `json:"title"`
	Description string    `json:"description"`
	CPV         string    `json:"cpv"`
	NUTS        []string  `json:"nuts"`
	Estimated   money.NOK `json:"estimated"`
	// Maximum is the framework maximum of the lot; a framework agreement
	// without one is void (CJEU C-23/20).
	Maximum money.NOK `json:"maximum"`
}

// Framework is the agreement's frame: at most four years (FOA §§ 11-1 (4),
// 26-1 (4)) unless a special reason is given.
type Framework struct {
	Months        int    `json:"months"`
	SpecialReason string `json:"specialReason,omitempty"`
	// Suppliers is how many suppliers are taken into each lot.
	Suppliers int `json:"suppliers"`
}

// Quorum is the fewest municipalities, or the smallest total value, for which
// the tender goes on; zero means no such limit.
type Quorum struct {
	Participants int       `json:"participants"`
	Value        money.NOK `json:"value"`
}

// Met reports whether the mandates reach the quorum. At least one mandate is
// always needed: nobody buys for nobody.
func (q Quorum) Met(t ParticipantTally) bool {
	return t.Mandated >= max(q.Participants, 1) && t.MandatedValue >= q.Value
}

// Option is a right to extend, to be used or let go by a day.
type Option struct {
	Text   string        `json:"text"`
	Months int           `json:"months"`
	UseBy  calendar.Date `json:"useBy"`
}

// Environment says how the environment duty is met (anskaffelsesloven §§ 5b-5c
// from 2026-07-01, FOA § 7-9 before).
type Environment struct {
	// Rank is the place of the environment among ranked criteria, 0 for none.
	Rank int `json:"rank,omitempty"`
	// InSpecification: requirements in the specification, with the reason why
	// that is clearly better.
	InSpecification bool            `json:"inSpecification,omitempty"`
	Exemption       rules.Exemption `json:"exemption,omitempty"`
	Reason          string          `json:"reason,omitempty"`
}

// Notice holds what only the notice needs.
type Notice struct {
	ContactEmail    string   `json:"contactEmail"`
	ContactName     string   `json:"contactName"`
	ReviewBody      string   `json:"reviewBody"`
	DocumentsURL    string   `json:"documentsUrl"`
	SubmissionURL   string   `json:"submissionUrl"`
	Selection       []string `json:"selection,omitempty"`
	ExclusionText   string   `json:"exclusionText,omitempty"`
	PerformanceText string   `json:"performanceText,omitempty"`
}

// HasLot reports whether the plan has the lot.
func (p Plan) HasLot(id uuid.UUID) bool {
	return slices.ContainsFunc(p.Lots, func(l Lot) bool { return l.ID == id })
}

// Estimated is the sum of the lots' estimates.
func (p Plan) Estimated() money.NOK {
	var sum money.NOK
	for _, l := range p.Lots {
		sum += l.Estimated
	}
	return sum
}

// Maximum is the sum of the lots' maxima: what a call-off can never pass.
func (p Plan) Maximum() money.NOK {
	var sum money.NOK
	for _, l := range p.Lots {
		sum += l.Maximum
	}
	return sum
}

const (
	maxLots    = 50
	maxOptions = 20
	maxAmount  = money.NOK(1_000_000_000_000_00)
)

// Validate judges the plan for itself: what is missing or contradicts itself
// whatever the law says. It returns an Invalid fault with every problem, fields
// as JSON paths. What the law says is judged by Check.
func (p Plan) Validate() error {
	var l fault.List
	need := func(ok bool, rule, field string, params ...fault.Params) {
		if !ok {
			l.Addf(rule, field, params...)
		}
	}
	text := func(s, field string, most int) {
		n := len([]rune(strings.TrimSpace(s)))
		need(n > 0, "plan.missing", field)
		need(n <= most, "plan.too-long", field, fault.Params{"max": strconv.Itoa(most)})
	}
	text(p.Title, "title", 400)
	text(p.Description, "description", 10_000)
	need(slices.Contains([]string{"nb", "nn"}, p.Language), "plan.language", "language")
	need(slices.Contains([]rules.ContractKind{rules.Goods, rules.Services, rules.WorksContract, rules.SpecialServices}, p.Contract), "plan.contract-kind", "contract")
	need(slices.Contains([]rules.Procedure{rules.OpenProcedure, rules.OpenNational}, p.Procedure), "plan.procedure", "procedure")
	need(validCPV(p.CPV), "plan.cpv", "cpv")
	need(len(p.NUTS) > 0, "plan.missing", "nuts")
	for i, n := range p.NUTS {
		need(validNUTS(n), "plan.nuts", fmt.Sprintf("nuts[%d]", i))
	}
	p.validateLots(need, text)
	p.validateDates(need)
	need(p.Quorum.Participants >= 0, "plan.negative", "quorum.participants")
	need(p.Quorum.Value >= 0, "plan.negative", "quorum.value")
	need(p.StandstillDays >= 0 && p.StandstillDays <= 365, "plan.range", "standstillDays", fault.Params{"min": "0", "max": "365"})
	if f := p.Framework; f != nil {
		need(f.Months >= 1 && f.Months <= 600, "plan.range", "framework.months", fault.Params{"min": "1", "max": "600"})
		need(f.Suppliers == 1, "plan.framework-suppliers", "framework.suppliers")
	}
	if err := p.Formula.Validate(); err != nil {
		f, _ := fault.As(err)
		for _, e := range f.All() {
			c := *e
			c.Also = nil
			l.Add(c.At(strings.TrimSuffix("formula."+c.Field, ".")))
		}
	}
	return l.Err()
}

func (p Plan) validateLots(need func(bool, string, string, ...fault.Params), text func(string, string, int)) {
	need(len(p.Lots) > 0, "plan.missing", "lots")
	need(len(p.Lots) <= maxLots, "plan.too-many", "lots", fault.Params{"max": strconv.Itoa(maxLots)})
	need(len(p.Lots) != 1 || strings.TrimSpace(p.NoLotsReason) != "", "plan.no-lots-reason", "noLotsReason")
	seen := map[uuid.UUID]bool{}
	for i, lot := range p.Lots {
		at := func(f string) string { return fmt.Sprintf("lots[%d].%s", i, f) }
		need(lot.ID != uuid.Nil && !seen[lot.ID], "plan.lot-id", at("id"))
		seen[lot.ID] = true
		need(lot.Number == i+1, "plan.lot-number", at("number"), fault.Params{"expected": strconv.Itoa(i + 1)})
		text(lot.Title, at("title"), 400)
		need(validCPV(lot.CPV), "plan.cpv", at("cpv"))
		need(len(lot.NUTS) > 0, "plan.missing", at("nuts"))
		for j, n := range lot.NUTS {
			need(validNUTS(n), "plan.nuts", at(fmt.Sprintf("nuts[%d]", j)))
		}
		need(lot.Estimated > 0 && lot.Estimated <= maxAmount, "plan.amount", at("estimated"))
		need(lot.Maximum >= lot.Estimated && lot.Maximum <= maxAmount, "plan.maximum-below-estimate", at("maximum"))
	}
}

func (p Plan) validateDates(need func(bool, string, string, ...fault.Params)) {
	need(!p.MandateDeadline.IsZero(), "plan.missing", "mandateDeadline")
	need(!p.DispatchOn.IsZero(), "plan.missing", "dispatchOn")
	need(!p.TenderDeadline.IsZero(), "plan.missing", "tenderDeadline")
	need(!p.QuestionsBy.IsZero(), "plan.missing", "questionsBy")
	need(!p.ContractStarts.IsZero(), "plan.missing", "contractStarts")
	need(!p.ContractEnds.IsZero(), "plan.missing", "contractEnds")
	need(!p.AwardOn.IsZero(), "plan.missing", "awardOn")
	need(p.MandateDeadline.IsZero() || p.DispatchOn.IsZero() || !p.DispatchOn.Before(calendar.DateOf(p.MandateDeadline)), "plan.dispatch-before-mandates", "dispatchOn")
	need(p.TenderDeadline.IsZero() || p.DispatchOn.IsZero() || calendar.DateOf(p.TenderDeadline).After(p.DispatchOn), "plan.deadline-before-dispatch", "tenderDeadline")
	need(p.QuestionsBy.IsZero() || p.TenderDeadline.IsZero() || p.QuestionsBy.Before(p.TenderDeadline), "plan.questions-after-deadline", "questionsBy")
	need(p.ValidUntil.IsZero() || p.TenderDeadline.IsZero() || p.ValidUntil.After(calendar.DateOf(p.TenderDeadline)), "plan.validity-before-deadline", "validUntil")
	need(p.AwardOn.IsZero() || p.TenderDeadline.IsZero() || p.AwardOn.After(calendar.DateOf(p.TenderDeadline)), "plan.award-before-deadline", "awardOn")
	need(p.ContractStarts.IsZero() || p.AwardOn.IsZero() || p.ContractStarts.After(p.AwardOn), "plan.contract-before-award", "contractStarts")
	need(p.ContractEnds.IsZero() || p.ContractStarts.IsZero() || p.ContractEnds.After(p.ContractStarts), "plan.contract-ends-before-start", "contractEnds")
	need(len(p.Options) <= maxOptions, "plan.too-many", "options", fault.Params{"max": strconv.Itoa(maxOptions)})
	for i, o := range p.Options {
		need(strings.TrimSpace(o.Text) != "" && o.Months > 0, "plan.option", fmt.Sprintf("options[%d]", i))
		need(!o.UseBy.IsZero() && !o.UseBy.After(p.ContractEnds), "plan.option-date", fmt.Sprintf("options[%d].useBy", i))
	}
}

// validCPV reports whether s is eight digits of the common procurement
// vocabulary, with or without its check digit ("48814000" or "48814000-7").
func validCPV(s string) bool {
	main, check, dashed := strings.Cut(s, "-")
	return digits(main, 8) && main[:2] != "00" && (!dashed || digits(check, 1))
}

// validNUTS reports whether s is a Norwegian NUTS code: NO and up to three
// characters.
func validNUTS(s string) bool {
	if len(s) < 2 || len(s) > 5 || s[:2] != "NO" {
		return false
	}
	for _, r := range s[2:] {
		if (r < '0' || r > '9') && (r < 'A' || r > 'Z') {
			return false
		}
	}
	return true
}

func digits(s string, n int) bool {
	return len(s) == n && strings.Trim(s, "0123456789") == ""
}
