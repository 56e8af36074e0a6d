package app

import (
	"context"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/db"
	"github.com/fellesloft/fellesloft/db/sqlcgen"
	"github.com/fellesloft/fellesloft/internal/actor"
	"github.com/fellesloft/fellesloft/internal/domain/party"
	"github.com/fellesloft/fellesloft/internal/fault"
)

// Me is who is signed in, and what they may act for. Identity is uuid.Nil for
// one who has never been let in anywhere.
type Me struct {
	Identity      uuid.UUID
	Kind          actor.Kind
	Name, Email   string
	Organisations []Representing
}

// Representing is one organisation that one may act for.
type Representing struct {
	Org       uuid.UUID
	Name      string
	OrgNumber string
	OrgKind   string
	Roles     []actor.Role
	// Source: grant, invitation, client or representation.
	Source string
	// Until ends what rests on a right in a national register.
	Until *time.Time
}

// Me tells who is signed in. Anybody with a sign-in may ask, also one who
// represents nobody: the list is empty then.
func (a *App) Me(ctx context.Context) (Me, error) {
	by, err := actor.From(ctx)
	if err != nil {
		return Me{}, err
	}
	if err := mayAtAll(by, Identified); err != nil {
		return Me{}, err
	}
	rows, err := db.MembershipsOf(ctx, a.Pool, by.Issuer, by.Subject)
	if err != nil {
		return Me{}, err
	}
	me := Me{Kind: by.Kind, Name: by.Name, Organisations: []Representing{}}
	for i, r := range rows {
		// An organisation has a name of its own for its system.
		if i == 0 || r.OrgID != nil && *r.OrgID == by.Org {
			me.Identity, me.Kind, me.Name, me.Email = r.IdentityID, actor.Kind(r.Kind), r.Name, deref(r.Email)
		}
		if r.OrgID != nil {
			me.Organisations = append(me.Organisations, Representing{*r.OrgID, deref(r.OrgName), deref(r.OrgNr), deref(r.OrgKind), rolesOf(r.Roles), deref(r.Source), r.Until})
		}
	}
	return me, nil
}

func rolesOf(names []string) []actor.Role {
	out := make([]actor.Role, len(names))
	for i, n := range names {
		out[i] = actor.Role(n)
	}
	return out
}

func namesOf(roles []actor.Role) []string {
	out := make([]string, len(roles))
	for i, r := range roles {
		out[i] = string(r)
	}
	return out
}

// SaveMe changes the actor's own name and address for mail ("" for none). It
// returns denied (me.not-known) for one who has never been let in anywhere, and
// invalid (me.name, me.email).
func (a *App) SaveMe(ctx context.Context, name, email string) error {
	name, email = strings.TrimSpace(name), strings.TrimSpace(email)
	return a.do(ctx, Identified, func(w *work) error {
		if err := checkPerson(name, email); err != nil {
			return err
		}
		id, err := w.q.SaveMe(ctx, w.tx, sqlcgen.SaveMeParams{Issuer: w.by.Issuer, Subject: w.by.Subject, Name: name, Email: textOrNull(email)})
		if err != nil {
			return db.Fault(err)
		}
		if id == uuid.Nil {
			return fault.New(fault.Denied, "me.not-known")
		}
		return w.audit(ctx, entry{action: "me.saved", object: id})
	})
}

// checkPerson judges what a person is called and where their mail goes.
func checkPerson(name, email string) error {
	if len(name) == 0 || len(name) > 200 {
		return fault.New(fault.Invalid, "me.name").At("name")
	}
	if !isAddress(email) {
		return fault.New(fault.Invalid, "me.email").At("email")
	}
	return nil
}

// isAddress takes what might be an address for mail, and nothing at all.
func isAddress(s string) bool {
	local, host, ok := strings.Cut(s, "@")
	return s == "" || ok && local != "" && host != "" && len(s) <= 254 && !strings.ContainsAny(s, " \t\r\n<>,;")
}

// Represents is an organisation that a national register says a person may act
// for, by a right that the deployment lists.
type Represents struct {
	OrgNumber party.OrgNumber
	Name      string
}

// Represent keeps what a sign-in says of the actor: administrator of the
// organisations until then, and of no others on that ground. An organisation that
// is not known yet is made. The sign-in calls it, with an actor who has none yet.
func (a *App) Represent(ctx context.Context, orgs []Represents, until time.Time) error {
	return a.do(ctx, Identified, func(w *work) error {
		list := make([]db.Represented, len(orgs))
		for i, o := range orgs {
			list[i] = db.Represented{Number: string(o.OrgNumber), Name: o.Name}
		}
		name := w.by.Name
		if name == "" {
			name = unnamed
		}
		rows, err := db.Represent(ctx, w.tx, w.by.Issuer, w.by.Subject, name, list, until)
		if err != nil {
			return err
		}
		for _, r := range rows {
			if err := w.actAs(ctx, r.Identity, r.Org); err != nil {
				return err
			}
			if r.OrgMade {
				if err := w.audit(ctx, entry{action: "organisation.made", object: r.Org}); err != nil {
					return err
				}
			}
			if !r.Given {
				continue
			}
			if err := w.audit(ctx, entry{action: "member.represents", object: r.Identity, after: map[string]string{"organisation": r.Org.String(), "roles": string(actor.Admin)}}); err != nil {
				return err
			}
		}
		return nil
	})
}

// NoteSession records that a session of the actor has begun (SessionBegun), or
// has ended (SessionEnded), for the organisation that they act for.
func (a *App) NoteSession(ctx context.Context, what string) error {
	return a.do(ctx, Identified, func(w *work) error {
		return w.audit(ctx, entry{action: what, object: w.by.ID})
	})
}

// What happens to a session.
const (
	SessionBegun = "session.begun"
	SessionEnded = "session.ended"
)

// unnamed stands for a person until they say what they are called: issuers of
// sign-ins with a national identity number tell no name.
const unnamed = "–"

// actAs lets the rest of the transaction be of one who has become a member in
// it.
func (w *work) actAs(ctx context.Context, identity, org uuid.UUID) error {
	w.by.ID, w.by.Org = identity, org
	return db.Fault(w.q.ActAs(ctx, w.tx, org.String()))
}
