package api

import (
	"context"
	"encoding/json"
	"net/http"
	"reflect"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/internal/app"
	"github.com/fellesloft/fellesloft/internal/fault"
)

// Command is a steering command: a change of phase that the case's process
// carries out.
type Command struct {
	ID        uuid.UUID       `json:"id"`
	Case      uuid.UUID       `json:"case"`
	Operation string          `json:"operation"`
	State     string          `json:"state" enum:"pending,done,refused,stale,expired,withdrawn"`
	Result    json.RawMessage `json:"result,omitempty" doc:"what the command gave; only when done"`
	Problem   *Problem        `json:"problem,omitempty" doc:"why it was not carried out"`
	CreatedAt time.Time       `json:"createdAt"`
	ExpiresAt time.Time       `json:"expiresAt" doc:"a pending command is not carried out after this"`
	EndedAt   *time.Time      `json:"endedAt,omitempty"`
}

func commandOf(c app.CommandStatus, lang string) Command {
	out := Command{ID: c.ID, Case: c.CaseID, Operation: c.Operation, State: c.State, Result: c.Result,
		CreatedAt: c.CreatedAt.UTC(), ExpiresAt: c.ExpiresAt.UTC(), EndedAt: utc(c.EndedAt)}
	if err := c.Err(); err != nil {
		p := problemOf(err, lang, "")
		out.Problem = &p
	}
	return out
}

// steered is the answer to a steering request: 200 with the command when it has
// been carried out, 202 with the command's address while it has not.
type steered struct {
	Status   int
	Location string `header:"Location"`
	Body     Command
}

// steer registers a steering operation; its input embeds Steering. A refusal is
// answered as any other one.
func steer[I any](s *Server, permission app.Permission, o huma.Operation, give func(ctx context.Context, version int64, in *I) (app.CommandStatus, error)) {
	o.Responses = map[string]*huma.Response{"202": {
		Description: "Accepted; the process carries it out unless the command goes stale or expires. Location tells what became of it.",
		Headers:     map[string]*huma.Param{"Location": {Schema: &huma.Schema{Type: huma.TypeString}}},
		Content:     map[string]*huma.MediaType{"application/json": {Schema: s.docs.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[Command](), true, "Command")}},
	}}
	op(s, permission, o, func(ctx context.Context, in *I) (*steered, error) {
		version, err := any(in).(interface{ version() (int64, error) }).version() //nolint:forcetypeassert,errcheck // embeds Steering
		if err != nil {
			return nil, err
		}
		c, err := give(ctx, version, in)
		if err != nil {
			return nil, err
		}
		switch c.State {
		case app.CommandDone:
			return &steered{Status: http.StatusOK, Body: commandOf(c, "nb")}, nil
		case app.CommandPending:
			return &steered{Status: http.StatusAccepted, Location: Base + "/commands/" + c.ID.String(), Body: commandOf(c, "nb")}, nil
		}
		if err := c.Err(); err != nil {
			return nil, err
		}
		return nil, fault.New(fault.Conflict, "command."+c.State)
	})
}

func (s *Server) registerCommands() {
	type one struct {
		ID uuid.UUID `path:"id"`
	}
	type read struct {
		ID     uuid.UUID `path:"id"`
		Accept string    `header:"Accept-Language"`
	}
	type found struct{ Body Command }
	op(s, app.ProcurementRead, huma.Operation{OperationID: "listCommands", Method: http.MethodGet, Path: "/procurements/{id}/commands", Tags: []string{"commands"},
		Summary: "The newest steering commands of the own organisation in a procurement"},
		func(ctx context.Context, in *struct {
			InCase
			Accept string `header:"Accept-Language"`
		}) (*struct{ Body Page[Command] }, error) {
			read, err := s.App.Commands(ctx, in.ID)
			return &struct{ Body Page[Command] }{whole(read, func(c app.CommandStatus) Command { return commandOf(c, languageOf(in.Accept)) })}, err
		})
	op(s, app.SignedIn, huma.Operation{OperationID: "getCommand", Method: http.MethodGet, Path: "/commands/{id}", Tags: []string{"commands"},
		Summary: "What became of a steering command"},
		func(ctx context.Context, in *read) (*found, error) {
			c, err := s.App.CommandStatus(ctx, in.ID)
			return &found{commandOf(c, languageOf(in.Accept))}, err
		})
	op(s, app.SignedIn, huma.Operation{OperationID: "withdrawCommand", Method: http.MethodDelete, Path: "/commands/{id}", Tags: []string{"commands"},
		Summary: "Take back a command that has not been carried out"},
		func(ctx context.Context, in *one) (*struct{}, error) {
			return &struct{}{}, s.App.WithdrawCommand(ctx, in.ID)
		})
}

func utc(t *time.Time) *time.Time {
	if t == nil {
		return nil
	}
	u := t.UTC()
	return &u
}
