package web

import (
	"net/http"
	"net/url"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/internal/actor"
	"github.com/fellesloft/fellesloft/internal/app"
	"github.com/fellesloft/fellesloft/internal/domain/party"
	"github.com/fellesloft/fellesloft/internal/fault"
	"github.com/fellesloft/fellesloft/internal/signin"
)

// chooseIssuer is the list of issuers to sign in with.
func (s *Site) chooseIssuer(v *visit) error {
	token, err := s.attempts.form(v.Ctx)
	if err != nil {
		return err
	}
	type choice struct{ ID, Name string }
	page := struct {
		Issuers   []choice
		Token, To string
	}{Token: token, To: local(v.Query("to"))}
	for _, id := range s.Login.Issuers() {
		page.Issuers = append(page.Issuers, choice{id, v.issuerName(id)})
	}
	return v.show(http.StatusOK, "sign-in", page)
}

// beginSignIn sends the browser to the issuer.
func (s *Site) beginSignIn(v *visit) error {
	if err := s.attempts.check(v.Ctx, v.field(tokenField)); err != nil {
		return err
	}
	issuer := v.field("issuer")
	address, login, err := s.Login.Begin(v.UserContext(), issuer, v.lang)
	if err != nil {
		return err
	}
	if err := s.attempts.begin(v.Ctx, login, local(v.field("to"))); err != nil {
		return err
	}
	return v.leave(address, issuer)
}

// finishSignIn takes the issuer's answer and begins a session.
func (s *Site) finishSignIn(v *visit) error {
	under, err := s.attempts.finish(v.Ctx)
	if err != nil {
		return err
	}
	if under.Login.Issuer != v.Params("issuer") {
		return fault.New(fault.Denied, "sign-in.attempt")
	}
	answer, err := url.ParseQuery(string(v.Request().URI().QueryString()))
	if err != nil {
		return fault.New(fault.Denied, "sign-in.attempt")
	}
	person, err := s.Login.Finish(v.UserContext(), *under.Login, answer)
	if err != nil {
		return err
	}
	to := seat{Login: under.Login.Issuer, Issuer: person.Issuer, Subject: person.Subject, Name: person.Name}
	organisations, err := s.represent(v, person)
	if err != nil {
		return err
	}
	onward := local(under.To)
	switch {
	case len(organisations) == 1:
		to.Org = organisations[0].Org
	case len(organisations) > 1:
		onward = "/organisation?" + url.Values{"to": {onward}}.Encode()
	}
	if err := s.sessions.begin(v.Ctx, to); err != nil {
		return err
	}
	if err := s.noteBegun(v, to); err != nil {
		return err
	}
	return v.onTo(onward)
}

// noteBegun records that a person acts for an organisation from now on. Who acts
// for none yet is not told of: nothing can be done or seen.
func (s *Site) noteBegun(v *visit, in seat) error {
	if in.Org == uuid.Nil {
		return nil
	}
	by, err := s.SignIn.Person(v.UserContext(), in.Issuer, in.Subject, in.Org)
	if err != nil {
		return err
	}
	by.Request = v.request
	return s.App.NoteSession(actor.With(v.UserContext(), by), app.SessionBegun)
}

// represent keeps what the issuer says of whom the person represents, and gives
// the organisations that the person may act for now.
func (s *Site) represent(v *visit, person signin.Person) ([]app.Representing, error) {
	by, err := s.SignIn.Person(v.UserContext(), person.Issuer, person.Subject, uuid.Nil)
	if err != nil {
		return nil, err
	}
	if by.Name == "" {
		by.Name = person.Name
	}
	by.Request = v.request
	ctx := actor.With(v.UserContext(), by)
	says := make([]app.Represents, len(person.Represents))
	for i, r := range person.Represents {
		says[i] = app.Represents{OrgNumber: party.OrgNumber(r.OrgNumber), Name: r.Name}
	}
	if err := s.App.Represent(ctx, says, s.Now().Add(s.SessionLimit)); err != nil {
		return nil, err
	}
	s.SignIn.Forget(person.Issuer, person.Subject)
	me, err := s.App.Me(ctx)
	return me.Organisations, err
}

// signOut ends the session here, and with the issuer where it takes part.
func (s *Site) signOut(v *visit) error {
	login := v.seat.Login
	if err := s.sessions.end(v.Ctx); err != nil {
		return err
	}
	if v.by.Org != uuid.Nil {
		if err := s.App.NoteSession(actor.With(v.UserContext(), v.by), app.SessionEnded); err != nil {
			return err
		}
	}
	v.seat = nil
	if address, ok := s.Login.EndSession(v.UserContext(), login); ok {
		return v.leave(address, login)
	}
	return v.onTo("/")
}
