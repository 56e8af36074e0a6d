package app_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/db/dbtest"
	"github.com/fellesloft/fellesloft/demo"
	"github.com/fellesloft/fellesloft/internal/app"
	"github.com/fellesloft/fellesloft/internal/domain/consortium"
	"github.com/fellesloft/fellesloft/internal/domain/procurement"
	"github.com/fellesloft/fellesloft/internal/fault"
	"github.com/fellesloft/fellesloft/internal/seal"
	"github.com/fellesloft/fellesloft/internal/seed"
)

// together is a tender that supplier 0 leads.
type together struct {
	*story
	id   uuid.UUID
	lots []uuid.UUID
	said int
}

func (s *story) together() *together {
	s.t.Helper()
	t, err := s.serve.RegisterInterest(s.as(author(0)), s.id)
	must(s.t, err)
	plan := s.get().Plan
	return &together{story: s, id: t.ID, lots: []uuid.UUID{plan.Lots[0].ID, plan.Lots[1].ID}}
}

func (s *together) invite(i int) {
	s.t.Helper()
	m, err := s.serve.InviteMember(s.as(signatory(0)), s.id, app.Invitee{Org: seed.SupplierID(i)})
	must(s.t, err)
	if m.Org != seed.SupplierID(i) || m.State != consortium.Invited {
		s.t.Errorf("invited: %+v", m)
	}
}

func (s *together) accept(i int) {
	s.t.Helper()
	_, err := s.serve.AcceptInvitationToTender(s.as(signatory(i)), s.id)
	must(s.t, err)
}

func (s *together) answer() {
	s.t.Helper()
	pub, err := s.serve.PublicProcurement(s.t.Context(), s.story.id)
	must(s.t, err)
	_, err = s.serve.SaveAnswers(s.as(author(0)), written(s.id, demo.Answers(0, pub.Requirements), declaration()))
	must(s.t, err)
}

func (s *together) declare(i int) {
	s.t.Helper()
	s.said++ // the same again would change nothing
	own := declaration()
	own.Suitability, own.Technical = demo.Suppliers()[i].Name, fmt.Sprintf("%d leveranser", s.said)
	_, err := s.serve.SaveAnswers(s.as(author(i)), written(s.id, nil, own))
	must(s.t, err)
}

func (s *together) submit() (app.Submitted, error) {
	return s.serve.Submit(s.as(signatory(0)), s.id, 0, s.lots)
}

func (s *together) wraps(i int) (n int) {
	s.t.Helper()
	must(s.t, s.db.Pool(dbtest.Super).QueryRow(s.t.Context(), `SELECT count(*) FROM supplier_wraps WHERE tender_id = $1 AND org_id = $2`, s.id, seed.SupplierID(i)).Scan(&n))
	return n
}

// shut expects that the tender is not there for a supplier.
func (s *together) shut(i int) {
	s.t.Helper()
	ctx := s.as(signatory(i))
	_, read := s.serve.ReadDraft(ctx, s.id)
	_, wrote := s.serve.SaveAnswers(ctx, written(s.id, nil, declaration()))
	_, members := s.serve.ConsortiumMembers(ctx, s.id)
	_, receipts := s.serve.Receipts(ctx, s.id)
	_, bundle := s.serve.Bundle(ctx, s.id, 1)
	_, handed := s.serve.Submit(ctx, s.id, 0, s.lots)
	left := s.serve.LeaveConsortium(ctx, s.id)
	for what, err := range map[string]error{"read": read, "write": wrote, "list the members of": members, "list the receipts of": receipts, "have the bundle of": bundle, "hand in": handed, "leave": left} {
		if !fault.Is(err, fault.NotFound) {
			s.t.Errorf("supplier %d may %s the tender: %v", i, what, err)
		}
	}
}

func ruled(t *testing.T, err error, want string) {
	t.Helper()
	f, _ := fault.As(err)
	if f == nil || !slices.ContainsFunc(f.All(), func(e *fault.Error) bool { return e.Rule == want }) {
		t.Errorf("%v, want %s", err, want)
	}
}

// Three suppliers answer together, hand in, replace and are opened as three; one
// that was asked, one that left and one that was taken out read nothing.
func TestTenderingTogether(t *testing.T) {
	t.Parallel()
	s := published(t).together()
	s.answer()
	for i := 1; i <= 4; i++ {
		s.invite(i)
		s.shut(i)
	}
	asked, err := s.serve.ConsortiumInvitations(s.as(author(1)), uuid.Nil, 10)
	must(t, err)
	if len(asked) != 1 || asked[0].Tender != s.id || asked[0].LeadName != demo.Suppliers()[0].Name || asked[0].Title == "" || !asked[0].Deadline.Equal(s.get().Plan.TenderDeadline) {
		t.Errorf("invitations: %+v", asked)
	}
	_, err = s.submit()
	ruled(t, err, "consortium.unanswered")

	for i := 1; i <= 3; i++ {
		s.accept(i)
		d, err := s.serve.ReadDraft(s.as(author(i)), s.id)
		must(t, err)
		if len(d.Answers) == 0 || d.Declaration != nil || len(d.Declarations) != i+1 || d.Declarations[0].State != "given" {
			t.Errorf("member %d reads %d answers, declarations %+v", i, len(d.Answers), d.Declarations)
		}
	}
	must(t, s.serve.DeclineInvitationToTender(s.as(signatory(4)), s.id))
	s.shut(4)
	if n := s.wraps(4); n != 0 {
		t.Errorf("one that declined has %d wraps", n)
	}
	s.declare(3)
	must(t, s.serve.LeaveConsortium(s.as(signatory(3)), s.id))
	s.shut(3)

	s.declare(1)
	_, err = s.submit()
	ruled(t, err, "consortium.declaration-absent")
	s.declare(2)
	_, err = s.serve.Submit(s.as(signatory(1)), s.id, 0, s.lots)
	ruled(t, err, "consortium.leader-hands-in")
	_, err = s.serve.Withdraw(s.as(signatory(1)), s.id, 0)
	ruled(t, err, "consortium.leader-hands-in")
	_, err = s.serve.InviteMember(s.as(signatory(1)), s.id, app.Invitee{Org: seed.SupplierID(4)})
	ruled(t, err, "consortium.not-leader")
	ruled(t, s.serve.RemoveMember(s.as(signatory(1)), s.id, seed.SupplierID(2)), "consortium.not-leader")
	sent, err := s.submit()
	must(t, err)
	s.receiptNames(sent, 1, 2)
	ruled(t, s.serve.LeaveConsortium(s.as(signatory(1)), s.id), "consortium.bound")
	ruled(t, s.serve.RemoveMember(s.as(signatory(0)), s.id, seed.SupplierID(1)), "consortium.bound")
	s.memberProves(1)

	s.replaceWithoutThird(t)
	s.opensTogether(t)
}

// receiptNames reads who is in a receipt beside the leader.
func (s *together) receiptNames(sent app.Submitted, members ...int) {
	s.t.Helper()
	receipt, err := seal.ParseSignedReceipt(sent.Receipt)
	must(s.t, err)
	var want []uuid.UUID
	for _, i := range members {
		want = append(want, seed.SupplierID(i))
	}
	slices.SortFunc(want, func(a, b uuid.UUID) int { return slices.Compare(a[:], b[:]) })
	if receipt.Receipt.Supplier != seed.SupplierID(0) || !slices.Equal(receipt.Receipt.Members, want) {
		s.t.Errorf("the receipt names %v", receipt.Receipt.Members)
	}
}

// memberProves lets a member prove offline what was handed in.
func (s *together) memberProves(i int) {
	s.t.Helper()
	bundle, err := s.serve.BundleFile(s.as(author(i)), s.id, 1)
	must(s.t, err)
	keys, err := json.Marshal(s.serve.Signing.PublicKeys())
	must(s.t, err)
	report, err := seal.VerifyReaders(bytes.NewReader(bundle), bytes.NewReader(keys), nil)
	must(s.t, err)
	if !report.OK() {
		s.t.Errorf("a member cannot verify: %+v", report.Checks)
	}
}

// replaceWithoutThird takes the tender back, lets the member 2 go and hands in
// anew; what follows is not wrapped for one that has gone.
func (s *together) replaceWithoutThird(t *testing.T) {
	t.Helper()
	s.declare(1) // a replacement begun by a member
	if n := s.wraps(2); n == 0 {
		t.Error("the replacement is not wrapped for a member")
	}
	_, err := s.serve.Withdraw(s.as(signatory(0)), s.id, 0)
	must(t, err)
	must(t, s.serve.RemoveMember(s.as(signatory(0)), s.id, seed.SupplierID(2)))
	s.shut(2)
	s.declare(1)
	sent, err := s.submit()
	must(t, err)
	s.receiptNames(sent, 1)
	s.declare(1) // the next draft
	for _, gone := range []int{2, 3, 4} {
		if n := s.wraps(gone); n != 0 {
			t.Errorf("supplier %d has %d wraps of later drafts", gone, n)
		}
	}
	s.wrapsStayApart(t)
	_, err = s.submit()
	must(t, err)
}

// wrapsStayApart tries the members' wraps of the newest draft under the name of
// one that has gone.
func (s *together) wrapsStayApart(t *testing.T) {
	t.Helper()
	rows, err := s.db.Pool(dbtest.Super).Query(t.Context(), `SELECT w.data_key_id, w.org_id, w.wrapped FROM supplier_wraps w JOIN data_keys k ON k.id = w.data_key_id JOIN tenders t ON t.id = k.tender_id AND t.draft = k.draft WHERE t.id = $1`, s.id)
	must(t, err)
	defer rows.Close()
	tried := 0
	for rows.Next() {
		var key, org uuid.UUID
		var wrapped []byte
		must(t, rows.Scan(&key, &org, &wrapped))
		if _, err := s.serve.Wrapping.UnwrapForOrg(s.as(signatory(2)), seed.SupplierID(2), key, wrapped); err == nil {
			t.Errorf("the wrap of %s opens for one that has gone", org)
		}
		if _, err := s.serve.Wrapping.UnwrapForOrg(s.as(signatory(0)), org, key, wrapped); err != nil {
			t.Errorf("the wrap of %s does not open for itself: %v", org, err)
		}
		tried++
	}
	must(t, rows.Err())
	if tried == 0 {
		t.Error("the newest draft has no wraps")
	}
}

// opensTogether opens the tender beside one that a member handed in alone.
func (s *together) opensTogether(t *testing.T) {
	t.Helper()
	alone := s.tender(1)
	if others, err := s.serve.OtherTenders(s.as(signatory(1)), s.id); err != nil || !slices.Equal(others.Items, []uuid.UUID{alone}) {
		t.Errorf("the member is told of %v: %v", others, err)
	}
	if others, err := s.serve.OtherTenders(s.as(signatory(0)), s.id); err != nil || len(others.Items) != 0 {
		t.Errorf("the leader is told of others' tenders: %v %v", others, err)
	}
	s.open()
	opened, err := s.serve.OpenedTenders(s.as("evaluerer-1.bodo"), s.story.id)
	must(t, err)
	i := slices.IndexFunc(opened, func(o app.OpenedTender) bool { return o.ID == s.id })
	if i < 0 || len(opened) != 2 {
		t.Fatalf("opened: %+v", opened)
	}
	o := opened[i]
	if len(o.Members) != 1 || o.Members[0].Org != seed.SupplierID(1) || !slices.Equal(o.AlsoIn, []uuid.UUID{alone}) || !slices.Equal(opened[1-i].AlsoIn, []uuid.UUID{s.id}) {
		t.Errorf("the opening shows %+v, also in %v", o.Members, o.AlsoIn)
	}
	var leaders, members procurement.Declaration
	must(t, json.Unmarshal(o.Declaration, &leaders))
	must(t, json.Unmarshal(o.Members[0].Declaration, &members))
	if leaders.Suitability == members.Suitability || members.Suitability != demo.Suppliers()[1].Name {
		t.Errorf("each gave its own self-declaration: %q and %q", leaders.Suitability, members.Suitability)
	}
	if _, err := s.serve.ReadDraft(s.as(author(1)), s.id); err != nil {
		t.Errorf("a member reads its own tender after the opening: %v", err)
	}
}

// Whatever the order in which an answer, a removal, a departure and handing in
// arrive: nothing is handed in while one is asked, nor in the name of one that is
// not in it.
func TestNothingIsHandedInForOthers(t *testing.T) {
	t.Parallel()
	s := published(t).together()
	s.answer()
	s.invite(1)
	s.invite(2)
	s.accept(1)
	s.declare(1)
	known := []string{"consortium.unanswered", "consortium.declaration-absent", "tender.incomplete", "consortium.bound", "consortium.not-a-member", "consortium.not-invited",
		"consortium.invited-already", "consortium.meanwhile", "tender.no-draft", "not-found", "tender.not-submitted"}
	acts := []func() error{
		func() error { _, err := s.serve.AcceptInvitationToTender(s.as(signatory(2)), s.id); return err },
		func() error {
			_, err := s.serve.SaveAnswers(s.as(author(2)), written(s.id, nil, declaration()))
			return err
		},
		func() error { return s.serve.RemoveMember(s.as(signatory(0)), s.id, seed.SupplierID(2)) },
		func() error { return s.serve.LeaveConsortium(s.as(signatory(1)), s.id) },
		func() error { _, err := s.submit(); return err },
		func() error { _, err := s.serve.Withdraw(s.as(signatory(0)), s.id, 0); return err },
		func() error {
			_, err := s.serve.InviteMember(s.as(signatory(0)), s.id, app.Invitee{Org: seed.SupplierID(2)})
			return err
		},
		func() error {
			_, err := s.serve.SaveAnswers(s.as(author(0)), written(s.id, nil, declaration()))
			return err
		},
	}
	var group sync.WaitGroup
	for range 6 {
		for _, act := range acts {
			group.Go(func() {
				if err := act(); err != nil && !slices.Contains(known, fault.RuleOf(err)) {
					t.Errorf("refused by %s: %v", fault.RuleOf(err), err)
				}
			})
		}
	}
	group.Wait()
	// Each submission names those who had accepted then: who is in its name is
	// bound, and so still there while it stands.
	var wrong int
	must(t, s.db.Pool(dbtest.Super).QueryRow(t.Context(), `SELECT count(*) FROM submissions s CROSS JOIN unnest(s.members) m(org)
		LEFT JOIN consortium_members c ON c.tender_id = s.tender_id AND c.org_id = m.org WHERE s.tender_id = $1 AND s.state = 'standing' AND c.state IS DISTINCT FROM 'accepted'`, s.id).Scan(&wrong))
	if wrong > 0 {
		t.Errorf("%d organisations are named in a standing submission and not in the tender", wrong)
	}
	var missing int
	must(t, s.db.Pool(dbtest.Super).QueryRow(t.Context(), `SELECT count(*) FROM tenders t JOIN data_keys k ON k.tender_id = t.id AND k.draft >= t.submission
		JOIN consortium_members c ON c.tender_id = t.id AND c.state = 'accepted' WHERE t.id = $1 AND NOT EXISTS (SELECT FROM supplier_wraps w WHERE w.data_key_id = k.id AND w.org_id = c.org_id)`, s.id).Scan(&missing))
	if missing > 0 {
		t.Errorf("%d keys are not wrapped for a member", missing)
	}
}

// What is refused before anybody is asked.
func TestWhoCanBeInvited(t *testing.T) {
	t.Parallel()
	s := published(t).together()
	ctx := s.as(signatory(0))
	for name, tt := range map[string]struct {
		who  app.Invitee
		rule string
	}{
		"a number with a slip":   {app.Invitee{OrgNumber: "889640783"}, "party.org-number-check-digit"},
		"nobody's number":        {app.Invitee{OrgNumber: "889640782"}, "organisation.unknown"},
		"nobody":                 {app.Invitee{Org: uuid.New()}, "organisation.unknown"},
		"a municipality":         {app.Invitee{Org: seed.Participants()[0].ID()}, "consortium.not-a-supplier"},
		"the leader":             {app.Invitee{Org: seed.SupplierID(0)}, "consortium.leader-itself"},
		"the leader of the case": {app.Invitee{Org: seed.Lead().ID()}, "consortium.not-a-supplier"},
	} {
		if _, err := s.serve.InviteMember(ctx, s.id, tt.who); fault.RuleOf(err) != tt.rule {
			t.Errorf("%s: %v, want %s", name, err, tt.rule)
		}
	}
	s.invite(1)
	if _, err := s.serve.InviteMember(ctx, s.id, app.Invitee{Org: seed.SupplierID(1)}); fault.RuleOf(err) != "consortium.invited-already" {
		t.Errorf("asked twice: %v", err)
	}
	must(t, s.serve.RemoveMember(ctx, s.id, seed.SupplierID(1)))
	ruled(t, func() error { _, err := s.serve.AcceptInvitationToTender(s.as(signatory(1)), s.id); return err }(), "consortium.not-invited")
	if err := s.serve.RemoveMember(ctx, s.id, seed.SupplierID(3)); !fault.Is(err, fault.NotFound) {
		t.Errorf("one that was never asked is taken out: %v", err)
	}
	if _, err := s.serve.AcceptInvitationToTender(s.as(signatory(3)), s.id); !fault.Is(err, fault.NotFound) {
		t.Errorf("one that was never asked accepts: %v", err)
	}
	var told int
	must(t, s.db.Pool(dbtest.Super).QueryRow(t.Context(), `SELECT count(*) FROM notifications WHERE org_id = $1 AND kind LIKE 'consortium.%'`, seed.SupplierID(1)).Scan(&told))
	if told != 2 {
		t.Errorf("%d messages about being asked and taken out, want 2", told)
	}
}
