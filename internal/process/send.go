package process

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/internal/app"
	"github.com/fellesloft/fellesloft/internal/fault"
)

// sendToProcess hands a wake or a command to the process of its case.
func (r *Relay) sendToProcess(ctx context.Context, m message) error {
	if m.CaseKind == nil || m.CaseID == nil {
		return fmt.Errorf("message %s names no case: %w", m.Key, errHopeless)
	}
	of := app.OpenCase{Kind: *m.CaseKind, ID: *m.CaseID}
	n, open, err := r.Cases.CaseProcess(ctx, of.ID)
	if err != nil && !fault.Is(err, fault.NotFound) {
		return err
	}
	of.N = n
	if m.Kind == kindCommand {
		return r.sendCommand(ctx, of, open, *m.CommandID)
	}
	if !open {
		return nil // the process of a closed case ends by itself
	}
	return revive(ctx, r.Cases, r.Process, of)
}

// sendCommand has the process carry out a command that its caller's own way did
// not bring there. Where there is no process any more the command is decided
// here and now: its row then says that the case is closed, and it is not tried
// for ever.
func (r *Relay) sendCommand(ctx context.Context, of app.OpenCase, open bool, commandID uuid.UUID) error {
	if open {
		err := r.Process.Steer(ctx, of.Kind, of.ID, of.N, commandID)
		if !errors.Is(err, ErrFinished) && !fault.Is(err, fault.NotFound) {
			return err
		}
	}
	err := r.Cases.CarryOut(ctx, commandID)
	if fault.Is(err, fault.NotFound) {
		return fmt.Errorf("the command is gone: %w: %w", errHopeless, err)
	}
	return err
}

// Texts writes a notification in a language (nb, nn or en): its subject and its
// plain text.
type Texts func(kind, language string, params map[string]string) (subject, body string)

// notification is what the database's tell() puts into a mail's message.
type notification struct {
	Kind     string            `json:"kind"`
	To       string            `json:"to"`
	Org      string            `json:"org"`
	Language string            `json:"language"`
	Case     *uuid.UUID        `json:"case"`
	Params   map[string]string `json:"params"`
}

// sendMail writes and sends one notification to one recipient. A recipient that
// the mail server refuses for good is given up.
func (r *Relay) sendMail(ctx context.Context, m message) error {
	var n notification
	if err := json.Unmarshal(m.Payload, &n); err != nil {
		return fault.Wrap(fault.Internal, "mail.decode", err)
	}
	params := map[string]string{"recipient": n.Org}
	if n.Case != nil && r.Link != nil {
		params["link"] = r.Link(*n.Case)
	}
	for k, v := range n.Params {
		params[k] = v
	}
	subject, body := r.Texts(n.Kind, n.Language, params)
	err := r.Mailer.Send(ctx, app.Mail{Key: m.Key, To: n.To, Subject: subject, Text: body})
	if fault.Is(err, fault.Invalid) {
		return fmt.Errorf("%w: %w", errHopeless, err)
	}
	return err
}
