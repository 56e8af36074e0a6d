package api_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"slices"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/api"
	"github.com/fellesloft/fellesloft/db/dbtest"
	"github.com/fellesloft/fellesloft/demo"
	"github.com/fellesloft/fellesloft/internal/actor"
	"github.com/fellesloft/fellesloft/internal/domain/procurement"
	"github.com/fellesloft/fellesloft/internal/seal"
	"github.com/fellesloft/fellesloft/internal/seed"
)

// partner is a supplier that tenders together with another.
type partner struct {
	name, subject, number string
	org                   uuid.UUID
}

// The partners of the second supplier's tender: two are in it to the end, one
// goes, one is asked anew after the tender was handed in and does not answer, and
// one is taken out and is a member of the third supplier's tender instead.
var partners = []partner{
	{"accepted member", "m.partner-1", "974760673", uuid.MustParse("00000000-0000-4000-8000-00000000c001")},
	{"second member", "m.partner-2", "", uuid.MustParse("00000000-0000-4000-8000-00000000c002")},
	{"former member", "m.partner-3", "", uuid.MustParse("00000000-0000-4000-8000-00000000c003")},
	{"invited", "m.partner-4", "", uuid.MustParse("00000000-0000-4000-8000-00000000c004")},
	{"member of another tender", "m.partner-5", "", uuid.MustParse("00000000-0000-4000-8000-00000000c005")},
}

const (
	stays = iota
	staysToo
	leaves
	asked
	elsewhereToo
)

// partnered enters the partners in the register, once.
func (w *world) partnered() {
	w.t.Helper()
	super := w.db.Pool(dbtest.Super)
	for _, p := range partners {
		_, err := super.Exec(w.t.Context(), `WITH o AS (INSERT INTO organisations (id, kind, name, orgnr, invented) VALUES ($1, 'supplier', $2, nullif($3, ''), true) ON CONFLICT DO NOTHING RETURNING id),
			i AS (INSERT INTO identities (id, issuer, subject, kind, name) SELECT gen_random_uuid(), (SELECT issuer FROM identities LIMIT 1), $4, 'person', $4 FROM o RETURNING id)
			INSERT INTO memberships (identity_id, org_id, roles) SELECT i.id, o.id, $5 FROM i, o`,
			p.org, "Partner "+p.name+" AS (oppdiktet)", p.number, p.subject, []actor.Role{actor.SupplierAuthor, actor.SupplierReader, actor.Signatory})
		must(w.t, err)
	}
}

// consortium lets the tender's leader ask others, before it is handed in.
func (s *story) consortium(i int, path string) {
	s.t.Helper()
	s.partnered()
	invite := func(p partner) answer {
		body := api.NewConsortiumMember{Organisation: p.org}
		if p.number != "" {
			body = api.NewConsortiumMember{OrganisationNumber: p.number}
		}
		return s.do(call{As: signatory(i), Method: "POST", Path: path + "/members", Body: body})
	}
	accept := func(p partner) {
		id := path[len("/tenders/"):]
		if t := as[api.Tender](s.do(call{As: p.subject, Method: "POST", Path: "/consortium-invitations/" + id + "/acceptance"})); t.Lead != seed.SupplierID(i) {
			s.t.Errorf("%s has joined a tender that %s leads", p.name, t.Lead)
		}
	}
	declare := func(p partner) {
		d := partnersDeclaration()
		as[api.AnswersSaved](s.do(call{As: p.subject, Method: "POST", Path: path + "/answers", Body: api.Answers{Declaration: &d}}))
	}
	if i == 2 {
		as[api.ConsortiumMember](invite(partners[elsewhereToo]))
		accept(partners[elsewhereToo])
		declare(partners[elsewhereToo])
		return
	}
	for _, p := range partners {
		if m := as[api.ConsortiumMember](invite(p)); m.Organisation != p.org || m.State != "invited" || m.Role != "member" {
			s.t.Errorf("invited: %+v", m)
		}
	}
	invite(partners[asked]).refused(http.StatusConflict, "consortium.invited-already", "")
	s.invited(path, i)
	for _, n := range []int{stays, staysToo, leaves} {
		accept(partners[n])
	}
	as[struct{}](s.do(call{As: partners[asked].subject, Method: "POST", Path: "/consortium-invitations/" + path[len("/tenders/"):] + "/refusal"}))
	as[struct{}](s.do(call{As: partners[leaves].subject, Method: "POST", Path: path + "/departure"}))
	as[struct{}](s.do(call{As: signatory(i), Method: "DELETE", Path: path + "/members/" + partners[elsewhereToo].org.String()}))
	for n, p := range partners {
		if a := s.do(call{As: p.subject, Method: "GET", Path: path + "/draft"}); (a.Status == http.StatusOK) != (n == stays || n == staysToo) {
			s.t.Errorf("%s reads the draft: %d", p.name, a.Status)
		}
	}
	s.signatures(i, path, declare)
}

// invited reads what one knows of a tender that it is asked to join.
func (s *story) invited(path string, i int) {
	s.t.Helper()
	p := partners[asked]
	list := as[api.Page[api.ConsortiumInvitation]](s.do(call{As: p.subject, Method: "GET", Path: "/consortium-invitations"}))
	if len(list.Items) != 1 || list.Items[0].Lead != seed.SupplierID(i) || list.Items[0].LeadName != demo.Suppliers()[i].Name || list.Items[0].TenderDeadline.IsZero() || list.Items[0].Title == "" {
		s.t.Errorf("invitations: %+v", list.Items)
	}
	for _, x := range []string{"", "/draft", "/members", "/receipts", "/attachments"} {
		s.do(call{As: p.subject, Method: "GET", Path: path + x}).refused(http.StatusNotFound, "not-found", "")
	}
	inbox := as[api.Page[api.Notification]](s.do(call{As: p.subject, Method: "GET", Path: "/notifications"}))
	if len(inbox.Items) == 0 || inbox.Items[0].Kind != "consortium.invited" {
		s.t.Errorf("one that is asked is told %+v", inbox.Items)
	}
}

// signatures hold a tender back until everybody has declared for itself.
func (s *story) signatures(i int, path string, declare func(p partner)) {
	s.t.Helper()
	declare(partners[stays])
	lots := s.get().Plan.Lots
	submit := call{As: signatory(i), Method: "POST", Path: path + "/submissions", Body: api.Submission{Lots: []uuid.UUID{lots[0].ID, lots[1].ID}}, Headers: map[string]string{"If-Match": "*"}}
	field := "declarations[" + partners[staysToo].org.String() + "]"
	a := s.do(submit)
	if !slices.ContainsFunc(append(a.problem().Errors, api.Violation{Rule: a.problem().Rule, Field: a.problem().Field}), func(v api.Violation) bool { return v.Rule == "consortium.declaration-absent" && v.Field == field }) {
		s.t.Errorf("nobody is told whose declaration is missing: %s", a.Body)
	}
	declare(partners[staysToo])
	submit.As = partners[stays].subject
	s.do(submit).refused(http.StatusForbidden, "consortium.leader-hands-in", "")
	d := as[api.Draft](s.do(call{As: partners[staysToo].subject, Method: "GET", Path: path + "/draft"}))
	if len(d.Declarations) != 3 || slices.ContainsFunc(d.Declarations, func(x api.DeclarationState) bool { return x.State != "given" }) {
		s.t.Errorf("declarations: %+v", d.Declarations)
	}
}

func partnersDeclaration() procurement.Declaration {
	return procurement.Declaration{NoConvictions: true, TaxesPaid: true, NoInsolvency: true, NoMisconduct: true, NoConflict: true, EnvironmentLabour: true,
		Suitability: "Registrert i Foretaksregisteret", Economic: "Positiv egenkapital", Technical: "To leveranser", Confirmed: true}
}

// replace lets a member change what was handed in, and its leader hand it in
// anew; then one more is asked, who does not answer.
func (s *story) replace(i int, path string, lots []uuid.UUID) {
	s.t.Helper()
	s.do(call{As: partners[stays].subject, Method: "POST", Path: path + "/departure"}).refused(http.StatusConflict, "consortium.bound", "")
	changed := partnersDeclaration()
	changed.Technical = "Tre leveranser"
	seen := as[api.Draft](s.do(call{As: partners[stays].subject, Method: "GET", Path: path + "/draft"}))
	saved := as[api.AnswersSaved](s.do(call{As: partners[stays].subject, Method: "POST", Path: path + "/answers", Body: api.Answers{Declaration: &changed, DeclarationVersion: seen.DeclarationVersion}}))
	if len(saved.Problems) > 0 || saved.DeclarationVersion <= seen.DeclarationVersion {
		s.t.Errorf("a member's declaration: %+v", saved)
	}
	sent := as[api.Submitted](s.do(call{As: signatory(i), Method: "POST", Path: path + "/submissions", Body: api.Submission{Lots: lots}, Headers: map[string]string{"If-Match": "*"}}))
	receipt, err := seal.ParseSignedReceipt(sent.Receipt)
	must(s.t, err)
	if r := receipt.Receipt; r.Submission != 2 || !slices.Equal(r.Members, []uuid.UUID{partners[stays].org, partners[staysToo].org}) {
		s.t.Errorf("the receipt names %v", r.Members)
	}
	bundle := s.do(call{As: partners[stays].subject, Method: "GET", Path: path + "/submissions/2/bundle"})
	keys := s.do(call{Method: "GET", Path: "/public/receipt-keys"})
	if report, err := seal.VerifyReaders(bytes.NewReader(bundle.Body), bytes.NewReader(keys.Body), nil); err != nil || !report.OK() {
		s.t.Errorf("a member cannot verify the submission: %+v %v", report, err)
	}
	as[api.OfTender[api.OtherTender]](s.do(call{As: partners[stays].subject, Method: "GET", Path: path + "/others"}))
	as[api.ConsortiumMember](s.do(call{As: signatory(i), Method: "POST", Path: path + "/members", Body: api.NewConsortiumMember{Organisation: partners[asked].org}}))
	list := as[api.OfTender[api.ConsortiumMember]](s.do(call{As: partners[stays].subject, Method: "GET", Path: path + "/members"}))
	states := []string{}
	for _, m := range list.Items {
		states = append(states, m.State)
	}
	slices.Sort(states)
	if !slices.Equal(states, []string{"", "accepted", "accepted", "invited", "left", "removed"}) {
		s.t.Errorf("the organisations of the tender: %v", states)
	}
}

// openedTogether reads who is in the tenders that were opened.
func (s *story) openedTogether(opened []api.OpenedTender) {
	s.t.Helper()
	i := slices.IndexFunc(opened, func(t api.OpenedTender) bool { return t.SupplierName == demo.Suppliers()[1].Name })
	if i < 0 || len(opened[i].Members) != 2 {
		s.t.Fatalf("the tender of several was opened as %+v", opened)
	}
	for _, m := range opened[i].Members {
		var d procurement.Declaration
		must(s.t, json.Unmarshal(m.Declaration, &d))
		if !d.Confirmed || m.Organisation != partners[stays].org && m.Organisation != partners[staysToo].org {
			s.t.Errorf("opened with %+v", m)
		}
	}
	page := s.do(call{As: lead, Method: "GET", Path: s.path + "/record"})
	if page.Status == http.StatusOK && !bytes.Contains(page.Body, []byte(opened[i].Members[0].Name)) {
		s.t.Error("the record does not name the members")
	}
}
