package api

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/internal/app"
	"github.com/fellesloft/fellesloft/internal/fault"
)

// Event is one entry of an organisation's feed. Cursor is the place behind it:
// ask for what comes after it, and no event is missed.
type Event struct {
	Cursor string          `json:"cursor"`
	At     time.Time       `json:"at"`
	CaseAt *time.Time      `json:"caseAt,omitempty" doc:"case time, moved on in a sandbox"`
	Action string          `json:"action"`
	Case   *uuid.UUID      `json:"case,omitempty"`
	Object *uuid.UUID      `json:"object,omitempty"`
	Own    bool            `json:"own" doc:"done by the organisation itself; who else did it is not told"`
	Data   json.RawMessage `json:"data,omitempty" doc:"codes, numbers and dates of what came of it"`
}

// EventPage is a page of the feed. Next is given on the last page too: it is
// where to ask from later.
type EventPage struct {
	Items []Event `json:"items"`
	Next  string  `json:"next,omitempty"`
}

// Notification is one message to the organisation's people.
type Notification struct {
	ID        uuid.UUID         `json:"id"`
	Kind      string            `json:"kind"`
	Case      *uuid.UUID        `json:"case,omitempty"`
	Object    *uuid.UUID        `json:"object,omitempty"`
	Params    map[string]string `json:"params"`
	CreatedAt time.Time         `json:"createdAt"`
	ReadAt    *time.Time        `json:"readAt,omitempty"`
}

func (s *Server) registerEvents() {
	op(s, app.SignedIn, huma.Operation{OperationID: "listEvents", Method: http.MethodGet, Path: "/events", Tags: []string{"events"},
		Summary: "The organisation's own events in commit order"}, s.listEvents)
	op(s, app.SignedIn, huma.Operation{OperationID: "listNotifications", Method: http.MethodGet, Path: "/notifications", Tags: []string{"events"},
		Summary: "Messages to the organisation's people, the newest first"}, s.listNotifications)
	op(s, app.SignedIn, huma.Operation{OperationID: "markNotificationRead", Method: http.MethodPut, Path: "/notifications/{notification}/read", Tags: []string{"events"},
		Summary: "Mark a message as read"},
		func(ctx context.Context, in *struct {
			Notification uuid.UUID `path:"notification"`
		}) (*done, error) {
			return &done{}, s.App.MarkRead(ctx, in.Notification)
		})
}

func (s *Server) listEvents(ctx context.Context, in *Paged) (*struct{ Body EventPage }, error) {
	read, err := s.App.Events(ctx, in.After, in.limit())
	if err != nil {
		return nil, err
	}
	out := EventPage{Items: make([]Event, len(read)), Next: in.After}
	for i, e := range read {
		out.Items[i] = Event{Cursor: e.Cursor, At: e.At.UTC(), CaseAt: utc(e.CaseAt), Action: e.Action, Case: e.Case, Object: e.Object, Own: e.Own, Data: e.Data}
		out.Next = e.Cursor
	}
	return &struct{ Body EventPage }{out}, nil
}

func (s *Server) listNotifications(ctx context.Context, in *Paged) (*struct{ Body Page[Notification] }, error) {
	var before int64
	if in.After != "" {
		n, err := strconv.ParseInt(in.After, 10, 64)
		if err != nil || n < 1 {
			return nil, fault.New(fault.Invalid, ruleCursor).At("after")
		}
		before = n
	}
	read, err := s.App.Notifications(ctx, before, in.limit()+1)
	if err != nil {
		return nil, err
	}
	out := Page[Notification]{Items: []Notification{}}
	for i, n := range read {
		if i == in.limit() {
			out.Next = strconv.FormatInt(read[i-1].Seq, 10)
			break
		}
		if n.Params == nil {
			n.Params = map[string]string{}
		}
		out.Items = append(out.Items, Notification{ID: n.ID, Kind: n.Kind, Case: n.Case, Object: n.Object, Params: n.Params, CreatedAt: n.CreatedAt.UTC(), ReadAt: utc(n.ReadAt)})
	}
	return &struct{ Body Page[Notification] }{out}, nil
}
