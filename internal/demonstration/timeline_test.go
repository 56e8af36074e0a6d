package demonstration

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/fellesloft/fellesloft/internal/domain/calendar"
)

func TestTimelineIsAlignedAndPlain(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	tell := newTimeline(&out)
	at := calendar.New(2026, time.December, 14).At(9, 0)
	tell.heading("Konkurransen kunngjøres")
	tell.say(at, "Innkjøpsleder, Bodø", "Prøver planen mot regelverket, som om kunngjøringen sendes mandag 14. desember 2026.")
	tell.refuse(at, "Innkjøpsleder, Bodø", "Kunngjør.", Violation{Title: "Fristen er for kort", Detail: "Flytt den.", Paragraph: "FOA § 20-2 (1)"})
	tell.say(at.Add(time.Hour), "Systemet", "Fristen er ute.")
	tell.detail("10 ja, 1 nei.")
	const want = `
1. Konkurransen kunngjøres
14.12.26 09.00  Innkjøpsleder, Bodø            Prøver planen mot regelverket, som om kunngjøringen sendes mandag 14.
                                               desember 2026.
                                               Kunngjør.
                                               AVSLÅTT  Fristen er for kort. Flytt den. (FOA § 20-2 (1))
14.12.26 10.00  Systemet                       Fristen er ute.
                                                 10 ja, 1 nei.
`
	if got := out.String(); got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}

func TestTerminalGetsStyles(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	tell := &timeline{out: &out, styled: true}
	tell.refuse(time.Now(), "Åpner 1, Bodø", "Prøver å åpne alene.", Violation{Title: "Nei"})
	if !strings.Contains(out.String(), red+"AVSLÅTT  "+normal) {
		t.Errorf("no style in %q", out.String())
	}
}

func TestParagraphIsToldOnce(t *testing.T) {
	t.Parallel()
	v := Violation{Title: "Nei", Detail: "For kort (FOA § 20-2 (1)).", Paragraph: "FOA § 20-2 (1)"}
	if got := sentence(v); got != "Nei. For kort (FOA § 20-2 (1))." {
		t.Error(got)
	}
}

func TestWrapKeepsEveryWord(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.SliceOfN(rapid.StringMatching(`[a-zæøå«»§0-9]{1,30}`), 1, 40).Draw(t, "words")
		width := rapid.IntRange(5, 60).Draw(t, "width")
		lines := wrap(strings.Join(words, " "), width)
		if got := strings.Fields(strings.Join(lines, " ")); !slices.Equal(got, words) {
			t.Fatalf("words became %q", got)
		}
		for _, l := range lines {
			if utf8.RuneCountInString(l) > width && strings.Contains(l, " ") {
				t.Fatalf("%q is longer than %d", l, width)
			}
		}
	})
}

func TestColumnsCountCharacters(t *testing.T) {
	t.Parallel()
	got := columns([][]string{{"", "Leverandør", "\tPris"}, {"\t1.", "Åse", "\t9,23"}, {"\t10.", "B", "\t10,00"}})
	want := []string{"     Leverandør   Pris", " 1.  Åse          9,23", "10.  B           10,00"}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func TestWhoIsCutToTheColumn(t *testing.T) {
	t.Parallel()
	if got := pad("Tilbudsforfatter, Nordstjerne", 10); got != "Tilbudsfo…" {
		t.Error(got)
	}
}
