package app

import (
	"context"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/db"
	"github.com/fellesloft/fellesloft/internal/actor"
	"github.com/fellesloft/fellesloft/internal/fault"
)

// standing is how the actor's organisation stands to a case.
type standing struct{ leads, takesPart bool }

// look reads one thing of a case in one statement, which tells how the actor's
// organisation stands to the case beside what it reads: a transaction and a
// loaded case would cost a large list more than all else around it. Row-level
// security binds the statement; what it gives is dropped where the permission
// refuses. It returns what f returns, unauthenticated or denied.
func (a *App) look(ctx context.Context, id uuid.UUID, perm Permission, f func(q db.DBTX) (standing, error)) error {
	by, err := actor.From(ctx)
	if err != nil {
		return err
	}
	if err = mayAtAll(by, perm); err != nil {
		a.noteDenied(ctx, by, perm, uuid.Nil, err)
		return err
	}
	s, err := f(db.As(a.Pool, by))
	if err != nil {
		return db.Fault(err)
	}
	if met, _ := grants[perm].relation.met(s.leads, func() (bool, error) { return s.takesPart, nil }); !met {
		err = fault.New(fault.Denied, "permission.relation", fault.Params{"permission": string(perm)})
		a.noteDenied(ctx, by, perm, id, err)
	}
	return err
}
