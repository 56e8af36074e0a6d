package app_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/db/dbtest"
	"github.com/fellesloft/fellesloft/internal/actor"
	"github.com/fellesloft/fellesloft/internal/app"
	"github.com/fellesloft/fellesloft/internal/domain/party"
	"github.com/fellesloft/fellesloft/internal/fault"
	"github.com/fellesloft/fellesloft/internal/seed"
)

const issuer = "https://issuer.example"

// signedIn is a person who has signed in and acts for nobody yet.
func (s *stack) signedIn(subject string) context.Context {
	return actor.With(s.t.Context(), actor.Actor{Kind: actor.Person, Issuer: issuer, Subject: subject})
}

func (s *stack) kari() app.Me {
	s.t.Helper()
	me, err := s.serve.Me(s.signedIn("kari"))
	must(s.t, err)
	return me
}

// TestARegisterSaysWhomAPersonRepresents follows a person's sign-ins, as the
// register changes.
func TestARegisterSaysWhomAPersonRepresents(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	const known, unknown = "972418013", "923609016" // Bodø, and one that is not in the register
	until := time.Now().Add(time.Hour)
	if me := s.kari(); me.Identity != uuid.Nil || len(me.Organisations) != 0 {
		t.Fatalf("before the first sign-in: %+v", me)
	}
	must(t, s.serve.Represent(s.signedIn("kari"), nil, until))
	if me := s.kari(); me.Identity != uuid.Nil {
		t.Fatalf("one who represents nobody is kept: %+v", me)
	}
	orgs := []app.Represents{{OrgNumber: party.OrgNumber(known), Name: "BODØ"}, {OrgNumber: party.OrgNumber(unknown), Name: "NYTT SELSKAP AS"}}
	must(t, s.serve.Represent(s.signedIn("kari"), orgs, until))
	me := s.kari()
	if len(me.Organisations) != 2 {
		t.Fatalf("represents %+v", me.Organisations)
	}
	for _, o := range me.Organisations {
		made := o.OrgNumber == unknown
		if len(o.Roles) != 1 || o.Roles[0] != actor.Admin || o.Source != "representation" || o.Until == nil || made != (o.Name == "NYTT SELSKAP AS") || made != (o.OrgKind == "supplier") {
			t.Errorf("represents %+v", o)
		}
	}
	// The right to one is gone, and the other must be shown again in time.
	must(t, s.serve.Represent(s.signedIn("kari"), orgs[:1], time.Now().Add(500*time.Millisecond)))
	if me := s.kari(); len(me.Organisations) != 1 || me.Organisations[0].OrgNumber != known {
		t.Errorf("after the right has ended: %+v", me.Organisations)
	}
	time.Sleep(600 * time.Millisecond)
	if me := s.kari(); len(me.Organisations) != 0 {
		t.Errorf("a representation outlived its time: %+v", me.Organisations)
	}
	// What the organisation itself has given stays when the register says no more.
	invitation, err := s.serve.Invite(s.as("administrator.bodo"), "Kari", "", []actor.Role{actor.Auditor})
	must(t, err)
	_, err = s.serve.AcceptInvitation(s.signedIn("kari"), invitation.Code)
	must(t, err)
	must(t, s.serve.Represent(s.signedIn("kari"), nil, until))
	if me := s.kari(); len(me.Organisations) != 1 || me.Organisations[0].Source != "invitation" || len(me.Organisations[0].Roles) != 1 || me.Organisations[0].Roles[0] != actor.Auditor {
		t.Errorf("the invited: %+v", me.Organisations)
	}
	var told int
	must(t, s.db.Pool(dbtest.Super).QueryRow(t.Context(), `SELECT count(*) FROM audit WHERE action IN ('organisation.made', 'member.represents', 'invitation.accepted') AND outcome = 'done'`).Scan(&told))
	if told != 4 {
		t.Errorf("%d entries in the audit log, want one organisation, two representations and one acceptance", told)
	}
}

func TestAnInvitationHoldsForSevenDays(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	i, err := s.serve.Invite(s.as("administrator.bodo"), "Ola", "", []actor.Role{actor.CaseWorker})
	must(t, err)
	if life := time.Until(i.ExpiresAt); life < 6*24*time.Hour || life > 7*24*time.Hour {
		t.Errorf("holds for %s", life)
	}
	shown, err := s.serve.ShowInvitation(s.signedIn("ola"), i.Code)
	must(t, err)
	if shown.OrgName != seed.OrganisationName(seed.Lead()) || shown.Code != "" {
		t.Errorf("shown: %+v", shown)
	}
	s.db.Exec(dbtest.Super, `UPDATE invitations SET expires_at = clock_timestamp()`)
	if _, err := s.serve.AcceptInvitation(s.signedIn("ola"), i.Code); fault.RuleOf(err) != "invitation.not-open" {
		t.Errorf("too late: %v", err)
	}
	system := actor.With(t.Context(), actor.Actor{Kind: actor.System, Issuer: issuer, Subject: "0192:972418013", Scoped: true, Scopes: []string{"anbud.write"}})
	if _, err := s.serve.AcceptInvitation(system, i.Code); fault.RuleOf(err) != "permission.person" {
		t.Errorf("a system: %v", err)
	}
}

// TestAttemptsAreRecorded refuses for lack of rights, and finds each in the
// audit log with who tried what.
func TestAttemptsAreRecorded(t *testing.T) {
	t.Parallel()
	s := begin(t)
	lead := s.as("innkjopsleder.bodo")
	outside := s.as("avtaleeier.alta")
	scoped, err := actor.From(lead)
	must(t, err)
	scoped.Scoped, scoped.Scopes = true, []string{"anbud.read"}
	for name, c := range map[string]struct {
		by     context.Context
		call   func(context.Context) error
		action string
		object uuid.UUID
		rule   string
	}{
		"another's case": {outside, func(ctx context.Context) error { _, err := s.serve.Procurement(ctx, s.id); return err }, "procurement.read", s.id, "not-found"},
		"no role":        {outside, func(ctx context.Context) error { _, err := s.serve.CreateSandbox(ctx, "x"); return err }, "sandbox.own", uuid.Nil, "permission.role"},
		"no scope":       {actor.With(t.Context(), scoped), func(ctx context.Context) error { _, err := s.serve.CreateSandbox(ctx, "x"); return err }, "sandbox.own", uuid.Nil, "permission.scope"},
		"sealed tenders": {lead, func(ctx context.Context) error { _, err := s.serve.OpenedTenders(ctx, s.id); return err }, "tenders.read", s.id, "tenders.sealed"},
	} {
		by, err := actor.From(c.by)
		must(t, err)
		if err := c.call(c.by); fault.RuleOf(err) != c.rule {
			t.Errorf("%s: %v, want %s", name, err, c.rule)
		}
		var object *uuid.UUID
		err = s.db.Pool(dbtest.Super).QueryRow(t.Context(), `SELECT object_id FROM audit WHERE actor_id = $1 AND actor_org = $2 AND action = $3 AND outcome = 'denied' AND after ->> 'rule' = $4 ORDER BY seq DESC LIMIT 1`,
			by.ID, by.Org, c.action, c.rule).Scan(&object)
		if err != nil || (object == nil) != (c.object == uuid.Nil) || object != nil && *object != c.object {
			t.Errorf("%s: recorded for %v: %v", name, object, err)
		}
	}
}
