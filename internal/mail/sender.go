// Package mail hands messages to a mail server, and catches them where none
// should leave the machine.
package mail

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	stdmail "net/mail"
	"strings"
	"time"

	"github.com/wneessen/go-mail"

	"github.com/fellesloft/fellesloft/internal/app"
	"github.com/fellesloft/fellesloft/internal/fault"
)

// Settings say where mail is handed over.
type Settings struct {
	Host string
	Port int
	// Username and Password are both set or both empty.
	Username string
	Password string
	// From is the sender, with or without a name.
	From string
	// TLS is one of the words of [TLS].
	TLS string
}

// TLS lists how a connection may be protected: mandatory (STARTTLS or no mail
// at all), implicit (TLS from the first byte), opportunistic (STARTTLS where
// the server offers it), none.
func TLS() []string { return []string{"mandatory", "implicit", "opportunistic", "none"} }

// Sender hands mail to one server. It is safe for concurrent use.
type Sender struct {
	client *mail.Client
	from   string
	domain string
}

var _ app.Mailer = (*Sender)(nil)

// patience bounds connecting and each step of handing a message over.
const patience = 20 * time.Second

// NewSender makes a sender; it connects for each message. It returns invalid
// (config.mail) at the setting that can never work.
func NewSender(s Settings) (*Sender, error) {
	from, err := stdmail.ParseAddress(s.From)
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, "config.mail", err).At("SMTP_FROM")
	}
	if (s.Username == "") != (s.Password == "") {
		return nil, fault.New(fault.Invalid, "config.mail").At("SMTP_PASSWORD")
	}
	options := []mail.Option{mail.WithPort(s.Port), mail.WithTimeout(patience)}
	switch s.TLS {
	case "mandatory":
		options = append(options, mail.WithTLSPolicy(mail.TLSMandatory))
	case "implicit":
		options = append(options, mail.WithSSL())
	case "opportunistic":
		options = append(options, mail.WithTLSPolicy(mail.TLSOpportunistic))
	case "none":
		options = append(options, mail.WithTLSPolicy(mail.NoTLS))
	default:
		return nil, fault.New(fault.Invalid, "config.mail", fault.Params{"is": s.TLS}).At("SMTP_TLS")
	}
	if s.Username != "" {
		options = append(options, mail.WithSMTPAuth(mail.SMTPAuthAutoDiscover), mail.WithUsername(s.Username), mail.WithPassword(s.Password))
	}
	client, err := mail.NewClient(s.Host, options...)
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, "config.mail", err).At("SMTP_HOST")
	}
	return &Sender{client: client, from: s.From, domain: from.Address[strings.LastIndex(from.Address, "@")+1:]}, nil
}

// Send hands one message over. The message's id follows from its key, so that
// a repetition can be told from a second message. It returns invalid
// (mail.recipient-refused) for a recipient that the server refuses for good or
// that is no address, and unavailable (mail.not-sent) for all else.
func (s *Sender) Send(ctx context.Context, m app.Mail) error {
	message, err := s.compose(m)
	if err != nil {
		return err
	}
	connection, err := s.client.DialToSMTPClientWithContext(ctx)
	if err != nil {
		return fault.Wrap(fault.Unavailable, "mail.not-sent", err)
	}
	// The server has taken the message over when it says so, however the
	// connection ends.
	defer s.client.CloseWithSMTPClient(connection) //nolint:errcheck // see above
	err = s.client.SendWithSMTPClient(connection, message)
	var refused *mail.SendError
	if errors.As(err, &refused) && refused.Reason == mail.ErrSMTPRcptTo && !refused.IsTemp() {
		return fault.Wrap(fault.Invalid, "mail.recipient-refused", err)
	}
	if err != nil {
		return fault.Wrap(fault.Unavailable, "mail.not-sent", err)
	}
	return nil
}

func (s *Sender) compose(m app.Mail) (*mail.Msg, error) {
	message := mail.NewMsg(mail.WithNoDefaultUserAgent())
	if err := message.From(s.from); err != nil {
		return nil, fault.Wrap(fault.Internal, "mail.sender", err)
	}
	if err := message.To(m.To); err != nil {
		return nil, fault.Wrap(fault.Invalid, "mail.recipient-refused", err)
	}
	message.Subject(m.Subject)
	message.SetDate()
	message.SetMessageIDWithValue(messageID(m.Key, s.domain))
	// Nobody's absence notice is wanted in answer (RFC 3834).
	message.SetGenHeader("Auto-Submitted", "auto-generated")
	message.SetBodyString(mail.TypeTextPlain, m.Text)
	return message, nil
}

func messageID(key, domain string) string {
	sum := sha256.Sum256([]byte(key))
	return fmt.Sprintf("%s@%s", hex.EncodeToString(sum[:16]), domain)
}
