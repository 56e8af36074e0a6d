package app

import (
	"context"
	"slices"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/db"
	"github.com/fellesloft/fellesloft/db/sqlcgen"
	"github.com/fellesloft/fellesloft/internal/fault"
)

// AssignmentRow says who is to answer a requirement: uuid.Nil for nobody in
// particular.
type AssignmentRow struct {
	Requirement uuid.UUID
	Assignee    uuid.UUID
}

// Assignment is who is to answer a requirement; nil for one outside the reader's
// own organisation.
type Assignment struct {
	Requirement uuid.UUID
	Assignee    *Colleague
}

// AssignAnswers says who of the organisation is to answer requirements: all rows
// or none. It hinders nobody else from answering them. It returns invalid
// (answers.unknown-requirement, assignment.repeated, assignment.unknown-person)
// with every row that is wrong.
func (a *App) AssignAnswers(ctx context.Context, tenderID uuid.UUID, rows []AssignmentRow) (OfTender[Assignment], error) {
	var out OfTender[Assignment]
	err := a.do(ctx, TenderReview, func(w *work) error {
		row, pub, err := w.ownTenderByID(ctx, tenderID, true)
		if err != nil {
			return err
		}
		if err := w.writable(pub); err != nil {
			return err
		}
		d := &draft{w: w, row: row, pub: pub}
		if d.set, err = decodeSet(pub.RequirementSet); err != nil {
			return err
		}
		given, taken, err := d.judgeAssignments(ctx, rows)
		if err != nil {
			return err
		}
		if len(taken) > 0 {
			if err := w.q.DeleteAssignments(ctx, w.tx, sqlcgen.DeleteAssignmentsParams{TenderID: tenderID, Requirements: taken}); err != nil {
				return db.Fault(err)
			}
		}
		if len(given) > 0 {
			if err := w.q.SaveAssignments(ctx, w.tx, sqlcgen.SaveAssignmentsParams{TenderID: tenderID, AssignedBy: w.by.ID, AssignedAt: w.now, Rows: asJSON(given)}); err != nil {
				return db.Fault(err)
			}
		}
		out.Tender = tenderOf(row, pub.Title, pub.Deadline)
		if out.Items, err = d.assignments(ctx); err != nil {
			return err
		}
		return w.audit(ctx, entry{action: "tender.answers-assigned", object: tenderID, after: map[string]string{"requirements": itoa(len(rows))}})
	})
	return out, err
}

type assignmentRow struct {
	Requirement uuid.UUID `json:"requirement_id"`
	Assignee    uuid.UUID `json:"assignee_id"`
}

func (d *draft) judgeAssignments(ctx context.Context, rows []AssignmentRow) (given []assignmentRow, taken []uuid.UUID, err error) {
	var people []uuid.UUID
	for _, r := range rows {
		people = append(people, r.Assignee)
	}
	active, err := d.w.q.ActiveColleagues(ctx, d.w.tx, people)
	if err != nil {
		return nil, nil, db.Fault(err)
	}
	var l fault.List
	seen := map[uuid.UUID]bool{}
	for i, r := range rows {
		at := "assignments[" + itoa(i) + "]."
		if _, known := d.requirement(r.Requirement); !known {
			l.Addf("answers.unknown-requirement", at+"requirement")
		}
		if seen[r.Requirement] {
			l.Addf("assignment.repeated", at+"requirement")
		}
		seen[r.Requirement] = true
		switch {
		case r.Assignee == uuid.Nil:
			taken = append(taken, r.Requirement)
		case !slices.Contains(active, r.Assignee):
			l.Addf("assignment.unknown-person", at+"assignee")
		default:
			given = append(given, assignmentRow(r))
		}
	}
	return given, taken, l.Err()
}

// assignments reads who is to answer what, in the order of the requirements.
func (d *draft) assignments(ctx context.Context) ([]Assignment, error) {
	rows, err := d.w.q.Assignments(ctx, d.w.tx, d.row.ID)
	if err != nil {
		return nil, db.Fault(err)
	}
	by, ids := map[uuid.UUID]uuid.UUID{}, make([]uuid.UUID, 0, len(rows))
	for _, r := range rows {
		by[r.RequirementID] = r.AssigneeID
		ids = append(ids, r.AssigneeID)
	}
	people, err := d.w.colleagues(ctx, ids)
	if err != nil {
		return nil, err
	}
	out := []Assignment{}
	for _, r := range d.set.Requirements {
		if id, assigned := by[r.ID]; assigned {
			out = append(out, Assignment{r.ID, people[id]})
		}
	}
	return out, nil
}
