package rules

import (
	"fmt"
	"slices"

	"github.com/fellesloft/fellesloft/internal/domain/calendar"
)

// validate finds what would make the rules answer wrongly: a rule without
// paragraph, source or mark, a value that its kind denies, or two versions for
// one day. The rules are sorted by id and first day.
func (p Pack) validate() error {
	for i, r := range p.rules {
		if err := r.validate(); err != nil {
			return fmt.Errorf("rule %q: %w", r.ID, err)
		}
		if i > 0 && p.rules[i-1].ID == r.ID && p.rules[i-1].overlaps(r) {
			return fmt.Errorf("rule %q: two versions hold on %s", r.ID, r.ValidFrom)
		}
	}
	for _, d := range p.duties {
		if err := d.validate(p); err != nil {
			return fmt.Errorf("environment duty from %s: %w", d.ValidFrom, err)
		}
	}
	for _, i := range p.record {
		if err := cited(i.Paragraph, i.Source, i.Mark, i.ValidFrom, i.ValidTo); err != nil {
			return fmt.Errorf("record item %s %s: %w", i.Regime, i.Letter, err)
		}
	}
	for _, r := range p.procedures {
		if err := cited(r.Paragraph, r.Source, r.Mark, r.ValidFrom, r.ValidTo); err != nil {
			return fmt.Errorf("procedure %q: %w", r.Code, err)
		}
	}
	return nil
}

func (r Rule) overlaps(next Rule) bool {
	return r.ValidTo.IsZero() || !r.ValidTo.Before(next.ValidFrom)
}

func (r Rule) validate() error {
	if r.ID == "" || r.Regime == "" || r.Procedure == "" || r.Stage == "" || r.Variant == "" {
		return fmt.Errorf("id, regime, procedure, stage and variant are needed")
	}
	if r.Confirmed != nil {
		return fmt.Errorf("a pack confirms nothing")
	}
	if err := cited(r.Paragraph, r.Source, r.Mark, r.ValidFrom, r.ValidTo); err != nil {
		return err
	}
	return r.validateValue()
}

func (r Rule) validateValue() error {
	units := []Unit{Days, WorkingDays, Months, Years, NOK, Percent, Count, Unitless}
	switch {
	case !slices.Contains(units, r.Unit):
		return fmt.Errorf("unit %q", r.Unit)
	case !slices.Contains([]Kind{Fixed, Discretion, Unknown}, r.Kind):
		return fmt.Errorf("kind %q", r.Kind)
	case (r.Kind == Fixed) != (r.Value != nil):
		return fmt.Errorf("kind %q and value disagree", r.Kind)
	case r.Kind == Fixed && r.Unit == Unitless:
		return fmt.Errorf("a value without unit")
	case r.Value != nil && (*r.Value < 0 || *r.Value > maxValue[r.Unit]):
		return fmt.Errorf("value %d out of range", *r.Value)
	case r.Proposed != nil && r.Kind != Discretion:
		return fmt.Errorf("a proposal where the law has a number")
	}
	return nil
}

func cited(paragraph, source string, mark Mark, from, to calendar.Date) error {
	switch {
	case paragraph == "" || source == "":
		return fmt.Errorf("paragraph and source are needed")
	case !slices.Contains([]Mark{Primary, Secondary, General}, mark):
		return fmt.Errorf("mark %q", mark)
	case from.IsZero():
		return fmt.Errorf("valid_from is needed")
	case !to.IsZero() && to.Before(from):
		return fmt.Errorf("ends before it begins")
	}
	return nil
}

func (d EnvironmentDuty) validate(p Pack) error {
	for _, id := range []string{d.WeightRule, d.RankRule} {
		if _, err := p.At(id, d.ValidFrom); err != nil {
			return err
		}
	}
	return cited(d.Paragraph, d.Source, d.Mark, d.ValidFrom, d.ValidTo)
}
