package process

import (
	"context"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// listen calls heard whenever something was put into the outbox, and once after
// every connect, because what was said before is not repeated. It has a
// connection of its own and connects again when that breaks.
func listen(ctx context.Context, pool *pgxpool.Pool, log *slog.Logger, heard func()) {
	const again = time.Second
	for ctx.Err() == nil {
		err := listenOnce(ctx, pool, heard)
		if ctx.Err() != nil {
			return
		}
		log.WarnContext(ctx, "nothing is heard of new messages; they are looked for instead", "error", err.Error())
		select {
		case <-ctx.Done():
		case <-time.After(again):
		}
	}
}

func listenOnce(ctx context.Context, pool *pgxpool.Pool, heard func()) error {
	conn, err := pgx.ConnectConfig(ctx, pool.Config().ConnConfig)
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx)) //nolint:errcheck // it is broken or of no use any more
	if _, err := conn.Exec(ctx, `LISTEN outbox`); err != nil {
		return err
	}
	for {
		heard()
		if _, err := conn.WaitForNotification(ctx); err != nil {
			return err
		}
	}
}
