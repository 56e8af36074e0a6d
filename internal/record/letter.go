package record

import (
	"strings"
	"time"

	"github.com/fellesloft/fellesloft/internal/catalogue"
	"github.com/fellesloft/fellesloft/internal/domain/procurement"
	"github.com/fellesloft/fellesloft/internal/domain/rules"
)

// Letter is one letter to one supplier, as values that are written as HTML and
// as plain text alike.
type Letter struct {
	Language, From, To, Sent, Reference, Heading, Closing string
	Invented                                              bool
	Sections                                              []Section
}

// Address is what every letter needs. SentAt is the same instant for all
// suppliers of a decision (FOA §§ 10-1, 25-1).
type Address struct {
	Language, Title, Reference string
	Invented                   bool
	From, To                   Organisation
	SentAt                     time.Time
	Regime                     rules.Regime
}

func (a Address) letter(kind string) (Letter, words) {
	w := words(catalogue.Match(a.Language))
	to := a.To.Name
	if a.To.Address != "" {
		to += "\n" + a.To.Address
	}
	return Letter{
		Language: string(w), Invented: a.Invented, From: a.From.Name, To: to, Sent: w.instant(a.SentAt), Reference: a.Reference,
		Heading: w.letter(kind+".heading", map[string]string{"title": a.Title}), Closing: w.letter("closing"),
	}, w
}

// HTML writes the letter as one self-contained page.
func (l Letter) HTML() ([]byte, error) { return render("letter.gohtml", l) }

// Text writes the letter as plain text, for e-mail.
func (l Letter) Text() string {
	var b strings.Builder
	b.WriteString(l.From + "\n" + l.Sent + "\n")
	if l.Reference != "" {
		b.WriteString(words(l.Language).page("reference", map[string]string{"reference": l.Reference}) + "\n")
	}
	b.WriteString("\n" + l.To + "\n\n" + strings.ToUpper(l.Heading) + "\n")
	if l.Invented {
		b.WriteString("\n" + words(l.Language).page("invented") + "\n")
	}
	for _, s := range l.Sections {
		b.WriteString("\n")
		if s.Title != "" {
			b.WriteString(s.Title + "\n" + strings.Repeat("-", len([]rune(s.Title))) + "\n")
		}
		for _, t := range s.Texts {
			b.WriteString(t + "\n")
		}
		for _, t := range s.Tables {
			b.WriteString("\n" + t.Caption + "\n")
			for n, row := range t.Rows {
				if n > 0 {
					b.WriteString("\n")
				}
				for i, cell := range row {
					if cell != "" {
						b.WriteString("  " + t.Columns[i].Title + ": " + cell + "\n")
					}
				}
			}
		}
	}
	b.WriteString("\n" + l.Closing + "\n" + l.From + "\n")
	return b.String()
}

// Rejected is what a letter of rejection tells (FOA §§ 9-7, 24-10).
type Rejected struct {
	Address
	Ground    procurement.Ground
	Paragraph string
	Reason    string
}

// RejectionLetter tells a supplier that its tender is rejected, on which ground
// and why.
func RejectionLetter(f Rejected) Letter {
	l, w := f.letter("rejection")
	s := Section{}
	s.say(w.letter("rejection.what", map[string]string{"title": f.Title, "ground": catalogue.Ground(string(w), f.Ground), "paragraph": f.Paragraph}))
	why := Section{Title: w.letter("reason")}
	why.say(f.Reason)
	l.Sections = append(l.Sections, s, why, w.complaint(f.Address, time.Time{}))
	return l
}

// Stopped is what a letter about an ending or a reversal tells.
type Stopped struct {
	Address
	Reason string
}

// CancellationLetter tells a supplier that the competition ends without a
// contract, and why (FOA §§ 10-4, 25-4).
func CancellationLetter(f Stopped) Letter { return stopped(f, "cancellation") }

// ReversalLetter tells a supplier that the award is taken back, and why (FOA
// § 25-1 (4)).
func ReversalLetter(f Stopped) Letter { return stopped(f, "reversal") }

func stopped(f Stopped, kind string) Letter {
	l, w := f.letter(kind)
	s := Section{}
	s.say(w.letter(kind+".what", map[string]string{"title": f.Title}))
	why := Section{Title: w.letter("reason")}
	why.say(f.Reason)
	l.Sections = append(l.Sections, s, why, w.complaint(f.Address, time.Time{}))
	return l
}

// complaint says what a supplier who disagrees can do, and until when.
func (w words) complaint(a Address, until time.Time) Section {
	s := Section{Title: w.letter("complaint.heading")}
	s.say(w.letter("complaint.buyer", map[string]string{"name": a.From.Name, "email": a.From.Email}))
	if !until.IsZero() {
		s.say(w.letter("complaint.court", map[string]string{"until": machine(until)}))
	}
	s.say(w.letter("complaint.board"))
	return s
}
