package db

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/db/sqlcgen"
	"github.com/fellesloft/fellesloft/internal/domain/calendar"
	"github.com/fellesloft/fellesloft/internal/domain/money"
	"github.com/fellesloft/fellesloft/internal/domain/procurement"
)

// LoadProcurement reads a case with its counts, and the instant of its case
// time. With lock it is the only decision about the case until the transaction
// ends. It returns not_found for a missing case and for one that the actor's
// organisation may not see.
func LoadProcurement(ctx context.Context, tx DBTX, id uuid.UUID, lock bool) (procurement.Procurement, time.Time, error) {
	q := sqlcgen.New()
	if lock {
		if _, err := q.LockProcurement(ctx, tx, id); err != nil {
			return procurement.Procurement{}, time.Time{}, Fault(err)
		}
	}
	row, err := q.Procurement(ctx, tx, id)
	if err != nil {
		return procurement.Procurement{}, time.Time{}, Fault(err)
	}
	p := procurement.Procurement{
		ID: row.ID, Space: row.SpaceID, Lead: row.LeadOrg, N: int(row.N), Version: row.Version, Phase: procurement.Phase(row.Phase),
		Participants: procurement.ParticipantTally{
			Named: int(row.Named), Mandated: int(row.Mandated), Declined: int(row.Declined), Dropped: int(row.Dropped),
			MandatedValue: money.NOK(row.MandatedValue), EstimatedValue: money.NOK(row.EstimatedValue), MaximumValue: money.NOK(row.MaximumValue),
			EarliestMandateEnd: DateOf(&row.EarliestMandateEnd), CostShare: row.CostShare,
			LotsWithoutMandate: int(row.LotsWithoutMandate),
		},
		Tenders:   procurement.TenderTally{Submitted: int(row.Submitted), Rejected: int(row.Rejected)},
		Questions: procurement.QuestionTally{Unanswered: int(row.Unanswered), Declined: int(row.DeclinedQuestions)},
	}
	for _, part := range []struct {
		from json.RawMessage
		into any
	}{{row.Plan, &p.Plan}, {row.State, &p.State}, {row.Approvals, &p.Approvals}} {
		if err := json.Unmarshal(part.from, part.into); err != nil {
			return procurement.Procurement{}, time.Time{}, fmt.Errorf("procurement %s: %w", id, err)
		}
	}
	if p.Phase == procurement.Evaluation {
		if err := loadScoring(ctx, tx, &p); err != nil {
			return procurement.Procurement{}, time.Time{}, err
		}
	}
	return p, row.CaseNow, nil
}

func loadScoring(ctx context.Context, tx DBTX, p *procurement.Procurement) error {
	s, err := sqlcgen.New().ScoringProgress(ctx, tx, sqlcgen.ScoringProgressParams{ProcurementID: p.ID, SetID: p.State.SetID, SetVersion: int32(p.State.SetVersion)}) //nolint:gosec // versions count up from 1
	if err != nil {
		return Fault(err)
	}
	p.Tenders.QualityScored = s.Evaluators > 0 && s.Given >= s.Evaluators*s.Answers
	p.Tenders.Scored = p.Tenders.QualityScored
	return nil
}

// SaveProcurement writes a case after a decision; its version becomes one
// higher. Counts are rows of their own and are not written here.
func SaveProcurement(ctx context.Context, tx DBTX, p procurement.Procurement, now time.Time) error {
	plan, err := json.Marshal(p.Plan)
	if err != nil {
		return fmt.Errorf("plan: %w", err)
	}
	state, err := json.Marshal(p.State)
	if err != nil {
		return fmt.Errorf("state: %w", err)
	}
	return Fault(sqlcgen.New().SaveProcurement(ctx, tx, sqlcgen.SaveProcurementParams{
		ID: p.ID, Phase: string(p.Phase), Title: p.Plan.Title, Plan: plan, State: state, N: int32(p.N), //nolint:gosec // n counts restarts
		TenderDeadline: TimeOrNull(p.Plan.TenderDeadline), PublishedAt: TimeOrNull(p.State.PublishedAt), NextWake: TimeOrNull(p.NextWake(now)),
	}))
}

// TimeOrNull gives NULL for the zero time.
func TimeOrNull(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// DateOrNull gives a date column's value, NULL for the zero date.
func DateOrNull(d calendar.Date) *time.Time {
	if d.IsZero() {
		return nil
	}
	t := d.UTC()
	return &t
}

// DateOf reads a date column; NULL and the year 1 are the zero date.
func DateOf(t *time.Time) calendar.Date {
	if t == nil || t.IsZero() {
		return calendar.Date{}
	}
	return calendar.FromTime(*t)
}
