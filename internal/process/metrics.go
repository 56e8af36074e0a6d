package process

import (
	"context"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/fellesloft/fellesloft/db"
)

// Metrics tell how the relay and the jobs do. A nil one counts nothing.
type Metrics struct {
	messages *prometheus.CounterVec
	waiting  *prometheus.GaugeVec
	oldest   *prometheus.GaugeVec
	jobs     *prometheus.CounterVec
}

// NewMetrics registers the metrics.
func NewMetrics(to prometheus.Registerer) *Metrics {
	m := &Metrics{
		messages: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "fellesloft_outbox_messages_total", Help: "Messages that the relay tried to send.",
		}, []string{"kind", "outcome"}),
		waiting: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "fellesloft_outbox_waiting", Help: "Messages that wait in the outbox.",
		}, []string{"kind"}),
		oldest: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "fellesloft_outbox_oldest_seconds", Help: "Age of the oldest message that waits in the outbox.",
		}, []string{"kind"}),
		jobs: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "fellesloft_jobs_total", Help: "Runs of periodic jobs.",
		}, []string{"job", "outcome"}),
	}
	to.MustRegister(m.messages, m.waiting, m.oldest, m.jobs)
	return m
}

func (m *Metrics) sent(kind, outcome string) {
	if m != nil {
		m.messages.WithLabelValues(kind, outcome).Inc()
	}
}

func (m *Metrics) ran(job string, err error) {
	if m == nil {
		return
	}
	outcome := "done"
	if err != nil {
		outcome = "failed"
	}
	m.jobs.WithLabelValues(job, outcome).Inc()
}

func (m *Metrics) age(kind string, waiting int, oldest time.Duration) {
	if m != nil {
		m.waiting.WithLabelValues(kind).Set(float64(waiting))
		m.oldest.WithLabelValues(kind).Set(oldest.Seconds())
	}
}

// WatchOutbox measures what waits in the outbox and raises an alarm in the log
// when the oldest message is older than the given age: then something that it
// is sent to is away, or a message cannot be sent.
func WatchOutbox(pool *pgxpool.Pool, metrics *Metrics, log *slog.Logger, alarm time.Duration) func(context.Context) error {
	o := newOutbox(pool)
	return func(ctx context.Context) error {
		rows, err := o.q.OutboxAge(ctx, pool)
		if err != nil {
			return db.Fault(err)
		}
		waiting := map[string]int{kindWake: 0, kindCommand: 0, kindMail: 0}
		oldest := map[string]time.Duration{}
		for _, row := range rows {
			waiting[row.Kind] = int(row.Waiting)
			oldest[row.Kind] = time.Duration(row.OldestSeconds * float64(time.Second))
		}
		for kind, n := range waiting {
			metrics.age(kind, n, oldest[kind])
			if oldest[kind] > alarm {
				log.ErrorContext(ctx, "messages wait too long in the outbox", "kind", kind, "waiting", n, "oldest", oldest[kind].Round(time.Second))
			}
		}
		return nil
	}
}
