package procurement

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/internal/domain/requirement"
	"github.com/fellesloft/fellesloft/internal/domain/rules"
	"github.com/fellesloft/fellesloft/internal/fault"
)

// OpAmend is the operation of [Amend].
const OpAmend = "procurement.amend"

// Amend publishes a new version of the requirements and the files that go with
// them (endring av konkurransegrunnlaget, FOA §§ 14-2 (3), 20-1 (3)). There is no
// part of the plan in it: procedure, lots, buyers, formula and criteria stay as
// they were announced.
type Amend struct {
	Older, Newer requirement.Set
	Version      int
	Files        FileChanges
	// Until is the new tender deadline; zero for the proposed one.
	Until time.Time
	// Reason is what everybody is told.
	Reason string
	// Shorter is why the deadline moves less than proposed; it stands in the
	// procurement record.
	Shorter string
	Law     rules.Effective
}

// FileChanges are the names of files that come and go with an amendment.
type FileChanges struct {
	Added, Removed []string
	// Material: one of them is no mere annex but says how the competition is run
	// or what would be signed.
	Material bool
	// Kinds are those of all files after it.
	Kinds []string
}

func (f FileChanges) empty() bool { return len(f.Added)+len(f.Removed) == 0 }

// Operation is the stable name.
func (Amend) Operation() string { return OpAmend }

// MayAmend judges whether an amendment may be begun or written at an instant:
// while suppliers answer and before the deadline.
func (p Procurement) MayAmend(now time.Time) error {
	if err := p.in(Tendering); err != nil {
		return err
	}
	if !now.Before(p.Plan.TenderDeadline) {
		return refuse("amendment.deadline-passed", fault.Params{"deadline": instant(p.Plan.TenderDeadline)})
	}
	return nil
}

// amend publishes an amendment. It refuses with every reason at once.
func (p Procurement) amend(c Amend, now time.Time) (Change, error) {
	if err := p.MayAmend(now); err != nil {
		return Change{}, err
	}
	if c.Version <= p.State.SetVersion {
		return Change{}, refuse("amendment.version", fault.Params{"version": strconv.Itoa(c.Version), "published": strconv.Itoa(p.State.SetVersion)})
	}
	r := p.ReviewAmendment(c, now)
	var l fault.List
	for _, e := range r.Refusals {
		l.Add(e)
	}
	if strings.TrimSpace(c.Reason) == "" {
		l.Addf("amendment.reason", "reason")
	}
	for _, kind := range requiredDocuments {
		if !slices.Contains(c.Files.Kinds, kind) {
			l.Addf("documents.missing", "documents", fault.Params{"kind": kind})
		}
	}
	if err := l.Err(); err != nil {
		return Change{}, err
	}
	after := p.withDeadline(r.Deadline)
	after.State.SetVersion = c.Version
	reason := c.Reason
	if r.Deadline.Before(r.Proposed) {
		reason += " (" + c.Shorter + ")"
	}
	after.decided(Amended, reason, now)
	if r.Deadline.After(p.Plan.TenderDeadline) {
		after.State.WaitsSince = now
	}
	return Change{After: after, Events: []Event{event(Amended, "version", strconv.Itoa(c.Version), "from", strconv.Itoa(p.State.SetVersion),
		"before", instant(p.Plan.TenderDeadline), "until", instant(r.Deadline), "validUntil", after.Plan.ValidUntil.String(),
		"added", strconv.Itoa(len(r.Difference.Added)), "removed", strconv.Itoa(len(r.Difference.Removed)), "changed", strconv.Itoa(len(r.Difference.Changed)))}}, nil
}

// Confirmation is how a standing tender stands to the published version.
type Confirmation string

// The states of a standing tender.
const (
	// Current: submitted under the published version.
	Current Confirmation = "current"
	// Untouched: no amendment since asks anything else of what it answers.
	Untouched Confirmation = "untouched"
	// Unconfirmed: an amendment touches it, and nobody has said that it stands.
	Unconfirmed Confirmation = "needs-confirmation"
	// Confirmed: its signatory has said that it stands under the published
	// version, or under one since which nothing touches it.
	Confirmed Confirmation = "confirmed"
)

// Standing is a standing tender beside an amended procurement.
type Standing struct {
	// Submitted is the version that it was submitted under, Confirmed the newest
	// one that it was confirmed for (0: none), Published the one that holds.
	Submitted, Confirmed, Published int
	// Touched are the requirements that its answers have to be held against.
	Touched []uuid.UUID
}

// Base is the version that the tender's answers are given under: what it was
// confirmed for, or submitted under.
func (s Standing) Base() int { return max(s.Submitted, s.Confirmed) }

// State judges the tender. Nobody whose answers are untouched is asked.
func (s Standing) State() Confirmation {
	switch {
	case s.Submitted >= s.Published:
		return Current
	case s.Confirmed >= s.Published:
		return Confirmed
	case len(s.Touched) > 0:
		return Unconfirmed
	case s.Confirmed > s.Submitted:
		return Confirmed
	}
	return Untouched
}

// MayConfirm judges a signatory's word that the tender stands under a version:
// the published one, and only where it is asked for.
func (s Standing) MayConfirm(version int) error {
	if version != s.Published {
		return fault.New(fault.Stale, "amendment.confirmed-version", fault.Params{"version": strconv.Itoa(version), "published": strconv.Itoa(s.Published)}).At("setVersion")
	}
	if s.State() != Unconfirmed {
		return refuse("amendment.nothing-to-confirm")
	}
	return nil
}
