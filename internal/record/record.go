package record

import (
	"strconv"

	"github.com/fellesloft/fellesloft/internal/catalogue"
	"github.com/fellesloft/fellesloft/internal/domain/procurement"
	"github.com/fellesloft/fellesloft/internal/domain/rules"
)

// Build makes the record from the facts and the items that the law of the part
// and day asks for (rules.Pack.ProtocolItems). Where the law asks for none, the
// record holds the annexes alone.
func Build(f Facts, items []rules.RecordItem) Record {
	w := words(catalogue.Match(f.Language))
	r := Record{Language: string(w), Title: f.Title, Subtitle: f.Reference, Invented: f.Invented}
	for _, i := range items {
		s := Section{ID: "item-" + i.Letter, Letter: i.Letter, Title: catalogue.RecordItem(string(w), i.Key), Paragraph: i.Paragraph, State: Given}
		if fill, ok := fillers[i.Key]; ok {
			fill(w, f, &s)
		}
		if own := f.Statements[i.Key]; own != "" {
			s.say(own)
			s.State = Given
		}
		if s.State == Given && s.empty() {
			s.State = MissingItem
			s.say(w.page("missing." + missingKey(i.Key)))
		}
		if s.State == MissingItem {
			r.Missing = append(r.Missing, s.Letter+") "+s.Title)
		}
		r.Items = append(r.Items, s)
	}
	r.Annexes = annexes(w, f)
	return r
}

// missingKey tells what to do about an item that only the lead buyer can write
// from one that the case itself lacks.
func missingKey(k rules.RecordKey) string {
	switch k {
	case rules.RecordTenders, rules.RecordWinner, rules.RecordSubcontractors, rules.RecordConflictsOfInterest:
		return "not-yet"
	}
	return "write"
}

// notRelevant says why the law's item does not apply here.
func (s *Section) notRelevant(w words, why string) {
	s.State = NotRelevant
	s.say(w.page("not-relevant." + why))
}

type filler func(w words, f Facts, s *Section)

var fillers = map[rules.RecordKey]filler{
	rules.RecordBuyer:               buyer,
	rules.RecordDescription:         description,
	rules.RecordNoLots:              noLots,
	rules.RecordNegotiation:         openOnly,
	rules.RecordNoNotice:            announced,
	rules.RecordNotElectronic:       func(w words, _ Facts, s *Section) { s.notRelevant(w, "electronic") },
	rules.RecordRequests:            openOnly,
	rules.RecordSelected:            openOnly,
	rules.RecordTenders:             tenders,
	rules.RecordRejected:            rejected,
	rules.RecordReduced:             func(w words, _ Facts, s *Section) { s.notRelevant(w, "no-reduction") },
	rules.RecordDialogueDeparture:   dialogue,
	rules.RecordDialogueSuppliers:   dialogue,
	rules.RecordConflictsOfInterest: conflicts,
	rules.RecordWinner:              winners,
	rules.RecordSubcontractors:      subcontractors,
	rules.RecordCancellation:        cancellation,
	rules.RecordNonProfit:           func(w words, _ Facts, s *Section) { s.notRelevant(w, "no-reservation") },
	rules.RecordOther:               other,
}

func buyer(w words, f Facts, s *Section) {
	if f.Lead.Name == "" || f.Lead.Address == "" {
		s.State = MissingItem
		s.say(w.organisation(f.Lead), w.page("missing.address"))
	} else {
		s.say(w.page("lead", map[string]string{"name": w.organisation(f.Lead), "address": f.Lead.Address}))
	}
	t := Table{Caption: w.page("table.participants"), Columns: w.columns("municipality", "address")}
	for _, p := range f.Participants {
		if p.State == "mandated" && p.Name != f.Lead.Name {
			t.Rows = append(t.Rows, []string{w.organisation(p.Organisation), p.Address})
		}
	}
	s.add(t)
}

func description(w words, f Facts, s *Section) {
	if f.Description == "" || f.Estimated == 0 {
		return
	}
	lang := string(w)
	s.say(f.Description, w.page("what", map[string]string{
		"contract": catalogue.Contract(lang, f.Contract), "procedure": catalogue.Procedure(lang, f.Procedure), "regime": catalogue.Regime(lang, f.Regime)}))
	values := map[string]string{"estimated": w.money(f.Estimated)}
	if f.Maximum > 0 {
		values["maximum"] = w.money(f.Maximum)
	}
	s.say(w.page("value", values))
	t := Table{Caption: w.page("table.lots"), Columns: w.columns("lot", "cpv", "#estimated", "#maximum")}
	for _, l := range f.Lots {
		t.Rows = append(t.Rows, []string{strconv.Itoa(l.Number) + ". " + l.Title, l.CPV, w.money(l.Estimated), w.money(l.Maximum)})
	}
	s.add(t)
}

func noLots(w words, f Facts, s *Section) {
	if len(f.Lots) > 1 {
		s.notRelevant(w, "divided")
		return
	}
	s.say(f.NoLotsReason)
}

func openOnly(w words, f Facts, s *Section) {
	if f.Procedure == rules.OpenProcedure || f.Procedure == rules.OpenNational {
		s.notRelevant(w, "open")
	}
}

func announced(w words, f Facts, s *Section) {
	if f.Dispatch != nil {
		s.notRelevant(w, "announced")
	}
}

func dialogue(w words, f Facts, s *Section) {
	if !f.Negotiation {
		s.notRelevant(w, "no-dialogue")
	}
}

func tenders(w words, f Facts, s *Section) {
	if f.Phase == procurement.Unsuccessful && len(f.Tenders) == 0 {
		s.say(w.page("no-tenders"))
	}
	t := Table{Caption: w.page("table.tenders"), Columns: w.columns("supplier", "received", "lots", "remark")}
	for _, x := range f.Tenders {
		remark := ""
		if !x.WithdrawnAt.IsZero() {
			remark = w.page("withdrawn", map[string]string{"at": w.instant(x.WithdrawnAt)})
		}
		if x.Under > 0 {
			remark = w.page("unconfirmed", map[string]string{"version": strconv.Itoa(x.Under), "published": strconv.Itoa(x.Published)})
		}
		t.Rows = append(t.Rows, []string{w.organisation(x.Supplier), w.instant(x.ReceivedAt), w.lots(x.Lots), remark})
	}
	s.add(t)
}

func rejected(w words, f Facts, s *Section) {
	if len(f.Rejections) == 0 && len(f.Late) == 0 {
		s.notRelevant(w, "none-rejected")
		return
	}
	t := Table{Caption: w.page("table.rejected"), Columns: w.columns("supplier", "ground", "paragraph", "reason", "decided")}
	for _, x := range f.Rejections {
		t.Rows = append(t.Rows, []string{w.organisation(x.Supplier), catalogue.Ground(string(w), x.Ground), x.Paragraph, x.Reason, w.by(x.By, w.instant(x.At))})
	}
	s.add(t)
	late := Table{Caption: w.page("table.late"), Columns: w.columns("supplier", "attempted", "remark")}
	for _, x := range f.Late {
		remark := w.page("too-late")
		if x.Outage {
			remark = w.page("outage")
		}
		late.Rows = append(late.Rows, []string{w.organisation(x.Supplier), w.instant(x.At), remark})
	}
	s.add(late)
}

// by joins a name and a time.
func (w words) by(name, at string) string {
	if name == "" {
		return at
	}
	return name + ", " + at
}

func conflicts(w words, f Facts, s *Section) {
	s.say(f.Conflicts)
	if f.Conflicts == "" && len(f.Declarations) > 0 {
		found := false
		for _, d := range f.Declarations {
			found = found || d.Conflict != ""
		}
		if !found {
			s.say(w.page("no-conflicts"))
		}
	}
	s.add(declarations(w, f))
}

func declarations(w words, f Facts) Table {
	t := Table{Caption: w.page("table.declarations"), Columns: w.columns("person", "role", "declared", "at")}
	for _, d := range f.Declarations {
		declared := w.page("impartial")
		if d.Conflict != "" {
			declared = d.Conflict
		}
		t.Rows = append(t.Rows, []string{d.Name, w.page("role." + d.Role), declared, w.instant(d.At)})
	}
	return t
}

func winners(w words, f Facts, s *Section) {
	if f.Ending != nil {
		s.notRelevant(w, "ended")
		return
	}
	t := Table{Caption: w.page("table.winners"), Columns: w.columns("lot", "supplier", "reason", "#value")}
	for _, x := range f.Winners {
		t.Rows = append(t.Rows, []string{w.lot(x.Lot), w.organisation(x.Supplier), x.Reason, w.money(x.Value)})
	}
	s.add(t)
	for _, r := range f.Rankings {
		t := Table{Caption: w.page("table.ranking", map[string]string{"lot": strconv.Itoa(r.Lot)}), Columns: w.columns("rank", "supplier", "#points", "#price")}
		for _, x := range r.Rows {
			t.Rows = append(t.Rows, []string{strconv.Itoa(x.Rank), x.Supplier, w.decimal(x.Points), w.money(x.Price)})
		}
		s.add(t)
	}
}

func subcontractors(w words, f Facts, s *Section) {
	if f.Ending != nil {
		s.notRelevant(w, "ended")
		return
	}
	if len(f.Winners) > 0 && len(f.Subcontractors) == 0 {
		s.say(w.page("no-subcontractors"))
	}
	t := Table{Caption: w.page("table.subcontractors"), Columns: w.columns("subcontractor", "supplier", "task", "#share")}
	for _, x := range f.Subcontractors {
		t.Rows = append(t.Rows, []string{w.organisation(x.Organisation), x.Supplier, x.Task, strconv.Itoa(x.Share) + " %"})
	}
	s.add(t)
}

func cancellation(w words, f Facts, s *Section) {
	if f.Ending == nil {
		s.notRelevant(w, "not-cancelled")
		return
	}
	if f.Ending.Reason != "" {
		s.say(f.Ending.Reason, w.instant(f.Ending.At))
	}
}

// other: what was decided on the way and is in no other item.
func other(w words, f Facts, s *Section) {
	for _, h := range f.Timeline {
		switch h.Event {
		case procurement.DeadlineExtended, procurement.Amended, procurement.AwardReversed, procurement.Suspended, procurement.Resumed, procurement.MandatesExtended, procurement.QuorumMissed:
			text := w.by(h.Who, w.instant(h.At)) + ": " + catalogue.Event(string(w), h.Event, h.Params)
			if h.Reason != "" {
				text += " " + h.Reason
			}
			s.say(text)
		}
	}
	if s.empty() {
		s.notRelevant(w, "nothing-else")
	}
}
