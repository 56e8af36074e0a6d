package procurement

import (
	"strings"

	"github.com/fellesloft/fellesloft/internal/domain/requirement"
	"github.com/fellesloft/fellesloft/internal/domain/rules"
)

// requirements: a valid set in kroner, the inputs to it answered, and the environment and universal design duties.
func (j judge) requirements(set *requirement.Set) {
	if set == nil || len(set.Requirements) == 0 {
		j.refuse(invalid("requirements.missing", "requirementSet"))
		return
	}
	if err := set.Validate(); err != nil {
		j.refuseErr(err)
	}
	if len(set.Criteria) == 0 {
		j.refuse(invalid("requirements.criteria-missing", "criteria").By(under(j.r.Regime, "FOA § 18-1", "FOA § 8-11")))
	}
	if !set.InNOK() {
		j.refuse(invalid("requirements.currency", "currency"))
	}
	if err := j.p.Inputs.Settled(); err != nil {
		j.refuseErr(err)
	}
	j.lots(set)
	j.environment(set)
	j.universalDesign(set)
}

// lots: what is limited to lots is limited to those of the plan, and every lot
// of the plan is among them, so that the weights are judged for each.
func (j judge) lots(set *requirement.Set) {
	if len(set.Lots) == 0 {
		return
	}
	same := len(set.Lots) == len(j.p.Plan.Lots)
	for _, l := range set.Lots {
		same = same && j.p.Plan.HasLot(l.ID)
	}
	if !same {
		j.refuse(invalid("requirements.lots-differ-from-plan", "lots"))
	}
}

// environment: a set declares a weight for every criterion, so a rank, which the
// law accepts for ranked criteria only, meets nothing here.
func (j judge) environment(set *requirement.Set) {
	env := j.p.Plan.Environment
	choice := rules.EnvironmentChoice{Specified: env.InSpecification, Exempt: env.Exemption, Justification: env.Reason}
	for _, c := range set.Criteria {
		if c.Kind == requirement.Environment {
			choice.Weights = append(choice.Weights, c.Weight.Decimal())
		}
	}
	if ids, err := j.law.Pack().EnvironmentRules(j.on); err == nil {
		for _, id := range ids {
			if r, err := j.law.At(id, j.on); err == nil {
				j.use(r)
			}
		}
	}
	if err := rules.EnvironmentSatisfied(choice, j.law, j.on); err != nil {
		j.refuseErr(err)
	}
}

// universalDesign is a duty in Part III (§ 15-2), and good practice in Part II.
func (j judge) universalDesign(set *requirement.Set) {
	if mentionsUniversalDesign(set) || strings.TrimSpace(j.p.Plan.UniversalDesignException) != "" {
		return
	}
	missing := invalid("requirements.universal-design", "universalDesignException")
	if j.r.Regime == rules.PartII {
		j.warn(missing)
		return
	}
	j.refuse(missing.By("FOA § 15-2"))
}

// mentionsUniversalDesign finds the default requirement by its words, since
// buyers number and place it as they like.
func mentionsUniversalDesign(set *requirement.Set) bool {
	for _, r := range set.Requirements {
		text := strings.ToLower(r.Title + " " + r.Text + " " + r.Evidence + " " + r.Origin)
		for _, word := range []string{"universell utforming", "universell utforma", "wcag", "universal design"} {
			if strings.Contains(text, word) {
				return true
			}
		}
	}
	return false
}
