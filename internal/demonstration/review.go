package demonstration

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/fellesloft/fellesloft/demo"
	"github.com/fellesloft/fellesloft/internal/catalogue"
	"github.com/fellesloft/fellesloft/internal/domain/calendar"
	"github.com/fellesloft/fellesloft/internal/domain/procurement"
	"github.com/fellesloft/fellesloft/internal/domain/requirement"
	"github.com/fellesloft/fellesloft/internal/domain/rules"
)

const workbookType = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

// requirements sends the workbook, looks at what was understood of it, and puts
// that as the requirement set.
func (s *show) requirements(ctx context.Context) error {
	var p preview
	_, err := s.api.do(ctx, call{method: http.MethodPost, path: s.at("/requirements/preview"), as: lead, raw: demo.Specification(), mediaType: workbookType, out: &p})
	if err != nil {
		return err
	}
	s.say(lead, "Laster opp kravspesifikasjon.xlsx: %d rader forstått, %d advarsler.", len(p.Rows), len(p.Warnings))
	var put requirements
	_, err = s.api.do(ctx, call{method: http.MethodPut, path: s.at("/requirements"), as: lead, versioned: true, body: p.Set, out: &put})
	if err != nil {
		return err
	}
	s.set = put.Set
	absolute, rated, prices := 0, 0, 0
	for _, r := range s.set.Requirements {
		if r.IsAbsolute() {
			absolute++
		}
		if r.IsRated() {
			rated++
		}
		if r.AnswerType == requirement.PriceSchedule {
			prices++
		}
	}
	s.say(lead, "Godtar den som kravsett versjon %d: %d krav i %d områder.", put.Version, len(s.set.Requirements), len(s.set.Areas))
	s.tell.detail(fmt.Sprintf("%d krav er absolutte, %d evalueres, %d er prisskjemaer.", absolute, rated, prices), "Kriterier: "+weights(s.set)+".")
	_, err = s.refresh(ctx)
	return err
}

func weights(set requirement.Set) string {
	parts := make([]string, len(set.Criteria))
	for i, c := range set.Criteria {
		parts[i] = fmt.Sprintf("%s %s %%", strings.ToLower(c.Name), figure(c.Weight.String()))
	}
	return strings.Join(parts, ", ")
}

// review moves on to the day of dispatch and shows the dry run: every date with
// its limit, the days that lengthened it, and what nobody has vouched for.
func (s *show) review(ctx context.Context) error {
	if err := s.advance(ctx, s.plan.DispatchOn.At(9, 0)); err != nil {
		return err
	}
	r, err := s.dryRun(ctx)
	if err != nil {
		return err
	}
	s.say(lead, "Prøver planen mot regelverket (%s), som om kunngjøringen sendes %s.", catalogue.Regime(language, rules.Regime(r.Regime)), day(r.Dispatch))
	s.tell.table(tableAt, milestones(r.Timeline))
	if len(r.Unverified) > 0 {
		s.say(lead, "Regler som ingen har gått god for på denne datoen:")
		s.tell.table(tableAt, unverified(r.Unverified))
	}
	return nil
}

func (s *show) dryRun(ctx context.Context) (reviewView, error) {
	var r reviewView
	err := s.get(ctx, lead, s.at("/review"), &r)
	return r, err
}

func milestones(all []procurement.Milestone) [][]string {
	var rows [][]string
	for _, m := range all {
		on := shortDay(m.On)
		limit := ""
		switch {
		case !m.Earliest.IsZero():
			limit = "tidligst " + shortDay(m.Earliest)
		case !m.Latest.IsZero() && m.Latest != m.On:
			limit = "senest " + shortDay(m.Latest)
		}
		if m.Paragraph != "" {
			limit = strings.TrimSpace(limit + " " + m.Paragraph)
		}
		rows = append(rows, []string{catalogue.Milestone(language, m.Kind), "\t" + on, limit})
		if moved := movedFor(m.Moved); moved != "" {
			rows = append(rows, []string{"  forlenget forbi " + moved})
		}
	}
	return separate(rows)
}

// separate keeps rows of one cell from widening the first column.
func separate(rows [][]string) [][]string {
	var full [][]string
	for _, r := range rows {
		if len(r) > 1 {
			full = append(full, r)
		}
	}
	lines, i := columns(full), 0
	out := make([][]string, len(rows))
	for n, r := range rows {
		if len(r) == 1 {
			out[n] = r
			continue
		}
		out[n] = []string{lines[i]}
		i++
	}
	return out
}

func movedFor(moves []calendar.Move) string {
	parts := make([]string, len(moves))
	for i, m := range moves {
		parts[i] = catalogue.Reason(language, m.Reason) + " " + shortDay(m.Day)
	}
	return strings.Join(parts, ", ")
}

func unverified(open []lawRule) [][]string {
	rows := make([][]string, len(open))
	for i, r := range open {
		rows[i] = []string{r.Paragraph, catalogue.Rule(language, r.ID), valueOf(r)}
	}
	return rows
}

func valueOf(r lawRule) string {
	switch {
	case r.Value != nil:
		return amount(*r.Value, r.Unit)
	case r.Kind == string(rules.Unknown):
		return "ukjent"
	case r.Proposed != nil:
		return "ikke tallfestet, forslag " + amount(*r.Proposed, r.Unit)
	}
	return "ikke tallfestet"
}

func amount(n int64, unit string) string {
	return catalogue.Number(language, n) + " " + catalogue.Text(language, "unit."+unit)
}

// refusedPublication tries to publish at once, and is refused for the deadline,
// the sums and the unverified rules.
func (s *show) refusedPublication(ctx context.Context) error {
	var p *RefusalError
	for again := true; again; {
		err := s.steer(ctx, lead, "/publication", s.dispatch())
		if again = answerLost(err); again {
			continue // a refusal changes nothing, so it can be asked for again
		}
		if p, err = refusal(err, "publishing with a deadline that is too short", "deadline.too-short"); err != nil {
			return err
		}
	}
	open := 0
	shown := []string{"deadline.too-short"}
	for _, v := range p.All() {
		if v.Rule == "rules.unverified" {
			open++
		} else if !slices.Contains(shown, v.Rule) {
			shown = append(shown, v.Rule)
		}
	}
	s.refused(lead, "Prøver å kunngjøre.", p, shown...)
	if open > 0 {
		s.result.Refused = append(s.result.Refused, "rules.unverified")
		s.tell.refuse(s.clock, s.who(lead), "", Violation{Title: counted(open, "Én regel", "regler") + " er ikke bekreftet", Detail: "Bekreft eller erstatt hver av dem med en kilde, se listen over."})
	}
	return nil
}

const noticeReference = "DOFFIN-2026-000001 (oppdiktet)"

// confirm mends the plan and vouches for the rules that nobody has.
func (s *show) confirm(ctx context.Context) error {
	r, err := s.dryRun(ctx)
	if err != nil {
		return err
	}
	if err := s.mend(ctx, r); err != nil {
		return err
	}
	// A confirmed value may bring other rules into play.
	const rounds = 5
	for range rounds {
		if r, err = s.dryRun(ctx); err != nil {
			return err
		}
		if len(r.Unverified) == 0 {
			break
		}
		if err := s.vouch(ctx, r.Unverified); err != nil {
			return err
		}
	}
	if len(r.Refusals)+len(r.Unverified) > 0 {
		return fmt.Errorf("after the confirmation: refusals %+v, unverified %+v", r.Refusals, r.Unverified)
	}
	s.say(lead, "Prøver planen på nytt: ingenting står i veien for å kunngjøre.")
	for _, w := range r.Warnings {
		s.tell.detail("Merk: " + sentence(w))
	}
	return nil
}

// mend moves the tender deadline a week past the earliest lawful day, and sets
// the lots' sums to what the mandates cover.
func (s *show) mend(ctx context.Context, r reviewView) error {
	due, err := find(r.Timeline, func(m procurement.Milestone) bool { return m.Kind == procurement.TendersDue })
	if err != nil || due.Earliest.IsZero() {
		return errors.New("the dry run tells no earliest tender deadline")
	}
	p, err := s.refresh(ctx)
	if err != nil {
		return err
	}
	plan := p.Plan
	schedule(&plan, workingDay(due.Earliest.AddDays(7)))
	divide(&plan, p.Participants.Estimated, p.Participants.MandatedValue)
	_, err = s.api.do(ctx, call{method: http.MethodPut, path: s.at(""), as: lead, version: p.Version, versioned: true, body: revisedProcurement{plan}})
	if err != nil {
		return err
	}
	if _, err := s.refresh(ctx); err != nil {
		return err
	}
	s.say(lead, "Flytter tilbudsfristen til %s og setter verdiene til det fullmaktene dekker: høyst %s.", instant(s.plan.TenderDeadline), kroner(s.plan.Maximum()))
	return nil
}

// threshold stands in for values that the rule packs do not know. It is
// invented, as is the source.
const threshold = 2_400_000

func (s *show) vouch(ctx context.Context, open []lawRule) error {
	given := make([]confirmedRule, len(open))
	replaced := 0
	for i, r := range open {
		given[i] = confirmedRule{Rule: r.ID, Source: "Lovdata, " + r.Paragraph + ", lest av innkjøpsleder " + shortDay(calendar.DateOf(s.clock)) + " (oppdiktet)"}
		if r.Kind == string(rules.Unknown) {
			v := int64(threshold)
			given[i].Value = &v
			replaced++
		}
	}
	if err := s.act(ctx, lead, s.at("/confirmations"), map[string]any{"confirmations": given}); err != nil {
		return err
	}
	s.say(lead, "Bekrefter %s, hver med sin kilde. Den siste: %s.", counted(len(given), "én regel", "regler"), given[len(given)-1].Source)
	for i, g := range given {
		if g.Value != nil {
			s.tell.detail("Fyller inn " + catalogue.Rule(language, g.Rule) + ": " + amount(*g.Value, open[i].Unit))
		}
	}
	return nil
}
