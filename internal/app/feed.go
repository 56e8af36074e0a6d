package app

import (
	"context"
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/db"
	"github.com/fellesloft/fellesloft/db/sqlcgen"
	"github.com/fellesloft/fellesloft/internal/fault"
)

// FeedEvent is one event of an organisation's feed.
type FeedEvent struct {
	// Cursor is the place behind the event.
	Cursor string
	At     time.Time
	CaseAt *time.Time
	Action string
	Case   *uuid.UUID
	Object *uuid.UUID
	// Own: the organisation did it itself. Who else did it is never told here.
	Own  bool
	Data json.RawMessage
}

// Events lists the organisation's own events in commit order behind a cursor
// ("" for the beginning). An event never appears behind a cursor that was
// given out before it. It returns invalid (events.cursor) for a cursor that is
// none.
func (a *App) Events(ctx context.Context, after string, upTo int) ([]FeedEvent, error) {
	xid, seq := "0", int64(0)
	if after != "" {
		x, s, ok := strings.Cut(after, "-")
		n, err := strconv.ParseInt(s, 10, 64)
		if _, xerr := strconv.ParseUint(x, 10, 63); !ok || err != nil || xerr != nil || n < 0 {
			return nil, fault.New(fault.Invalid, "events.cursor").At("after")
		}
		xid, seq = x, n
	}
	var out []FeedEvent
	err := a.do(ctx, SignedIn, func(w *work) error {
		rows, err := db.EventsAfter(ctx, w.tx, w.by.Org, xid, seq, upTo)
		if err != nil {
			return err
		}
		for _, r := range rows {
			out = append(out, FeedEvent{Cursor: r.XID + "-" + itoa(r.Seq), At: r.At, CaseAt: r.CaseAt, Action: r.Action, Case: r.CaseID, Object: r.ObjectID, Own: r.Own, Data: r.After})
		}
		return nil
	})
	return out, err
}

// Notification is one message to the organisation's people.
type Notification struct {
	ID        uuid.UUID
	Seq       int64
	Kind      string
	Case      *uuid.UUID
	Object    *uuid.UUID
	Params    map[string]string
	CreatedAt time.Time
	ReadAt    *time.Time
}

// Notifications lists the newest messages before a sequence number (0: from the
// newest).
func (a *App) Notifications(ctx context.Context, before int64, upTo int) ([]Notification, error) {
	if before <= 0 {
		before = math.MaxInt64
	}
	var out []Notification
	err := a.do(ctx, SignedIn, func(w *work) error {
		rows, err := w.q.Notifications(ctx, w.tx, sqlcgen.NotificationsParams{Before: before, UpTo: int32(upTo)}) //nolint:gosec // a page size
		if err != nil {
			return db.Fault(err)
		}
		for _, r := range rows {
			n := Notification{ID: r.ID, Seq: r.Seq, Kind: r.Kind, Case: r.CaseID, Object: r.ObjectID, CreatedAt: r.CreatedAt, ReadAt: r.ReadAt}
			if err := json.Unmarshal(r.Params, &n.Params); err != nil {
				return fault.Wrap(fault.Internal, "notification.decode", err)
			}
			out = append(out, n)
		}
		return nil
	})
	return out, err
}

// MarkRead marks a message as read.
func (a *App) MarkRead(ctx context.Context, id uuid.UUID) error {
	return a.do(ctx, SignedIn, func(w *work) error {
		n, err := w.q.MarkRead(ctx, w.tx, id)
		if err == nil && n == 0 {
			return fault.New(fault.NotFound, "not-found")
		}
		return db.Fault(err)
	})
}
