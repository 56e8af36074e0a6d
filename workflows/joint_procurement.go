package workflows

import (
	"time"

	"go.temporal.io/sdk/workflow"

	"github.com/fellesloft/fellesloft/activities"
)

// JointProcurement drives one joint procurement from launch to the end of its
// contract. What the procedure is stands in the domain: the workflow does what
// time has decided, waits for the next instant, a person's command or a fact
// that ends a wait, and does it again until the case is over.
//
// Its work does not grow with the number of municipalities or suppliers: those
// are rows.
func JointProcurement(ctx workflow.Context, c Case) error {
	p, err := setUp(ctx, c)
	if err != nil {
		return err
	}
	return p.run(ctx)
}

// procedure is one run of a workflow that drives a case. There is nothing in it
// that the next run could not read again.
type procedure struct {
	c         Case
	lookAgain workflow.ReceiveChannel
	// turn lets one activity at a time change what is known of the case, so
	// that what is known last is what holds.
	turn workflow.Mutex
	// build is what this run's first look was made by.
	build string

	outlook activities.Outlook
	// news counts what was learnt of the case, so that the loop sees that a
	// command has changed the outlook.
	news int

	alarm alarm
}

func setUp(ctx workflow.Context, c Case) (*procedure, error) {
	p := &procedure{
		c:         c,
		lookAgain: workflow.GetSignalChannel(ctx, SignalLookAgain),
		turn:      workflow.NewMutex(ctx),
	}
	// There is no validator: what one refused would not stand in the history,
	// and the command would be sent again for ever.
	return p, workflow.SetUpdateHandler(ctx, UpdateSteer, p.steer)
}

func (p *procedure) run(ctx workflow.Context) error {
	if err := p.look(ctx); err != nil {
		return err
	}
	p.build = p.outlook.Build
	for !p.outlook.Over {
		if p.due(ctx) {
			return p.continueAsNew(ctx)
		}
		p.alarm.set(ctx, p.outlook.Sleep)
		seen := p.news
		err := workflow.Await(ctx, func() bool {
			return p.alarm.rings() || p.lookAgain.Len() > 0 || p.news != seen
		})
		if err != nil {
			return err
		}
		if p.news != seen {
			continue // a command was carried out, and told what comes next
		}
		if err := p.look(ctx); err != nil {
			return err
		}
	}
	return p.letHandlersFinish(ctx)
}

// look does what time has decided and learns what comes next. Every signal
// that has arrived asks for just this.
func (p *procedure) look(ctx workflow.Context) error {
	if err := p.turn.Lock(ctx); err != nil {
		return err
	}
	defer p.turn.Unlock()
	for p.lookAgain.ReceiveAsync(nil) {
	}
	return p.learn(step[activities.Outlook](ctx, act.PassTime, p.c.ID))
}

// steer carries out a command and learns what comes next, in one activity.
func (p *procedure) steer(ctx workflow.Context, c Command) error {
	if err := p.turn.Lock(ctx); err != nil {
		return err
	}
	defer p.turn.Unlock()
	order := activities.Order{CaseID: p.c.ID, CommandID: c.ID}
	if c.Long {
		return p.learn(longStep[activities.Outlook](ctx, act.CarryOut, order))
	}
	return p.learn(step[activities.Outlook](ctx, act.CarryOut, order))
}

func (p *procedure) learn(outlook activities.Outlook, err error) error {
	if err != nil {
		return err
	}
	p.outlook = outlook
	p.news++
	return nil
}

// due reports whether the run should make way for a fresh one: its history is
// long, or it was begun by another build. A fresh run replays nothing that an
// earlier build decided.
//
// The build is what the last activity said. What the SDK says of the build of
// the current task is not the same at replay as it was then, when a worker
// begins with the whole history.
func (p *procedure) due(ctx workflow.Context) bool {
	return workflow.GetInfo(ctx).GetContinueAsNewSuggested() || p.outlook.Build != p.build
}

func (p *procedure) continueAsNew(ctx workflow.Context) error {
	if err := p.letHandlersFinish(ctx); err != nil {
		return err
	}
	// A signal that arrives until now is answered by the fresh run's first look.
	for p.lookAgain.ReceiveAsync(nil) {
	}
	return workflow.NewContinueAsNewError(ctx, NameJointProcurement, p.c)
}

// letHandlersFinish keeps a run from ending under a command whose caller
// waits for its result.
func (p *procedure) letHandlersFinish(ctx workflow.Context) error {
	return workflow.Await(ctx, func() bool { return workflow.AllHandlersFinished(ctx) })
}

// act names activities by their methods; it is never called on.
var act *activities.Activities

// hurry is how many timers in a row may be shorter than a second. A wait that
// time does not end, though it is due, would otherwise fill the history.
const hurry = 5

// alarm is the one timer of a run.
type alarm struct {
	at      time.Time
	rung    workflow.Future
	cancel  workflow.CancelFunc
	hurried int
}

// set arms the timer, or leaves it if it rings at the wanted instant anyhow: a
// timer that is armed costs, one that is kept does not.
func (a *alarm) set(ctx workflow.Context, sleep time.Duration) {
	if sleep <= 0 {
		a.stop()
		return
	}
	at := workflow.Now(ctx).Add(a.patient(sleep))
	if a.rung != nil && !a.rung.IsReady() && at.Sub(a.at).Abs() < time.Second {
		return
	}
	a.stop()
	timed, cancel := workflow.WithCancel(ctx)
	a.at, a.cancel, a.rung = at, cancel, workflow.NewTimer(timed, at.Sub(workflow.Now(ctx)))
}

func (a *alarm) patient(sleep time.Duration) time.Duration {
	if sleep >= time.Second {
		a.hurried = 0
		return sleep
	}
	a.hurried++
	if a.hurried <= hurry {
		return sleep
	}
	return min(time.Duration(a.hurried)*time.Second, time.Minute)
}

func (a *alarm) stop() {
	if a.rung != nil {
		a.cancel()
		a.rung = nil
	}
}

func (a *alarm) rings() bool { return a.rung != nil && a.rung.IsReady() }
