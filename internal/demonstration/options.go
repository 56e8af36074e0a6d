package demonstration

import (
	"context"
	"io"
	"strings"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/internal/domain/evaluation"
	"github.com/fellesloft/fellesloft/internal/domain/party"
	"github.com/fellesloft/fellesloft/internal/domain/procurement"
	"github.com/fellesloft/fellesloft/internal/seed"
)

// Options say against what a demonstration runs and how it tells of it.
type Options struct {
	// BaseURL is the API's address with its path, without a slash at the end.
	BaseURL string
	// Token gives a token for an identity of the demonstration by its subject.
	Token func(ctx context.Context, subject string) (string, error)
	// Out is where the timeline is written; nil for nowhere.
	Out io.Writer
	// Dir is the folder for the files that are fetched; it is made where it is
	// missing. "" for a folder of the system's for temporary files.
	Dir string
	// Municipalities are those that the procurement names, the lead buyer
	// (seed.Lead) among them, at least five; nil for the demonstration's twelve.
	// The last but one declines and the last never answers.
	Municipalities []Municipality
	// Step is called before each step of Steps; an error ends the demonstration.
	Step func(name string) error
	// Language is that of what the API says of refusals: nb, nn or en; "" for nb.
	// The demonstration itself speaks bokmål.
	Language string
	// TemporalUI and Mail are addresses to tell of at the end; "" for none.
	TemporalUI, Mail string
}

// Municipality is one that a procurement names, with the subjects that act for
// it.
type Municipality struct {
	ID            uuid.UUID
	Name          string
	Network       string
	Population    int
	MandateGiver  string
	ContractOwner string
}

// Municipalities gives municipalities with the subjects that [seed.Identities]
// has for them. Subjects go by name: of those that share theirs with another,
// the subjects have to be set apart by the caller.
func Municipalities(all ...party.Municipality) []Municipality {
	out := make([]Municipality, len(all))
	for i, m := range all {
		short := strings.ReplaceAll(party.Fold(m.Name), " ", "-")
		out[i] = Municipality{ID: m.ID(), Name: m.Name, Network: m.Network, Population: m.Population,
			MandateGiver: "fullmaktsgiver." + short, ContractOwner: "avtaleeier." + short}
	}
	return out
}

func (o Options) withDefaults() Options {
	if o.Municipalities == nil {
		o.Municipalities = Municipalities(seed.Participants()...)
	}
	if o.Language == "" {
		o.Language = "nb"
	}
	if o.Out == nil {
		o.Out = io.Discard
	}
	if o.Step == nil {
		o.Step = func(string) error { return nil }
	}
	return o
}

// Result is what a demonstration came to.
type Result struct {
	Sandbox     uuid.UUID
	Procurement uuid.UUID
	Phase       procurement.Phase
	// Rankings are the lots' final rankings.
	Rankings []Ranking
	// Tenders by supplier, in the order of demo.Suppliers.
	Tenders   []uuid.UUID
	Contracts []uuid.UUID
	// Refused are the rules by which the API refused what it had to refuse, in
	// order.
	Refused []string
	// Files are the paths of what was fetched.
	Files []string
}

// Ranking is the ranking of one lot, with the suppliers' names by tender.
type Ranking struct {
	Lot       uuid.UUID           `json:"lot"`
	Number    int                 `json:"number"`
	Title     string              `json:"title"`
	Formula   evaluation.Formula  `json:"formula"`
	Ranking   []evaluation.Ranked `json:"ranking"`
	Suppliers map[string]string   `json:"suppliers"`
}

// eachTold is up to how many municipalities the timeline tells of one by one.
const eachTold = 15
