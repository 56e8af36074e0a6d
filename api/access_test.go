package api_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/api"
	"github.com/fellesloft/fellesloft/internal/actor"
	"github.com/fellesloft/fellesloft/internal/seed"
)

const admin = "administrator.bodo"

var supplierAdmin = strings.Replace(author(0), "forfatter", "administrator", 1)

// members lets a person in and out again, by the organisation's own
// administrator.
func (s *story) members() {
	s.t.Helper()
	made := as[api.MadeInvitation](s.do(call{As: admin, Method: "POST", Path: "/invitations", Body: api.NewInvitation{Name: "Ny innkjøper", Roles: []actor.Role{actor.CaseWorker}}}))
	spare := as[api.MadeInvitation](s.do(call{As: admin, Method: "POST", Path: "/invitations", Body: api.NewInvitation{Name: "Feil person", Roles: []actor.Role{actor.Admin}}}))
	as[struct{}](s.do(call{As: admin, Method: "DELETE", Path: "/invitations/" + spare.ID.String()}))
	if list := as[api.Page[api.Invitation]](s.do(call{As: admin, Method: "GET", Path: "/invitations"})); len(list.Items) != 2 || list.Items[1].WithdrawnAt == nil {
		s.t.Errorf("invitations: %+v", list.Items)
	}
	const stranger = "ny-innkjoper"
	if me := as[api.Me](s.do(call{As: stranger, Method: "GET", Path: "/me"})); me.Identity != uuid.Nil || len(me.Organisations) != 0 {
		s.t.Errorf("one whom nobody has let in is %+v", me)
	}
	s.do(call{As: stranger, Method: "GET", Path: "/procurements"}).refused(http.StatusForbidden, "sign-in.not-a-member", "")
	s.do(call{As: stranger, Method: "PUT", Path: "/me", Body: api.OwnDetails{Name: "X"}}).refused(http.StatusForbidden, "me.not-known", "")
	for range 2 {
		if got := as[struct{ Organisation uuid.UUID }](s.do(call{As: stranger, Method: "PUT", Path: "/me/invitation", Body: api.AcceptedCode{Code: made.Code}})); got.Organisation != seed.Lead().ID() {
			s.t.Errorf("accepted: %+v", got)
		}
	}
	for _, code := range []string{made.Code, spare.Code, "x"} {
		s.do(call{As: "en-annen", Method: "PUT", Path: "/me/invitation", Body: api.AcceptedCode{Code: code}}).refused(http.StatusNotFound, "invitation.not-open", "")
	}
	s.forgetMembers()
	as[struct{}](s.do(call{As: stranger, Method: "PUT", Path: "/me", Body: api.OwnDetails{Name: "Innkjøper", Email: "innkjoper@example.org"}}))
	me := as[api.Me](s.do(call{As: stranger, Method: "GET", Path: "/me"}))
	if me.Name != "Innkjøper" || me.Organisation != seed.Lead().ID() || !slices.Equal(me.Roles, []actor.Role{actor.CaseWorker}) {
		s.t.Errorf("the new member is %+v", me)
	}
	s.roles(me.Identity)
}

// roles changes and ends what a member may do.
func (s *story) roles(id uuid.UUID) {
	s.t.Helper()
	path := "/members/" + id.String()
	s.do(call{As: admin, Method: "PUT", Path: path, Body: api.MemberRoles{Roles: []actor.Role{actor.Signatory}}, Headers: map[string]string{"If-Match": `"1"`}}).refused(http.StatusUnprocessableEntity, "member.role-does-not-fit", "roles")
	s.do(call{As: supplierAdmin, Method: "PUT", Path: path, Body: api.MemberRoles{Roles: []actor.Role{actor.Signatory}}, Headers: map[string]string{"If-Match": "*"}}).refused(http.StatusNotFound, "not-found", "")
	as[struct{}](s.do(call{As: admin, Method: "PUT", Path: path, Body: api.MemberRoles{Roles: []actor.Role{actor.CaseWorker, actor.Admin}}, Headers: map[string]string{"If-Match": `"1"`}}))
	s.do(call{As: admin, Method: "DELETE", Path: path, Headers: map[string]string{"If-Match": `"1"`}}).refused(http.StatusPreconditionFailed, "member.version", "")
	as[struct{}](s.do(call{As: admin, Method: "DELETE", Path: path, Headers: map[string]string{"If-Match": `"2"`}}))
	own := as[api.Me](s.do(call{As: admin, Method: "GET", Path: "/me"}))
	last := call{As: admin, Method: "DELETE", Path: "/members/" + own.Identity.String(), Headers: map[string]string{"If-Match": "*"}}
	s.do(last).refused(http.StatusConflict, "member.last-administrator", "")
	list := as[api.Page[api.Member]](s.do(call{As: admin, Method: "GET", Path: "/members"}))
	if slices.ContainsFunc(list.Items, func(m api.Member) bool { return m.Identity == id }) {
		s.t.Error("a member who has been let out is still listed")
	}
}

// systems registers the organisation's own system and a supplier system.
func (s *story) systems() {
	s.t.Helper()
	for _, m := range as[api.Page[api.Member]](s.do(call{As: admin, Method: "GET", Path: "/members"})).Items {
		if m.Kind == actor.System {
			as[struct{}](s.do(call{As: admin, Method: "DELETE", Path: "/members/" + m.Identity.String(), Headers: map[string]string{"If-Match": `"1"`}}))
		}
	}
	c := call{As: admin, Method: "POST", Path: "/clients", Body: api.NewClient{Name: "Eget fagsystem", Roles: []actor.Role{actor.MandateGiver}}}
	as[struct{}](s.do(c))
	s.do(c).refused(http.StatusConflict, "client.registered", "")
	as[struct{}](s.do(call{As: admin, Method: "POST", Path: "/clients", Body: api.NewClient{Name: "Leverandørens", Roles: []actor.Role{actor.ContractOwner}, SystemUser: uuid.New(), Vendor: string(seed.Lead().OrgNumber)}}))
	s.do(call{As: admin, Method: "POST", Path: "/clients", Body: api.NewClient{Name: "x", Roles: []actor.Role{actor.Admin}}}).refused(http.StatusUnprocessableEntity, "member.role-does-not-fit", "roles")
	s.do(call{As: supplierAdmin, Method: "POST", Path: "/clients", Body: api.NewClient{Name: "x", Roles: []actor.Role{actor.Signatory}}}).refused(http.StatusConflict, "client.organisation-number-unknown", "")
	own := map[string]any{"sub": "", "consumer": map[string]string{"authority": "iso6523-actorid-upis", "ID": seed.Lead().OrgNumber.ActorID()}, "scope": "fellesloft:anbud.read"}
	token, err := s.issuer.Token("", "", own)
	must(s.t, err)
	header := map[string]string{"Authorization": "Bearer " + token}
	if me := as[api.Me](s.do(call{Method: "GET", Path: "/me", Headers: header})); me.Kind != actor.System || me.Name != "Eget fagsystem" || !slices.Equal(me.Scopes, []string{"anbud.read"}) {
		s.t.Errorf("the system is %+v", me)
	}
	as[api.Procurement](s.do(call{Method: "GET", Path: s.path, Headers: header}))
	s.do(call{Method: "POST", Path: s.path + "/mandate/decline", Body: api.Decline{Reason: "x"}, Headers: header}).refused(http.StatusForbidden, "permission.scope", "")
	s.do(call{Method: "GET", Path: "/members", Headers: header}).refused(http.StatusForbidden, "permission.person", "")
}

// trail reads what the audit log and the timeline tell to whom.
func (s *story) trail() {
	s.t.Helper()
	const auditor = "revisor.bodo"
	s.do(call{As: author(3), Method: "GET", Path: s.path}).refused(http.StatusNotFound, "not-found", "")
	found := as[api.Page[api.AuditEntry]](s.do(call{As: auditor, Method: "GET", Path: "/audit?action=procurement.read&outcome=denied&case=" + s.id.String()}))
	if !slices.ContainsFunc(found.Items, func(e api.AuditEntry) bool { return !e.Own && e.Actor == nil && *e.Object == s.id }) {
		s.t.Errorf("an attempt from outside is not told: %+v", found.Items)
	}
	if own := as[api.Page[api.AuditEntry]](s.do(call{As: auditor, Method: "GET", Path: "/audit?action=tenders&limit=5"})); len(own.Items) == 0 || !own.Items[0].Own || own.Items[0].ActorName == "" {
		s.t.Errorf("own readings of tenders: %+v", own.Items)
	}
	first := as[api.Page[api.AuditEntry]](s.do(call{As: auditor, Method: "GET", Path: "/audit?limit=3"}))
	next := as[api.Page[api.AuditEntry]](s.do(call{As: auditor, Method: "GET", Path: "/audit?limit=3&after=" + first.Next}))
	if len(next.Items) != 3 || next.Items[0].Seq >= first.Items[2].Seq {
		s.t.Errorf("pages: %+v then %+v", first.Items, next.Items)
	}
	s.do(call{As: lead, Method: "GET", Path: "/audit"}).refused(http.StatusForbidden, "permission.role", "")
	lines := as[api.Page[api.TimelineEntry]](s.do(call{As: lead, Method: "GET", Path: s.path + "/timeline?limit=2"}))
	if len(lines.Items) != 2 || lines.Items[0].Action != "procurement.created" || !lines.Items[0].Own || lines.Items[0].Who == "" || lines.Next == "" {
		s.t.Errorf("the lead buyer's timeline: %+v", lines)
	}
	for _, e := range as[api.Page[api.TimelineEntry]](s.do(call{As: author(1), Method: "GET", Path: s.path + "/timeline"})).Items {
		if strings.HasPrefix(e.Action, "mandate") || strings.HasPrefix(e.Action, "team") || e.Action == "tender.submitted" && !e.Own {
			s.t.Errorf("a supplier is told %s", e.Action)
		}
	}
	s.do(call{As: "leser.ks", Method: "GET", Path: s.path + "/timeline"}).refused(http.StatusNotFound, "not-found", "")
	if p := as[api.Page[api.CaseProgress]](s.do(call{As: "leser.ks", Method: "GET", Path: "/progress"})); len(p.Items) != 0 {
		s.t.Errorf("a sandbox is among KS's: %+v", p.Items)
	}
	s.do(call{As: "leser.ks", Method: "POST", Path: s.path + "/mandate/decline", Body: api.Decline{Reason: "x"}}).refused(http.StatusForbidden, "permission.role", "")
}

// TestCallersAreBounded asks more than the limits say.
func TestCallersAreBounded(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.limits = api.Limits{PerAddress: 8, PerIdentity: 3}
	w.newAPI()
	me := call{As: lead, Method: "GET", Path: "/me"}
	for range 3 {
		as[api.Me](w.do(me))
	}
	a := w.do(me)
	a.refused(http.StatusTooManyRequests, "request.limited", "")
	if a.Header.Get("Retry-After") == "" {
		t.Error("it is not said when to try again")
	}
	as[api.Page[api.ProcurementLine]](w.do(call{As: lead, Method: "GET", Path: "/procurements"}))
	as[api.Me](w.do(call{As: author(0), Method: "GET", Path: "/me"}))
	as[api.Deployment](w.do(call{Method: "GET", Path: "/deployment"}))
	as[api.Deployment](w.do(call{Method: "GET", Path: "/deployment"}))
	a = w.do(call{Method: "GET", Path: "/deployment"})
	a.refused(http.StatusTooManyRequests, "request.limited", "")
}
