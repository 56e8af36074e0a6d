package process

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
)

// Job is work that the worker does at its start and then again and again. It
// must be safe to repeat.
//
// Jobs are run by a ticker under a lock in Postgres and not by a Temporal
// Schedule: reconcile is what heals a Temporal that lost its database, and a
// schedule would be lost with it.
type Job struct {
	// Name is the lock's: one worker at a time runs a job.
	Name  string
	Every time.Duration
	Run   func(ctx context.Context) error
}

// failedAgain is how soon a job that failed is run again.
const failedAgain = 15 * time.Second

// RunJobs runs the jobs until ctx is done.
func RunJobs(ctx context.Context, pool *pgxpool.Pool, metrics *Metrics, log *slog.Logger, jobs ...Job) {
	var all sync.WaitGroup
	for _, j := range jobs {
		all.Go(func() { j.run(ctx, pool, metrics, log) })
	}
	all.Wait()
}

func (j Job) run(ctx context.Context, pool *pgxpool.Pool, metrics *Metrics, log *slog.Logger) {
	for {
		pause := j.Every
		err := j.once(ctx, pool)
		if ctx.Err() != nil {
			return
		}
		metrics.ran(j.Name, err)
		if err != nil {
			log.ErrorContext(ctx, "a periodic job failed", "job", j.Name, "error", err.Error())
			pause = min(pause, failedAgain)
		}
		timer := time.NewTimer(pause)
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-timer.C:
		}
	}
}

// once runs the job unless another worker is at it. The lock is the
// connection's, so a worker that dies gives it back.
func (j Job) once(ctx context.Context, pool *pgxpool.Pool) error {
	conn, err := pool.Acquire(ctx)
	if err != nil {
		return err
	}
	defer conn.Release()
	var mine bool
	if err := conn.QueryRow(ctx, `SELECT pg_try_advisory_lock(hashtext('fellesloft job'), hashtext($1))`, j.Name).Scan(&mine); err != nil {
		return err
	}
	if !mine {
		return nil
	}
	err = j.Run(ctx)
	release, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	if _, unlock := conn.Exec(release, `SELECT pg_advisory_unlock(hashtext('fellesloft job'), hashtext($1))`, j.Name); unlock != nil {
		// The lock must not go back to the pool with the connection.
		conn.Conn().Close(release) //nolint:errcheck,gosec // it ends either way
	}
	return err
}
