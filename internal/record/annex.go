package record

import (
	"strconv"

	"github.com/fellesloft/fellesloft/internal/catalogue"
	"github.com/fellesloft/fellesloft/internal/domain/rules"
)

// annexes are what the case keeps beside the law's items. An annex without
// content says so.
func annexes(w words, f Facts) []Section {
	all := []Section{
		annex(w, "rules", ruleTable(w, f)),
		annex(w, "mandates", mandateTable(w, f)),
		annex(w, "declined", declinedTable(w, f)),
		annex(w, "openings", openingTable(w, f)),
		annex(w, "declarations", declarations(w, f)),
		annex(w, "contracts", contractTable(w, f)),
		annex(w, "call-offs", callOffTable(w, f)),
		annex(w, "timeline", timelineTable(w, f)),
	}
	return all
}

func annex(w words, key string, t Table) Section {
	s := Section{ID: key, Title: w.page("annex." + key), State: Given}
	s.add(t)
	if s.empty() {
		s.State = NotRelevant
		s.say(w.page("annex-empty." + key))
	}
	return s
}

// ruleTable shows each value with who vouches for it: its source, or the lead
// buyer's own, with name and time.
func ruleTable(w words, f Facts) Table {
	t := Table{Caption: w.page("table.rules"), Columns: w.columns("rule", "paragraph", "#value", "source", "confirmed")}
	for _, r := range f.Rules {
		source, confirmed := r.Source, w.page("not-confirmed")
		if c := r.Confirmed; c != nil {
			source = c.Source
			confirmed = w.by(r.ConfirmedBy, w.instant(c.ConfirmedAt))
		}
		t.Rows = append(t.Rows, []string{catalogue.Rule(string(w), r.ID), r.Paragraph, w.ruleValue(r.Rule), source, confirmed})
	}
	return t
}

func (w words) ruleValue(r rules.Rule) string {
	switch {
	case r.Value == nil && r.Kind == rules.Discretion:
		return w.page("discretion")
	case r.Value == nil:
		return w.page("unknown")
	}
	unit := catalogue.Text(string(w), "unit."+string(r.Unit))
	return catalogue.Number(string(w), *r.Value) + " " + unit
}

func mandateTable(w words, f Facts) Table {
	t := Table{Caption: w.page("table.mandates"), Columns: w.columns("municipality", "mandate", "decided", "case", "#maximum", "#share", "ends")}
	for _, p := range f.Participants {
		row := []string{w.organisation(p.Organisation), w.page("mandate." + p.State), w.date(p.DecidedOn), p.CaseReference, "", "", w.date(p.EndsOn)}
		if p.State == "mandated" {
			row[4], row[5] = w.money(p.Maximum), w.decimal(p.CostShare)+" %"
		}
		if p.Reason != "" {
			row[1] += ": " + p.Reason
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// declinedTable lists the questions without an answer: the opening waited for
// each of them to be declined.
func declinedTable(w words, f Facts) Table {
	t := Table{Caption: w.page("table.declined"), Columns: w.columns("number", "question", "reason", "at")}
	for _, d := range f.Declined {
		at := w.instant(d.At)
		if d.AfterDeadline {
			at = w.page("after-deadline", map[string]string{"at": at})
		}
		t.Rows = append(t.Rows, []string{strconv.Itoa(d.Number), d.Question, d.Reason, at})
	}
	return t
}

func openingTable(w words, f Facts) Table {
	t := Table{Caption: w.page("table.openings"), Columns: w.columns("part", "opened", "approved-first", "approved-second")}
	for _, o := range f.Openings {
		row := []string{catalogue.Part(string(w), o.Part), w.instant(o.At), w.page("missing.short"), w.page("missing.short")}
		approved := row[2:]
		for i := range min(len(o.Approvals), len(approved)) {
			approved[i] = w.by(o.Approvals[i].Name, w.instant(o.Approvals[i].At))
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

func contractTable(w words, f Facts) Table {
	t := Table{Caption: w.page("table.contracts"), Columns: w.columns("lot", "supplier", "#value", "buyer-signed", "supplier-signed", "period")}
	for _, c := range f.Contracts {
		signed := []string{w.date(c.BuyerSignedOn), w.date(c.SupplierSignedOn)}
		for i, s := range signed {
			if s == "" {
				signed[i] = w.page("missing.short")
			}
		}
		t.Rows = append(t.Rows, []string{w.lot(c.Lot), w.organisation(c.Supplier), w.money(c.Value), signed[0], signed[1], w.date(c.StartsOn) + "–" + w.date(c.EndsOn)})
	}
	return t
}

func callOffTable(w words, f Facts) Table {
	t := Table{Caption: w.page("table.call-offs"), Columns: w.columns("municipality", "lot", "#value", "reference", "at")}
	for _, c := range f.CallOffs {
		t.Rows = append(t.Rows, []string{c.Buyer, strconv.Itoa(c.Lot), w.money(c.Amount), c.Reference, w.instant(c.At)})
	}
	return t
}

func timelineTable(w words, f Facts) Table {
	t := Table{Caption: w.page("table.timeline"), Columns: w.columns("at", "event", "person")}
	for _, h := range f.Timeline {
		who := h.Who
		if who == "" {
			who = w.page("by-time")
		}
		t.Rows = append(t.Rows, []string{w.instant(h.At), catalogue.Event(string(w), h.Event, h.Params), who})
	}
	return t
}
