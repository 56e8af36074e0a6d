package mail_test

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/fellesloft/fellesloft/internal/app"
	"github.com/fellesloft/fellesloft/internal/fault"
	"github.com/fellesloft/fellesloft/internal/mail"
)

// catch runs a catcher and gives a sender that hands over to it.
func catch(t *testing.T) (*mail.Catcher, *mail.Sender) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	c := mail.NewCatcher()
	ended := make(chan error, 1)
	go func() { ended <- c.Serve(ctx, l) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("the catcher ended with %v", err)
		}
	})
	return c, sender(t, l.Addr(), "none")
}

func sender(t *testing.T, at net.Addr, tls string) *mail.Sender {
	t.Helper()
	address, ok := at.(*net.TCPAddr)
	if !ok {
		t.Fatalf("%v is no TCP address", at)
	}
	s, err := mail.NewSender(mail.Settings{Host: "127.0.0.1", Port: address.Port, From: `"Fellesløft" <post@fellesloft.example>`, TLS: tls})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

var letter = app.Mail{
	Key: "mail:1:2", To: "kari@ask.example", Subject: "Svar på spørsmål i «Velferdsteknologi»",
	Text: "Hei,\n\nDet er gitt et svar til alle. Les det på https://fellesloft.example/æøå?x=1&y=2.\n",
}

func TestAMessageArrivesAsItWasWritten(t *testing.T) {
	t.Parallel()
	catcher, sender := catch(t)
	if err := sender.Send(t.Context(), letter); err != nil {
		t.Fatal(err)
	}
	got := catcher.Messages("KARI@ask.example")
	if len(got) != 1 {
		t.Fatalf("caught %d messages", len(got))
	}
	m := got[0]
	text := strings.ReplaceAll(m.Text, "\r\n", "\n")
	if m.Subject != letter.Subject || strings.TrimSpace(text) != strings.TrimSpace(letter.Text) || m.From != "post@fellesloft.example" {
		t.Errorf("caught %+v", m)
	}
	if other := catcher.Messages("ola@ask.example"); len(other) != 0 {
		t.Errorf("another recipient has %d messages", len(other))
	}
}

func TestARepetitionIsKnownByItsMessageID(t *testing.T) {
	t.Parallel()
	catcher, sender := catch(t)
	other := letter
	other.Key = "mail:1:3"
	for _, m := range []app.Mail{letter, letter, other} {
		if err := sender.Send(t.Context(), m); err != nil {
			t.Fatal(err)
		}
	}
	got := catcher.Messages("")
	if len(got) != 3 || got[1].ID != got[2].ID || got[0].ID == got[1].ID || !strings.HasSuffix(got[0].ID, "@fellesloft.example") {
		t.Errorf("caught %+v", got)
	}
}

func TestWhatCannotBeSentSaysWhetherToTryAgain(t *testing.T) {
	t.Parallel()
	catcher, to := catch(t)
	catcher.Refuse(func(recipient string) error {
		if strings.HasPrefix(recipient, "gone") {
			return errors.New("no such mailbox")
		}
		return nil
	})
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed.Close()
	tests := map[string]struct {
		sender *mail.Sender
		to     string
		kind   fault.Kind
	}{
		"a mailbox that does not exist": {to, "gone@ask.example", fault.Invalid},
		"no address":                    {to, "kari", fault.Invalid},
		"a server that is away":         {sender(t, closed.Addr(), "none"), "kari@ask.example", fault.Unavailable},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := letter
			m.To = test.to
			if err := test.sender.Send(t.Context(), m); !fault.Is(err, test.kind) {
				t.Errorf("err = %v, want %s", err, test.kind)
			}
		})
	}
}

// Without TLS a message would be readable on its way.
func TestNothingIsSentInClearUnlessTheSettingSaysSo(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	catcher := mail.NewCatcher()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go catcher.Serve(ctx, l) //nolint:errcheck // its end is not what is tested
	if err := sender(t, l.Addr(), "mandatory").Send(t.Context(), letter); !fault.Is(err, fault.Unavailable) {
		t.Errorf("err = %v, want unavailable: the server has no TLS", err)
	}
	if got := catcher.Messages(""); len(got) != 0 {
		t.Errorf("caught %+v", got)
	}
}

func TestSettingsThatCanNeverWork(t *testing.T) {
	t.Parallel()
	good := mail.Settings{Host: "mail.example", Port: 587, From: "post@fellesloft.example", TLS: "mandatory"}
	tests := map[string]func(*mail.Settings){
		"SMTP_FROM":     func(s *mail.Settings) { s.From = "nobody" },
		"SMTP_TLS":      func(s *mail.Settings) { s.TLS = "sometimes" },
		"SMTP_PASSWORD": func(s *mail.Settings) { s.Username = "fellesloft" },
		"SMTP_HOST":     func(s *mail.Settings) { s.Host = "" },
	}
	for field, spoil := range tests {
		s := good
		spoil(&s)
		_, err := mail.NewSender(s)
		if f, ok := fault.As(err); !ok || f.Field != field || f.Kind != fault.Invalid {
			t.Errorf("err = %v, want invalid at %s", err, field)
		}
	}
	for _, tls := range mail.TLS() {
		s := good
		s.TLS = tls
		if _, err := mail.NewSender(s); err != nil {
			t.Errorf("TLS %s: %v", tls, err)
		}
	}
}

func TestTheCatcherShowsWhatItCaught(t *testing.T) {
	t.Parallel()
	catcher, sender := catch(t)
	m := letter
	m.Subject = "<b>not bold</b>"
	if err := sender.Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	show := func(path string) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		catcher.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		return w
	}
	var caught []mail.Caught
	if err := json.Unmarshal(show("/messages?to=kari@ask.example").Body.Bytes(), &caught); err != nil || len(caught) != 1 {
		t.Errorf("messages = %+v, %v", caught, err)
	}
	if html := show("/").Body.String(); !strings.Contains(html, "&lt;b&gt;not bold") {
		t.Errorf("the page is %s", html)
	}
	if code := show("/nothing").Code; code != http.StatusNotFound {
		t.Errorf("status %d", code)
	}
}
