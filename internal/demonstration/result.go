package demonstration

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/fellesloft/fellesloft/demo"
	"github.com/fellesloft/fellesloft/internal/catalogue"
	"github.com/fellesloft/fellesloft/internal/domain/money"
)

// conclude shows the final ranking and where the result can be seen.
func (s *show) conclude(ctx context.Context) error {
	p, err := s.refresh(ctx)
	if err != nil {
		return err
	}
	fmt.Fprintf(s.Out, "Saken er i fasen «%s».\n", catalogue.Phase(language, p.Phase))
	for _, r := range s.result.Rankings {
		fmt.Fprintf(s.Out, "\n%s\n", s.tell.style(bold, fmt.Sprintf("Delkontrakt %d: %s", r.Number, r.Title)))
		s.tell.table(2, s.rankingTable(r))
	}
	s.others()
	fmt.Fprintf(s.Out, "\n%s\n", s.tell.style(bold, "Her kan resultatet ses"))
	s.tell.table(2, s.addresses())
	return nil
}

// others tells of the tenders that are not ranked.
func (s *show) others() {
	fmt.Fprintln(s.Out)
	for _, t := range s.opened {
		if t.Rejection != nil {
			fmt.Fprintf(s.Out, "  Avvist: %s (%s).\n", company(t.SupplierName), t.Rejection.Paragraph)
		}
	}
	fmt.Fprintf(s.Out, "  Trukket: %s.\n  For sent: %s.\n", company(demo.Suppliers()[withdraws].Name), company(demo.Suppliers()[late].Name))
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

// rankingTable shows a lot's ranking with the points under each criterion.
func (s *show) rankingTable(r Ranking) [][]string {
	rows := s.rankingHead()
	for _, t := range r.Ranking {
		row := []string{"\t" + strconv.Itoa(t.Rank) + ".", company(r.Suppliers[t.Tender.String()])}
		var price money.NOK
		for _, c := range s.set.Criteria {
			points := ""
			for _, p := range t.Criteria {
				if p.Criterion == c.ID {
					points = figure(p.Points.StringFixed(2))
					price = max(price, p.Price)
				}
			}
			row = append(row, "\t"+points)
		}
		rows = append(rows, append(row, "\t"+figure(t.Total.StringFixed(4)), "\t"+kroner(price)))
	}
	return rows
}

// rankingHead heads each criterion's column with its name, broken into short
// lines, and its weight.
func (s *show) rankingHead() [][]string {
	const width = 13
	names := make([][]string, len(s.set.Criteria))
	height := 0
	for i, c := range s.set.Criteria {
		names[i] = append(wrap(c.Name, width), figure(c.Weight.String())+" %")
		height = max(height, len(names[i]))
	}
	rows := make([][]string, height)
	for n := range rows {
		row := []string{"", ""}
		for _, lines := range names {
			cell := "\t"
			if from := height - len(lines); n >= from {
				cell += lines[n-from]
			}
			row = append(row, cell)
		}
		rows[n] = row
	}
	rows[height-1][1] = "Leverandør"
	rows[height-1] = append(rows[height-1], "\tPoeng", "\tEvaluert pris")
	return rows
}
