package mail

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/emersion/go-smtp"
	"github.com/wneessen/go-mail"
)

// Caught is a message that was sent.
type Caught struct {
	ID      string    `json:"id"`
	At      time.Time `json:"at"`
	From    string    `json:"from"`
	To      []string  `json:"to"`
	Subject string    `json:"subject"`
	Text    string    `json:"text"`
}

// keep bounds the catcher's memory.
const keep = 2000

// Catcher is a mail server for development and tests: it takes every message,
// keeps it in memory and sends none on. [Catcher.ServeHTTP] shows them.
type Catcher struct {
	server *smtp.Server

	mu     sync.Mutex
	caught []Caught
	refuse func(recipient string) error
}

// NewCatcher makes a catcher; [Catcher.Serve] runs it.
func NewCatcher() *Catcher {
	c := &Catcher{}
	c.server = smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &session{catcher: c}, nil }))
	c.server.Domain = "localhost"
	c.server.ReadTimeout, c.server.WriteTimeout = patience, patience
	c.server.MaxMessageBytes = 10 << 20
	c.server.EnableSMTPUTF8 = true
	return c
}

// Serve takes mail on the listener until ctx is done.
func (c *Catcher) Serve(ctx context.Context, l net.Listener) error {
	stop := context.AfterFunc(ctx, func() {
		_ = c.server.Close() // it is ending; there is nobody to tell
	})
	defer stop()
	err := c.server.Serve(l)
	if ctx.Err() != nil || errors.Is(err, smtp.ErrServerClosed) {
		return nil
	}
	return err
}

// Refuse lets recipients be refused, as a mail server that does not know them
// would. Nil takes all again.
func (c *Catcher) Refuse(f func(recipient string) error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.refuse = f
}

// Messages gives what was caught, the newest first; to narrows it to a
// recipient, unless it is empty.
func (c *Catcher) Messages(to string) []Caught {
	c.mu.Lock()
	defer c.mu.Unlock()
	out := []Caught{}
	for _, m := range slices.Backward(c.caught) {
		if to == "" || slices.ContainsFunc(m.To, func(r string) bool { return strings.EqualFold(r, to) }) {
			out = append(out, m)
		}
	}
	return out
}

func (c *Catcher) add(m Caught) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.caught = append(c.caught, m)
	if len(c.caught) > keep {
		c.caught = slices.Delete(c.caught, 0, len(c.caught)-keep)
	}
}

// session is one connection's conversation.
type session struct {
	catcher *Catcher
	from    string
	to      []string
}

func (s *session) Reset()        { s.from, s.to = "", nil }
func (s *session) Logout() error { return nil }

func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	s.from = from
	return nil
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.catcher.mu.Lock()
	refuse := s.catcher.refuse
	s.catcher.mu.Unlock()
	if refuse != nil {
		if err := refuse(to); err != nil {
			return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: err.Error()}
		}
	}
	s.to = append(s.to, to)
	return nil
}

func (s *session) Data(r io.Reader) error {
	message, err := mail.EMLToMsgFromReader(r)
	if err != nil {
		return fmt.Errorf("read the message: %w", err)
	}
	caught := Caught{At: time.Now().UTC(), From: s.from, To: slices.Clone(s.to), ID: strings.Trim(message.GetMessageID(), "<>")}
	if subject := message.GetGenHeader(mail.HeaderSubject); len(subject) > 0 {
		caught.Subject = decodeHeader(subject[0])
	}
	for _, part := range message.GetParts() {
		text, err := part.GetContent()
		if err != nil {
			return fmt.Errorf("read the message: %w", err)
		}
		caught.Text += string(text)
	}
	s.catcher.add(caught)
	return nil
}
