package app

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/db"
	"github.com/fellesloft/fellesloft/db/sqlcgen"
	"github.com/fellesloft/fellesloft/internal/domain/consortium"
	"github.com/fellesloft/fellesloft/internal/domain/procurement"
	"github.com/fellesloft/fellesloft/internal/fault"
)

// DeclarationState says whether an organisation of the tender has given its own
// self-declaration (FOA § 17-1).
type DeclarationState struct {
	Org uuid.UUID
	// Name is empty for the leader.
	Name string
	// State: missing, incomplete or given.
	State string
}

// dropFormer forgets the self-declarations of organisations that are no longer
// in the tender: they are not carried into what is handed in next.
func (d *draft) dropFormer() {
	for id, org := range d.together.Declarations() {
		if m, _ := d.together.Member(org); org != d.together.Lead && m.State != consortium.Accepted {
			delete(d.answers, id)
			delete(d.stored, id)
		}
	}
}

// isDeclaration reports whether a value is not an answer to a requirement.
func (d *draft) isDeclaration(id uuid.UUID) bool {
	_, is := d.together.Declarations()[id]
	return is
}

func (d *draft) declarationOf(org uuid.UUID) (*procurement.Declaration, error) {
	a, ok := d.answers[d.together.DeclarationOf(org)]
	if !ok {
		return nil, nil
	}
	var out procurement.Declaration
	if err := json.Unmarshal(a.Value, &out); err != nil {
		return nil, fault.Wrap(fault.Internal, "declaration.decode", err)
	}
	return &out, nil
}

// ownDeclaration is the id of that of the actor's own organisation.
func (d *draft) ownDeclaration() uuid.UUID { return d.together.DeclarationOf(d.w.by.Org) }

// declaration is that of the actor's own organisation.
func (d *draft) declaration() (*procurement.Declaration, error) { return d.declarationOf(d.w.by.Org) }

// signers are the organisations in whose name the draft is handed in.
func (d *draft) signers() []consortium.Member {
	out := []consortium.Member{{Org: d.together.Lead}}
	for _, org := range d.together.Joined() {
		m, _ := d.together.Member(org)
		out = append(out, m)
	}
	return out
}

// judgeConsortium judges what only the organisations together can give: an
// answer of each that was asked, and a self-declaration of each.
func (d *draft) judgeConsortium(l *fault.List) error {
	for _, m := range d.together.Unanswered() {
		l.Addf("consortium.unanswered", "members["+m.Org.String()+"]", fault.Params{"organisation": m.Name})
	}
	for _, m := range d.signers() {
		if err := d.judgeDeclaration(m, l); err != nil {
			return err
		}
	}
	return nil
}

func (d *draft) judgeDeclaration(m consortium.Member, l *fault.List) error {
	declaration, err := d.declarationOf(m.Org)
	if err != nil {
		return err
	}
	leads := m.Org == d.together.Lead
	field := "declarations[" + m.Org.String() + "]"
	switch {
	case declaration == nil && leads:
		l.Addf("declaration.absent", "declaration")
		return nil
	case declaration == nil:
		l.Addf("consortium.declaration-absent", field, fault.Params{"organisation": m.Name})
		return nil
	}
	f, refused := fault.As(declaration.Validate(d.submits()))
	if !refused {
		return nil
	}
	for _, e := range f.All() {
		e := *e
		e.Also = nil
		if !leads {
			e.Field = field + strings.TrimPrefix(e.Field, "declaration")
		}
		l.Add(&e)
	}
	return nil
}

// declarations says whose self-declaration is there.
func (d *draft) declarations() []DeclarationState {
	var out []DeclarationState
	for _, m := range d.signers() {
		s := DeclarationState{m.Org, m.Name, "given"}
		declaration, err := d.declarationOf(m.Org)
		switch {
		case err == nil && declaration == nil:
			s.State = "missing"
		case err != nil || declaration.Validate(d.submits()) != nil:
			s.State = "incomplete"
		}
		out = append(out, s)
	}
	return out
}

// tellSigners notifies each organisation in whose name the tender is or was
// handed in.
func (w *work) tellSigners(ctx context.Context, c consortium.Consortium, what string, tender uuid.UUID, params map[string]string) error {
	for _, org := range append([]uuid.UUID{c.Lead}, c.Joined()...) {
		if err := w.tellOne(ctx, org, what, tender, params); err != nil {
			return err
		}
	}
	return nil
}

// OtherTenders are the organisation's own other tenders in the same procurement,
// alone or with others: the law does not forbid it, and whoever signs should
// know. Others' are never told.
func (a *App) OtherTenders(ctx context.Context, tenderID uuid.UUID) (OfTender[uuid.UUID], error) {
	var out OfTender[uuid.UUID]
	err := a.do(ctx, TenderRead, func(w *work) error {
		row, pub, err := w.ownTenderByID(ctx, tenderID, false)
		if err != nil {
			return err
		}
		out.Tender = tenderOf(row, pub.Title, pub.Deadline)
		out.Items, err = w.q.OwnOtherTenders(ctx, w.tx, sqlcgen.OwnOtherTendersParams{ProcurementID: row.ProcurementID, TenderID: tenderID})
		return db.Fault(err)
	})
	return out, err
}
