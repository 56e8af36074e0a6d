package process

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/fellesloft/fellesloft/internal/app"
	"github.com/fellesloft/fellesloft/internal/fault"
)

const (
	// leaseFor is how long a message is one relay's. It is longer than trying
	// takes, so that two relays send the same only when one has died.
	leaseFor = 60 * time.Second
	tryFor   = 30 * time.Second
	// lookEvery finds what no notification told of.
	lookEvery = 5 * time.Second
	// atOnce is how many messages of a lane are sent at the same time.
	atOnce = 8
)

// Cases are the use cases that the relay and reconcile call; [app.App] has
// them.
type Cases interface {
	OpenCases(ctx context.Context, after uuid.UUID, upTo int) ([]app.OpenCase, error)
	CaseProcess(ctx context.Context, id uuid.UUID) (n int, open bool, err error)
	RaiseN(ctx context.Context, c app.OpenCase) error
	CarryOut(ctx context.Context, commandID uuid.UUID) error
}

// Relay sends what stands in the outbox: wakes and commands to the processes of
// cases, mail to the mail server. Any number of relays may run beside each
// other.
type Relay struct {
	Pool    *pgxpool.Pool
	Cases   Cases
	Process *Client
	Mailer  app.Mailer
	// Texts writes the subject and body of a notification.
	Texts Texts
	// Link is the address at which a person finds a case.
	Link    func(caseID uuid.UUID) string
	Metrics *Metrics
	Log     *slog.Logger
}

// lane is a stream of messages that does not wait for the others: a Temporal
// that is away holds up no mail.
type lane struct {
	kinds []string
	send  func(ctx context.Context, m message) error
	// backoff of the n-th failure is doubled from first up to most.
	first, most time.Duration
}

func (r *Relay) lanes() []lane {
	return []lane{
		// A steering command is waited for by a person, so what waits for
		// Temporal is tried again soon after it is back.
		{[]string{kindWake, kindCommand}, r.sendToProcess, 500 * time.Millisecond, 10 * time.Second},
		{[]string{kindMail}, r.sendMail, 5 * time.Second, 10 * time.Minute},
	}
}

// Run relays until ctx is done and returns when nothing is under way any more.
func (r *Relay) Run(ctx context.Context) {
	lanes := r.lanes()
	rings := make([]chan struct{}, len(lanes))
	var all sync.WaitGroup
	for i, l := range lanes {
		rings[i] = make(chan struct{}, 1)
		all.Go(func() { r.runLane(ctx, l, rings[i]) })
	}
	all.Go(func() {
		listen(ctx, r.Pool, r.Log, func() {
			for _, ring := range rings {
				select {
				case ring <- struct{}{}:
				default: // one ring is enough
				}
			}
		})
	})
	all.Wait()
}

func (r *Relay) runLane(ctx context.Context, l lane, ring <-chan struct{}) {
	o := newOutbox(r.Pool)
	slots := make(chan struct{}, atOnce)
	var sending sync.WaitGroup
	defer sending.Wait()
	for ctx.Err() == nil {
		free := take(ctx, slots)
		messages, err := o.lease(ctx, l.kinds, free)
		if err != nil && ctx.Err() == nil {
			r.Log.WarnContext(ctx, "the outbox cannot be read", "error", err.Error())
		}
		for _, m := range messages {
			sending.Go(func() {
				defer func() { <-slots }()
				r.try(ctx, o, l, m)
			})
		}
		for range free - len(messages) {
			<-slots
		}
		if len(messages) == 0 || len(messages) < free {
			wait(ctx, ring, o, l.kinds)
		}
	}
}

// take waits for a free slot and takes all that are free.
func take(ctx context.Context, slots chan<- struct{}) int {
	select {
	case slots <- struct{}{}:
	case <-ctx.Done():
		return 0
	}
	for n := 1; ; n++ {
		select {
		case slots <- struct{}{}:
		default:
			return n
		}
	}
}

// wait returns when a message may be due.
func wait(ctx context.Context, ring <-chan struct{}, o outbox, kinds []string) {
	const least = 50 * time.Millisecond // another relay may have what is due
	pause := lookEvery
	if next, err := o.next(ctx, kinds); err == nil {
		pause = min(max(next, least), lookEvery)
	}
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-ring:
	case <-timer.C:
	}
}

// try sends one message and settles its row. The row is settled also while the
// program stops, so that what was sent is not sent again.
func (r *Relay) try(ctx context.Context, o outbox, l lane, m message) {
	sendCtx, cancel := context.WithTimeout(ctx, tryFor)
	defer cancel()
	err := l.send(sendCtx, m)
	settle, stop := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer stop()
	switch {
	case err == nil:
		r.Metrics.sent(m.Kind, "sent")
		err = o.done(settle, m)
	case errors.Is(err, errHopeless):
		r.Metrics.sent(m.Kind, "given-up")
		r.Log.ErrorContext(ctx, "a message is given up", "kind", m.Kind, "key", m.Key, "error", err.Error())
		err = o.done(settle, m)
	default:
		r.Metrics.sent(m.Kind, "failed")
		again := backoff(l, int(m.Attempts))
		r.Log.WarnContext(ctx, "a message was not sent", "kind", m.Kind, "key", m.Key, "attempts", m.Attempts, "again", again, "error", err.Error())
		err = o.failed(settle, m, why(err), again)
	}
	if err != nil {
		r.Log.WarnContext(ctx, "the outbox cannot be written; the message is sent again", "key", m.Key, "error", err.Error())
	}
}

// errHopeless marks a message that no repetition will deliver.
var errHopeless = errors.New("it will never arrive")

// why is what the row keeps of an error: codes, never content.
func why(err error) error {
	if f, ok := fault.As(err); ok {
		return fault.New(f.Kind, f.Rule, f.Params)
	}
	return fault.New(fault.Internal, "relay.failed")
}

// backoff doubles with every failure up to a bound, with some chance in it so
// that messages that failed together do not come back together.
func backoff(l lane, attempts int) time.Duration {
	d := l.most
	if shift := attempts - 1; shift < 16 {
		d = min(l.first<<max(shift, 0), l.most)
	}
	return d/2 + rand.N(d/2+1) //nolint:gosec // no secret
}
