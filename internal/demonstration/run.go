package demonstration

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/internal/domain/procurement"
	"github.com/fellesloft/fellesloft/internal/domain/requirement"
	"github.com/fellesloft/fellesloft/internal/seed"
)

// lead is the subject of the lead buyer's procurement lead.
var lead = "innkjopsleder." + strings.ToLower(strings.ReplaceAll(seed.Lead().Name, "ø", "o"))

// show is one demonstration under way.
type show struct {
	Options
	api   *client
	tell  *timeline
	names map[string]string // who acts, by subject

	result  Result
	plan    procurement.Plan
	set     requirement.Set
	version int64
	clock   time.Time // case time as last heard
	tenders []tender  // by supplier
	opened  []openedTender
	ended   []contract
	files   map[string]string // by what they are
}

// step is a named part of the demonstration.
type step struct {
	name    string
	heading string // in bokmål
	do      func(*show, context.Context) error
}

var steps = []step{
	{"create", "Anskaffelsen opprettes", (*show).create},
	{"documents", "Konkurransegrunnlag og team", (*show).prepare},
	{"launch", "Kommunene bes om fullmakt", (*show).launch},
	{"mandates", "Kommunene svarer hver for seg", (*show).mandates},
	{"requirements", "Kravspesifikasjonen hentes fra regneark", (*show).requirements},
	{"review", "Prøvekjøring før kunngjøring", (*show).review},
	{"refusal", "Første forsøk på å kunngjøre avslås", (*show).refusedPublication},
	{"confirm", "Planen rettes, og regler uten kontrollert kilde bekreftes", (*show).confirm},
	{"notice", "Kunngjøringen lastes ned som fil", (*show).notice},
	{"publish", "Konkurransen kunngjøres", (*show).publish},
	{"question", "Et spørsmål besvares til alle", (*show).question},
	{"tenders", "Leverandørene leverer tilbud", (*show).submissions},
	{"deadline", "Tilbudsfristen går ut", (*show).deadline},
	{"opening", "To personer åpner tilbudene", (*show).opening},
	{"rejection", "Et tilbud avvises", (*show).rejection},
	{"scores", "Tilbudene evalueres", (*show).scores},
	{"award", "Kontraktene tildeles", (*show).award},
	{"letters", "Alle får brev samtidig", (*show).letters},
	{"standstill", "Karensperioden", (*show).standstill},
	{"contract", "Kontraktene signeres", (*show).sign},
	{"call-off", "Kommunene gjør avrop", (*show).callOffs},
	{"record", "Anskaffelsesprotokollen", (*show).record},
	{"result", "Resultat", (*show).conclude},
}

// Steps lists the names with which Options.Step is called, in order.
func Steps() []string {
	out := make([]string, len(steps))
	for i, s := range steps {
		out[i] = s.name
	}
	return out
}

// Run runs the demonstration. The error names the step that failed; it wraps a
// *RefusalError where the API refused what it should not have refused. What was done
// until then stays, in a sandbox of its own.
func Run(ctx context.Context, o Options) (Result, error) {
	o = o.withDefaults()
	const fewest = 5
	if len(o.Municipalities) < fewest {
		return Result{}, fmt.Errorf("a demonstration needs at least %d municipalities", fewest)
	}
	s := &show{Options: o, api: newClient(o.BaseURL, o.Language, o.Token), tell: newTimeline(o.Out), names: namesOf(o.Municipalities), files: map[string]string{}}
	if err := s.makeDir(); err != nil {
		return Result{}, err
	}
	start := time.Now()
	s.introduce()
	for _, step := range steps {
		if err := o.Step(step.name); err != nil {
			return s.result, fmt.Errorf("before %s: %w", step.name, err)
		}
		s.tell.heading(step.heading)
		if err := step.do(s, ctx); err != nil {
			return s.result, fmt.Errorf("%s: %w", step.name, err)
		}
	}
	fmt.Fprintf(o.Out, "\n%s\n", s.tell.style(green, fmt.Sprintf("Ferdig på %.0f sekunder.", time.Since(start).Seconds())))
	return s.result, nil
}

func (s *show) introduce() {
	fmt.Fprintln(s.Out, s.tell.style(bold, "Fellesløft: en felles anskaffelse fra oppstart til avrop"))
	fmt.Fprintln(s.Out, "Kommunene finnes. Vedtak, tall og leverandører er oppdiktet.")
	fmt.Fprintln(s.Out, "Tidspunktene er sakens egne: klokken i sandkassen stilles fram til like før hver frist, som så løper ut av seg selv.")
}

// namesOf says who acts, by subject: the role and the organisation.
func namesOf(municipalities []Municipality) map[string]string {
	names := map[string]string{}
	for _, m := range municipalities {
		names[m.MandateGiver] = "Fullmaktsgiver, " + m.Name
		names[m.ContractOwner] = "Avtaleeier, " + m.Name
	}
	for _, i := range seed.Identities() {
		names[i.Subject] = strings.Replace(i.Name, " (demo) ", ", ", 1)
	}
	return names
}

func identity(subject string) (seed.Identity, error) {
	for _, i := range seed.Identities() {
		if i.Subject == subject {
			return i, nil
		}
	}
	return seed.Identity{}, fmt.Errorf("no demonstration identity %s", subject)
}

// say tells what a subject did, at the case time that was last heard.
func (s *show) say(subject, format string, args ...any) {
	s.tell.say(s.clock, s.who(subject), format, args...)
}

func (s *show) who(subject string) string {
	if name, ok := s.names[subject]; ok {
		return name
	}
	return subject
}

// system tells of what time alone decided.
const system = "Systemet"

// refused notes and tells of a refusal that had to come. rules choose, in their
// order, which of several broken rules are shown; none shows all.
func (s *show) refused(subject, what string, p *RefusalError, rules ...string) {
	var shown []Violation
	for _, r := range rules {
		for _, v := range p.All() {
			if v.Rule == r {
				shown = append(shown, v)
			}
		}
	}
	if len(rules) == 0 {
		shown = p.All()
	}
	for _, v := range shown {
		s.result.Refused = append(s.result.Refused, v.Rule)
	}
	s.tell.refuse(s.clock, s.who(subject), what, shown...)
}

func (s *show) makeDir() error {
	if s.Dir != "" {
		return os.MkdirAll(s.Dir, 0o755)
	}
	dir, err := os.MkdirTemp("", "fellesloft-demo-")
	s.Dir = dir
	return err
}

// keep writes what was fetched to a file.
func (s *show) keep(what, name string, content []byte) error {
	if name == "" || name != filepath.Base(name) {
		return fmt.Errorf("%s has no usable file name: %q", what, name)
	}
	path := filepath.Join(s.Dir, name)
	if err := os.WriteFile(path, content, 0o644); err != nil {
		return err
	}
	s.files[what] = path
	s.result.Files = append(s.result.Files, path)
	return nil
}

func (s *show) at(path string) string { return "/procurements/" + s.result.Procurement.String() + path }

func (s *show) get(ctx context.Context, as, path string, out any) error {
	_, err := s.api.do(ctx, call{method: http.MethodGet, path: path, as: as, out: out})
	return err
}

// post sends what is answered with something that is needed.
func (s *show) post(ctx context.Context, as, path string, body, out any) error {
	_, err := s.api.do(ctx, call{method: http.MethodPost, path: path, as: as, body: body, out: out})
	return err
}

// act sends what is answered with nothing that is needed.
func (s *show) act(ctx context.Context, as, path string, body any) error {
	return settled(s.post(ctx, as, path, body, nil))
}

// the reads of the procurement and its version and clock.
func (s *show) refresh(ctx context.Context) (procurementView, error) {
	var p procurementView
	if err := s.get(ctx, lead, s.at(""), &p); err != nil {
		return p, err
	}
	s.plan, s.version, s.clock, s.result.Phase = p.Plan, p.Version, p.Now, p.Phase
	return p, nil
}

// await waits until the procurement is in a phase, which its process brings
// about.
func (s *show) await(ctx context.Context, phase procurement.Phase) (procurementView, error) {
	for until := time.Now().Add(outcome); ; {
		p, err := s.refresh(ctx)
		if err != nil || p.Phase == phase {
			return p, err
		}
		if !time.Now().Before(until) {
			return p, fmt.Errorf("the procurement is in phase %s after %s, not in %s; is a worker running?", p.Phase, outcome, phase)
		}
		if err := pause(ctx, lookAgain); err != nil {
			return p, err
		}
	}
}

// steer gives a steering command on the newest version. A reminder that time
// gives in between raises the version; what was decided stays right.
func (s *show) steer(ctx context.Context, as, path string, body any) error {
	const tries = 5
	for n := 1; ; n++ {
		if _, err := s.refresh(ctx); err != nil {
			return err
		}
		err := s.api.steer(ctx, as, s.at(path), s.version, body)
		if ruleOf(err) != "case.version" || n == tries {
			return err
		}
	}
}

var errNotFound = errors.New("not among what was read")

func find[T any](all []T, is func(T) bool) (T, error) {
	for _, x := range all {
		if is(x) {
			return x, nil
		}
	}
	var none T
	return none, errNotFound
}

func sameID(id uuid.UUID) func(uuid.UUID) bool { return func(x uuid.UUID) bool { return x == id } }
