package demonstration

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"strings"

	"github.com/fellesloft/fellesloft/internal/catalogue"
	"github.com/fellesloft/fellesloft/internal/domain/money"
	"github.com/fellesloft/fellesloft/internal/seed"
)

// callOffs has a named municipality order within its cap, and shows that an
// order beyond it and one of a municipality that is not named are refused.
func (s *show) callOffs(ctx context.Context) error {
	if err := s.advance(ctx, workingDay(s.plan.ContractStarts).At(9, 30)); err != nil {
		return err
	}
	buyer := s.Municipalities[1]
	limit := frame(buyer)
	within := limit / 3 / 100_000_00 * 100_000_00
	order := newCallOff{Contract: s.ended[0].ID, Amount: within, Reference: "B-1"}
	if err := s.act(ctx, buyer.ContractOwner, s.at("/call-offs"), order); err != nil {
		return err
	}
	var all page[callOff]
	if err := s.get(ctx, buyer.ContractOwner, s.at("/call-offs"), &all); err != nil {
		return err
	}
	var used money.NOK
	for _, c := range all.Items {
		used += c.Amount
	}
	if used != within {
		return fmt.Errorf("called off %s, not %s", used, within)
	}
	s.say(buyer.ContractOwner, "Gjør avrop på %s for «%s». Kommunens ramme er %s.", kroner(within), s.lotTitle(s.ended[0].Lot), kroner(limit))
	order.Amount, order.Reference = limit, "B-2"
	p, err := refusal(s.act(ctx, buyer.ContractOwner, s.at("/call-offs"), order), "a call-off beyond the cap", "call-off.beyond-cap")
	if err != nil {
		return err
	}
	s.refused(buyer.ContractOwner, "Prøver et avrop på "+kroner(order.Amount)+".", p)
	stranger := Municipalities(seed.Outside())[0]
	order.Amount, order.Reference = within, "B-3"
	p, err = refusal(s.act(ctx, stranger.ContractOwner, s.at("/call-offs"), order), "a call-off by a stranger", "call-off.not-named")
	if err != nil {
		return err
	}
	s.refused(stranger.ContractOwner, "Prøver et avrop på "+kroner(order.Amount)+".", p)
	return nil
}

// missing finds what the record marks as missing.
var missing = regexp.MustCompile(`(?s)data-missing="([^"]*)"`)

// record fetches the procurement record as HTML and tells what it shows as
// missing.
func (s *show) record(ctx context.Context) error {
	a, err := s.api.do(ctx, call{method: http.MethodGet, path: s.at("/record"), as: lead})
	if err != nil {
		return err
	}
	name := a.name
	if name == "" {
		name = "protokoll.html"
	}
	if err := s.keep("Anskaffelsesprotokoll", name, a.body); err != nil {
		return err
	}
	s.say(lead, "Henter anskaffelsesprotokollen: %s (%s byte).", name, catalogue.Number(language, int64(len(a.body))))
	var gaps []string
	for _, m := range missing.FindAllSubmatch(a.body, -1) {
		gaps = append(gaps, string(m[1]))
	}
	if len(gaps) == 0 {
		s.tell.detail("Ingenting er merket som manglende.")
	} else {
		s.tell.detail("Merket som manglende: " + strings.Join(gaps, "; ") + ".")
	}
	return nil
}

// conclude shows the final ranking and where the result can be seen.
func (s *show) conclude(ctx context.Context) error {
	p, err := s.refresh(ctx)
	if err != nil {
		return err
	}
	fmt.Fprintf(s.Out, "Saken er i fasen «%s».\n", catalogue.Phase(language, p.Phase))
	for _, r := range s.result.Rankings {
		fmt.Fprintf(s.Out, "\n%s\n", s.tell.style(bold, r.Title))
		s.tell.table(2, s.rankingTable(r))
	}
	fmt.Fprintf(s.Out, "\n%s\n", s.tell.style(bold, "Her kan resultatet ses"))
	s.tell.table(2, s.addresses())
	return nil
}

func (s *show) addresses() [][]string {
	rows := [][]string{
		{"Åpen side (uten innlogging)", s.BaseURL + "/public" + s.at("")},
		{"Anskaffelsen", s.BaseURL + s.at("") + "   (som " + lead + ")"},
		{"Hendelser", s.BaseURL + "/events   (hver organisasjon sine egne)"},
	}
	if s.TemporalUI != "" {
		rows = append(rows, []string{"Arbeidsflyten i Temporal", workflowAddress(s.TemporalUI, s.result.Procurement.String())})
	}
	if s.Mail != "" {
		rows = append(rows, []string{"E-post som ble sendt", s.Mail})
	}
	for _, what := range []string{"Kunngjøring (json)", "Kunngjøring (xml)", "Kvittering", "Anskaffelsesprotokoll"} {
		if path, ok := s.files[what]; ok {
			rows = append(rows, []string{what, path})
		}
	}
	return rows
}

// workflowAddress is where Temporal's UI shows the procurement's first process;
// a case has another one only where an older database was restored.
func workflowAddress(ui, id string) string {
	return strings.TrimSuffix(ui, "/") + "/namespaces/default/workflows/procurement:" + id + ":1"
}
