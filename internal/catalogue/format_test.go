package catalogue_test

import (
	"strings"
	"testing"
	"time"

	"github.com/fellesloft/fellesloft/internal/catalogue"
	"github.com/fellesloft/fellesloft/internal/domain/calendar"
	"github.com/fellesloft/fellesloft/internal/domain/money"
)

func TestProblem(t *testing.T) {
	t.Parallel()
	short := map[string]string{"days": "30", "dispatch": "2026-11-02", "runsThrough": "2026-12-02", "earliest": "2026-12-03",
		"planned": "2026-11-30", "paragraph": "FOA § 20-2 (1)"}
	for _, c := range []struct{ lang, rule, title, detail string }{
		{"nb", "deadline.too-short", "Fristen er for kort", "Kunngjøringen ble sendt 2.11.2026; 30 dager løper til og med 2.12.2026. Tidligste frist er 3.12.2026, mens tilbudsfristen er 30.11.2026. Flytt tilbudsfristen (FOA § 20-2 (1))."},
		{"nn", "deadline.too-short", "Fristen er for kort", "Kunngjeringa er send 2.11.2026; 30 dagar går til og med 2.12.2026. Tidlegaste frist er 3.12.2026, medan tilbodsfristen er 30.11.2026. Flytt tilbodsfristen (FOA § 20-2 (1))."},
		{"en", "deadline.too-short", "The deadline is too short", "The notice was sent on 2 November 2026; 30 days run through 2 December 2026. The earliest deadline is 3 December 2026, and the tender deadline is 30 November 2026. Move the tender deadline (FOA § 20-2 (1))."},
		{"nb", "no.such-rule", "Noe gikk galt hos oss", "Feilen er registrert, og ingenting er endret. Prøv igjen om litt."},
		{"de", "sign-in.needed", "Du må logge inn", "Logg inn og prøv igjen. Har du logget inn, er innloggingen utløpt eller ikke godkjent her."},
	} {
		title, detail := catalogue.Problem(c.lang, c.rule, short)
		if c.rule != "deadline.too-short" {
			title, detail = catalogue.Problem(c.lang, c.rule, nil)
		}
		if title != c.title || detail != c.detail {
			t.Errorf("%s %s:\n%s\n%s", c.lang, c.rule, title, detail)
		}
	}
}

func TestField(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{
		"tenderDeadline":   "tilbudsfrist",
		"lots[1].cpv":      "CPV-kode, delkontrakt 2",
		"framework.months": "antall måneder, rammeavtale",
		"lots[0].nuts[2]":  "NUTS-kode 3, delkontrakt 1",
		"no.such":          "no.such",
		"":                 "",
	} {
		if got := catalogue.Field("nb", path); got != want {
			t.Errorf("%s: %q, want %q", path, got, want)
		}
	}
}

func TestMailSaysWhatHappened(t *testing.T) {
	t.Parallel()
	subject, body := catalogue.Mail(catalogue.MailReceipt, "nn", map[string]string{
		"title": "Velferdsteknologi", "receivedAt": "2026-12-03T10:59:59.123Z", "recipient": "Eksempel AS"})
	if subject != "Kvittering for tilbod: Velferdsteknologi" || !strings.Contains(body, "torsdag 3. desember 2026 kl. 11.59.59") || !strings.HasPrefix(body, "Hei, Eksempel AS\n") {
		t.Errorf("%s\n%s", subject, body)
	}
	for _, lang := range catalogue.Languages() {
		for _, kind := range append(catalogue.MailKinds(), "not.known") {
			subject, body := catalogue.Mail(kind, lang, nil)
			if subject == "" || strings.Contains(subject+body, "mail.") || strings.Contains(body, "<no value>") {
				t.Errorf("%s %s: %q %q", lang, kind, subject, body)
			}
		}
	}
}

func TestDates(t *testing.T) {
	t.Parallel()
	at := calendar.MustParse("2026-12-03").At(12, 0)
	for lang, want := range map[string]string{
		"nb": "torsdag 3. desember 2026 kl. 12.00", "nn": "torsdag 3. desember 2026 kl. 12.00", "en": "Thursday 3 December 2026 at 12:00"} {
		if got := catalogue.Instant(lang, at.UTC()); got != want {
			t.Errorf("%s: %s", lang, got)
		}
	}
	if got := catalogue.LongDate("nn", calendar.MustParse("2026-11-03")); got != "tysdag 3. november 2026" {
		t.Error(got)
	}
	if got := catalogue.Instant("nb", time.Time{}) + catalogue.Date("nb", calendar.Date{}); got != "" {
		t.Errorf("zero: %q", got)
	}
}

func TestMoneyAndNumbers(t *testing.T) {
	t.Parallel()
	const space = "\u00a0"
	for _, c := range []struct {
		lang string
		ore  int64
		want string
	}{
		{"nb", 125_000_000, "1" + space + "250" + space + "000 kroner"},
		{"nn", 125_000_050, "1" + space + "250" + space + "000,50 kroner"},
		{"en", 125_000_005, "NOK 1,250,000.05"},
		{"nb", -150, "−1,50 kroner"},
		{"nb", 0, "0 kroner"},
	} {
		if got := catalogue.Money(c.lang, money.NOK(c.ore)); got != c.want {
			t.Errorf("%s %d: %q, want %q", c.lang, c.ore, got, c.want)
		}
	}
	if got := catalogue.Decimal("nb", "1234.5"); got != "1"+space+"234,5" {
		t.Errorf("%q", got)
	}
}

func TestMatch(t *testing.T) {
	t.Parallel()
	for accept, want := range map[string]string{
		"": "nb", "nn": "nn", "nn-NO,nb;q=0.8": "nn", "no": "nb", "en-GB,en;q=0.9": "en", "de,en;q=0.5": "en", "da": "nb", ";;": "nb"} {
		if got := catalogue.Match(accept); got != want {
			t.Errorf("%q: %s, want %s", accept, got, want)
		}
	}
}
