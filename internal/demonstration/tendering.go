package demonstration

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/demo"
	"github.com/fellesloft/fellesloft/internal/domain/calendar"
	"github.com/fellesloft/fellesloft/internal/domain/party"
	"github.com/fellesloft/fellesloft/internal/domain/procurement"
	"github.com/fellesloft/fellesloft/internal/seal"
)

// The suppliers' parts, by their index in demo.Suppliers. The third says no to
// an absolute requirement (demo.FailingSupplier).
const (
	asks      = 1
	withdraws = 3
	late      = 4
)

func author(supplier int) string    { return "forfatter." + shortName(supplier) }
func signatory(supplier int) string { return "signatar." + shortName(supplier) }

func shortName(supplier int) string {
	first, _, _ := strings.Cut(demo.Suppliers()[supplier].Name, " ")
	return party.Fold(first)
}

// dispatch is what the lead buyer says of the notice that it has sent.
func (s *show) dispatch() dispatched {
	return dispatched{At: s.plan.DispatchOn.At(8, 45), Reference: noticeReference}
}

type dispatched struct {
	At        time.Time `json:"at"`
	Reference string    `json:"reference"`
}

// publish opens the competition, and reads the public page without a token.
func (s *show) publish(ctx context.Context) error {
	err := s.steer(ctx, lead, "/publication", s.dispatch())
	if err := settled(err); err != nil {
		return err
	}
	if _, err := s.await(ctx, procurement.Tendering); err != nil {
		return err
	}
	s.say(lead, "Kunngjør. Sendt %s kl. 08.45 med referanse %s.", shortDay(s.plan.DispatchOn), noticeReference)
	public, err := s.public(ctx)
	if err != nil {
		return err
	}
	if len(public.Documents) == 0 || len(public.Notice.Buyers) == 0 {
		return fmt.Errorf("the public page has %d documents and %d buyers", len(public.Documents), len(public.Notice.Buyers))
	}
	s.set = public.Requirements
	first := public.Documents[0]
	file, err := s.api.do(ctx, call{method: http.MethodGet, path: "/public" + s.at("/documents/"+first.ID.String())})
	if err != nil {
		return err
	}
	if len(file.body) != first.Size {
		return fmt.Errorf("%s has %d bytes, not %d", first.Name, len(file.body), first.Size)
	}
	s.tell.say(s.clock, anyone, "Leser den åpne siden uten innlogging: %s kommuner som kjøpere, %d krav, %s dokumenter. Laster ned %s.",
		number(len(public.Notice.Buyers)), len(public.Requirements.Requirements), number(len(public.Documents)), first.Name)
	return nil
}

// anyone is who reads without signing in.
const anyone = "Hvem som helst"

func (s *show) public(ctx context.Context) (publicView, error) {
	var p publicView
	err := s.get(ctx, "", "/public"+s.at(""), &p)
	return p, err
}

// question has a supplier ask and the lead buyer answer to all: on the public
// page, and to all who are interested, without the asker's name.
func (s *show) question(ctx context.Context) error {
	if err := s.advance(ctx, calendar.DateOf(s.clock).AddDays(5).At(9, 15)); err != nil {
		return err
	}
	for i := range demo.Suppliers() {
		t, err := s.interest(ctx, i)
		if err != nil {
			return err
		}
		s.tenders = append(s.tenders, t)
	}
	s.say(author(0), "%s leverandører melder interesse; ingen ser hvem de andre er.", strings.ToUpper(number(len(s.tenders))[:1])+number(len(s.tenders))[1:])
	const asked, answered = "Skal løsningen kunne ta i bruk sensorene som kommunene allerede har?", "Ja. Kommunene oppgir i bilaget hvilke sensorer det gjelder."
	if err := s.act(ctx, author(asks), s.at("/questions"), map[string]string{"text": asked}); err != nil {
		return err
	}
	s.say(author(asks), "Spør: «%s»", asked)
	raw, err := s.api.do(ctx, call{method: http.MethodGet, path: s.at("/questions"), as: lead})
	if err != nil {
		return err
	}
	var questions page[question]
	if err := json.Unmarshal(raw.body, &questions); err != nil {
		return err
	}
	if len(questions.Items) != 1 || nameIn(raw.body, asks) {
		return errors.New("the lead buyer must read the question without the asker's name")
	}
	s.say(lead, "Leser spørsmålet, uten å se hvem som spør.")
	clarify := map[string]any{"questions": []uuid.UUID{questions.Items[0].ID}, "question": asked, "answer": answered}
	if err := s.act(ctx, lead, s.at("/clarifications"), clarify); err != nil {
		return err
	}
	s.say(lead, "Svarer alle: «%s»", answered)
	return s.answerToAll(ctx)
}

// interest registers a supplier's interest; asked again, it gives the same
// tender.
func (s *show) interest(ctx context.Context, supplier int) (tender, error) {
	var t tender
	err := s.post(ctx, author(supplier), s.at("/interest"), nil, &t)
	if answerLost(err) {
		err = s.post(ctx, author(supplier), s.at("/interest"), nil, &t)
	}
	return t, err
}

func nameIn(text []byte, supplier int) bool {
	first, _, _ := strings.Cut(demo.Suppliers()[supplier].Name, " ")
	return strings.Contains(string(text), first)
}

func (s *show) answerToAll(ctx context.Context) error {
	page1, err := s.api.do(ctx, call{method: http.MethodGet, path: "/public" + s.at("")})
	if err != nil {
		return err
	}
	var public publicView
	if err := json.Unmarshal(page1.body, &public); err != nil {
		return err
	}
	if len(public.Clarifications) != 1 || nameIn(page1.body, asks) {
		return errors.New("the public page must have the answer and not the asker's name")
	}
	told := 0
	for i := range demo.Suppliers() {
		var messages page[notification]
		if err := s.get(ctx, author(i), "/notifications", &messages); err != nil {
			return err
		}
		if _, err := find(messages.Items, func(n notification) bool {
			return n.Kind == "clarification.published" && n.Case != nil && *n.Case == s.result.Procurement
		}); err == nil {
			told++
		}
	}
	if told != len(demo.Suppliers()) {
		return fmt.Errorf("the answer was sent to %d of %d suppliers", told, len(demo.Suppliers()))
	}
	s.tell.say(s.clock, anyone, "Finner svaret på den åpne siden. Alle %s leverandører har fått det som melding.", number(told))
	return nil
}

func declaration() *procurement.Declaration {
	return &procurement.Declaration{NoConvictions: true, TaxesPaid: true, NoInsolvency: true, NoMisconduct: true, NoConflict: true, EnvironmentLabour: true,
		Suitability: "Registrert i Foretaksregisteret (oppdiktet)", Economic: "Positiv egenkapital (oppdiktet)", Technical: "Tre tilsvarende leveranser (oppdiktet)", Confirmed: true}
}

// submissions has all write their answers; four hand them in, and one of those
// takes its tender back.
func (s *show) submissions(ctx context.Context) error {
	if err := s.advance(ctx, workingDay(calendar.DateOf(s.plan.QuestionsBy).AddDays(1)).At(10, 20)); err != nil {
		return err
	}
	var files []signedReceipt
	for i := range demo.Suppliers() {
		written, err := s.write(ctx, i)
		if err != nil {
			return err
		}
		if i == late {
			s.say(author(i), "Besvarer %d krav og venter med å levere.", written)
			continue
		}
		r, err := s.submit(ctx, i)
		if err != nil {
			return err
		}
		files = append(files, r)
		s.say(signatory(i), "Besvarer %d krav og leverer: %s forseglede konvolutter.", written, number(len(r.parsed.Receipt.Envelopes)))
	}
	if err := s.verify(ctx, files); err != nil {
		return err
	}
	_, err := s.api.do(ctx, call{method: http.MethodPost, path: tenderPath(s.tenders[withdraws].ID, "/withdrawal"), as: signatory(withdraws), versioned: true})
	if err := settled(err); err != nil {
		return err
	}
	s.say(signatory(withdraws), "Trekker tilbudet sitt.")
	return s.nobodySees(ctx)
}

func tenderPath(id uuid.UUID, rest string) string { return "/tenders/" + id.String() + rest }

// write saves a supplier's answers and declaration, and gives how many
// requirements are answered.
func (s *show) write(ctx context.Context, supplier int) (int, error) {
	var d draft
	t := &s.tenders[supplier]
	_, err := s.api.do(ctx, call{method: http.MethodPost, path: tenderPath(t.ID, "/answers"), as: author(supplier), version: t.Version, versioned: true,
		body: answers{rowsOf(demo.Answers(supplier, s.set)), declaration()}, out: &d})
	if err != nil {
		return 0, err
	}
	if len(d.Problems) > 0 || !d.Summary.Complete() {
		return 0, fmt.Errorf("the answers of %s are not complete: %+v", demo.Suppliers()[supplier].Name, d.Summary.Problems)
	}
	*t = d.Tender
	s.result.Tenders = append(s.result.Tenders, t.ID)
	return len(d.Summary.Answered), nil
}

// signedReceipt is a receipt as sent and as read.
type signedReceipt struct {
	raw    json.RawMessage
	parsed seal.SignedReceipt
}

func (s *show) submit(ctx context.Context, supplier int) (signedReceipt, error) {
	t := s.tenders[supplier]
	_, err := s.handIn(ctx, supplier)
	if err := settled(err); err != nil {
		return signedReceipt{}, err
	}
	var all page[receipt]
	if err := s.get(ctx, author(supplier), tenderPath(t.ID, "/receipts"), &all); err != nil {
		return signedReceipt{}, err
	}
	if len(all.Items) != 1 {
		return signedReceipt{}, fmt.Errorf("%d receipts for one submission", len(all.Items))
	}
	parsed, err := seal.ParseSignedReceipt(all.Items[0].Receipt)
	if err != nil {
		return signedReceipt{}, fmt.Errorf("read a receipt: %w", err)
	}
	if parsed.Receipt.Tender != t.ID || !parsed.Receipt.ReceivedAt.Before(s.plan.TenderDeadline) {
		return signedReceipt{}, fmt.Errorf("the receipt is of tender %s at %s", parsed.Receipt.Tender, parsed.Receipt.ReceivedAt)
	}
	return signedReceipt{all.Items[0].Receipt, parsed}, nil
}

// handIn submits a tender for all lots.
func (s *show) handIn(ctx context.Context, supplier int) (answer, error) {
	lots := make([]uuid.UUID, len(s.plan.Lots))
	for i, l := range s.plan.Lots {
		lots[i] = l.ID
	}
	t := s.tenders[supplier]
	return s.api.do(ctx, call{method: http.MethodPost, path: tenderPath(t.ID, "/submissions"), as: signatory(supplier), version: t.Version, versioned: true, body: map[string]any{"lots": lots}})
}

// verify checks the receipts' signatures here, with the published keys: a
// supplier needs no server to prove what it sent and when.
func (s *show) verify(ctx context.Context, receipts []signedReceipt) error {
	raw, err := s.api.do(ctx, call{method: http.MethodGet, path: "/public/receipt-keys"})
	if err != nil {
		return err
	}
	keys, err := seal.ParsePublicKeys(raw.body)
	if err != nil {
		return fmt.Errorf("read the published keys: %w", err)
	}
	for _, r := range receipts {
		if err := keys.Verify(r.parsed); err != nil {
			return fmt.Errorf("verify a receipt: %w", err)
		}
	}
	if err := s.keep("Kvittering", "kvittering.json", receipts[0].raw); err != nil {
		return err
	}
	s.tell.say(s.clock, anyone, "Kontrollerer signaturen på de %s kvitteringene uten tjeneren, med nøkkelen den har offentliggjort.", number(len(receipts)))
	return nil
}

// nobodySees shows that the lead buyer is refused to see tenders before the
// opening.
func (s *show) nobodySees(ctx context.Context) error {
	var p *RefusalError
	if err := s.get(ctx, lead, s.at("/tenders"), nil); !errors.As(err, &p) {
		return fmt.Errorf("the lead buyer must not see tenders before the opening: %w", err)
	}
	s.refused(lead, "Vil se hvem som har levert.", p)
	return nil
}

// tooLateBy is how long after the deadline the late tender comes.
const tooLateBy = time.Second

// deadline passes by itself. A tender that comes right after it is refused,
// recorded, and shown to the lead buyer.
func (s *show) deadline(ctx context.Context) error {
	if err := s.advance(ctx, s.plan.TenderDeadline.Add(-justBefore)); err != nil {
		return err
	}
	for s.clock.Before(s.plan.TenderDeadline.Add(tooLateBy)) {
		if err := pause(ctx, lookAgain); err != nil {
			return err
		}
		if _, err := s.refresh(ctx); err != nil {
			return err
		}
	}
	s.tell.say(s.clock, system, "Tilbudsfristen er ute.")
	_, err := s.handIn(ctx, late)
	p, err := refusal(err, "a tender after the deadline", "tender.late")
	if err != nil {
		return err
	}
	s.refused(signatory(late), "Leverer etter fristen.", p)
	if _, err := s.await(ctx, procurement.Opening); err != nil {
		return err
	}
	s.tell.say(s.clock, system, "Mottaket er stengt. Saken venter på at to personer åpner.")
	var attempts page[lateAttempt]
	if err := s.get(ctx, lead, s.at("/late-attempts"), &attempts); err != nil {
		return err
	}
	if len(attempts.Items) == 0 {
		return errors.New("the late tender is not recorded")
	}
	for _, a := range attempts.Items {
		s.say(lead, "Ser forsøket som kom for sent: %s, %s.", company(a.SupplierName), instant(a.ReceivedAt))
	}
	return nil
}
