package demonstration

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/fellesloft/fellesloft/demo"
	"github.com/fellesloft/fellesloft/internal/domain/money"
)

// create makes a sandbox and a draft in it. A sandbox whose answer was lost is
// left empty, and another made; a draft is found again.
func (s *show) create(ctx context.Context) error {
	var box sandbox
	err := s.post(ctx, lead, "/sandboxes", map[string]string{"name": "Demonstrasjon"}, &box)
	if answerLost(err) {
		err = s.post(ctx, lead, "/sandboxes", map[string]string{"name": "Demonstrasjon"}, &box)
	}
	if err != nil {
		return err
	}
	s.result.Sandbox, s.clock = box.ID, box.Now
	var named []namedParticipant
	var estimated, maximum money.NOK
	for _, m := range s.Municipalities {
		named = append(named, namedParticipant{m.ID, estimate(m), frame(m)})
		estimated, maximum = estimated+estimate(m), maximum+frame(m)
	}
	var p procurementView
	err = s.post(ctx, lead, "/procurements", newProcurement{Space: box.ID, Plan: firstPlan(box.Now, estimated, maximum), Participants: named}, &p)
	if answerLost(err) {
		p, err = s.inSandbox(ctx)
	}
	if err != nil {
		return err
	}
	s.result.Procurement = p.ID
	if _, err := s.refresh(ctx); err != nil {
		return err
	}
	s.say(lead, "Oppretter «%s» for %s navngitte kommuner i %s.", s.plan.Title, number(len(s.Municipalities)), networks(s.Municipalities))
	s.tell.detail(fmt.Sprintf("Anslått verdi %s, høyst %s, fordelt på %d delkontrakter.", kroner(estimated), kroner(maximum), len(s.plan.Lots)),
		fmt.Sprintf("Fullmaktsfrist %s. Det må bli minst %d kommuner.", instant(s.plan.MandateDeadline), s.plan.Quorum.Participants),
		fmt.Sprintf("Planlagt kunngjøring %s, tilbudsfrist %s.", day(s.plan.DispatchOn), instant(s.plan.TenderDeadline)))
	if len(s.Municipalities) <= eachTold {
		var names []string
		for _, m := range s.Municipalities {
			names = append(names, m.Name)
		}
		s.tell.detail("Kommunene: " + strings.Join(names, ", ") + ".")
	}
	return nil
}

// inSandbox finds the only procurement of the sandbox.
func (s *show) inSandbox(ctx context.Context) (procurementView, error) {
	for after := ""; ; {
		var all page[procurementView]
		if err := s.get(ctx, lead, "/procurements?after="+url.QueryEscape(after), &all); err != nil {
			return procurementView{}, err
		}
		p, err := find(all.Items, func(p procurementView) bool { return p.Space == s.result.Sandbox })
		if err == nil || all.Next == "" {
			return p, err
		}
		after = all.Next
	}
}

// prepare adds the documents and names who opens and evaluates.
func (s *show) prepare(ctx context.Context) error {
	kinds := map[string]string{"konkurranseregler.md": "tender_rules", "avtaleutkast.md": "contract_draft", "bilag.md": "annex"}
	for _, d := range demo.Documents() {
		query := url.Values{"name": {d.Name}, "kind": {kinds[d.Name]}}
		_, err := s.api.do(ctx, call{method: http.MethodPost, path: s.at("/documents?" + query.Encode()), as: lead, raw: d.Content, mediaType: d.ContentType})
		if err := settled(err); err != nil {
			return err
		}
		s.say(lead, "Legger til %s (%s).", strings.ToLower(d.Title), d.Name)
	}
	for _, m := range []struct{ subject, role string }{{opener1, "opener"}, {opener2, "opener"}, {evaluators[0], "evaluator"}, {evaluators[1], "evaluator"}} {
		i, err := identity(m.subject)
		if err != nil {
			return err
		}
		if err := s.act(ctx, lead, s.at("/team"), teamMember{i.ID, i.Org, m.role}); err != nil {
			return err
		}
	}
	s.say(lead, "Utpeker to til å åpne tilbudene og to til å evaluere dem.")
	return nil
}

// advance moves the sandbox's clock on to an instant, unless it has passed.
func (s *show) advance(ctx context.Context, to time.Time) error {
	path := "/sandboxes/" + s.result.Sandbox.String()
	var box sandbox
	if err := s.get(ctx, lead, path, &box); err != nil {
		return err
	}
	if box.Now.Before(to) {
		if err := s.act(ctx, lead, path+"/advance", map[string]time.Time{"to": to}); err != nil {
			return err
		}
		if err := s.get(ctx, lead, path, &box); err != nil {
			return err
		}
	}
	s.clock = box.Now
	return nil
}

// justBefore is how far before an instant the clock is moved, so that the real
// timer fires.
const justBefore = 2 * time.Second
