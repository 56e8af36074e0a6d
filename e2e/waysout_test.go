package e2e

import (
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/fellesloft/fellesloft/api"
	"github.com/fellesloft/fellesloft/internal/domain/calendar"
	"github.com/fellesloft/fellesloft/internal/domain/procurement"
	"github.com/fellesloft/fellesloft/internal/process"
)

// However a procurement ends, its process comes to its end with it.
func TestEveryWayOut(t *testing.T) {
	t.Parallel()
	all := newStack(t)
	for name, way := range map[string]struct {
		live func(*story)
		end  procurement.Phase
	}{
		"full-run":              {(*story).toTheEnd, procurement.Ended},
		"cancelled":             {(*story).toCancellation, procurement.Cancelled},
		"no-tenders":            {(*story).withoutTenders, procurement.Unsuccessful},
		"quorum-missed":         {(*story).missQuorum, procurement.Cancelled},
		"suspended-and-resumed": {(*story).suspended, procurement.Cancelled},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStory(all.under(t))
			way.live(s)
			s.reach(way.end)
			processes := s.processes()
			eventually(t, "the process has finished", func() bool {
				state, err := processes.StateOf(t.Context(), procurementCase(s.id, 1))
				return err == nil && state == process.Finished
			})
			cost := process.CostOf(s.histories(name))
			t.Logf("%s: %d events", name, cost.Events)
			const most = 1000
			if cost.Events >= most {
				t.Errorf("%d events, want fewer than %d", cost.Events, most)
			}
		})
	}
}

// toTheEnd lives through the contract's four years.
func (s *story) toTheEnd() {
	s.t.Helper()
	s.toTendering()
	s.compete()
	s.open()
	s.finish()
	s.conclude()
	s.as(lead).post(s.path("/award-notice"), api.NoticeReference{Reference: "DOFFIN-2027-000002"}, nil)
	s.liveUntil(s.get().Plan.ContractEnds.AddDays(2).At(9, 0))
}

func (s *story) toCancellation() {
	s.t.Helper()
	s.toTendering()
	s.tender(s.suppliers[0])
	s.steer(lead, "/cancellation", reason)
}

func (s *story) withoutTenders() {
	s.t.Helper()
	s.toTendering()
	s.draft(s.suppliers[0])
	s.liveUntil(s.get().Plan.TenderDeadline.Add(procurement.CloseAfter))
}

// missQuorum has too few answer, twice: the lead buyer sets a later deadline,
// and then gives up.
func (s *story) missQuorum() {
	s.t.Helper()
	s.launch()
	missed := func() {
		s.t.Helper()
		s.liveUntil(s.get().Plan.MandateDeadline)
		eventually(s.t, "the quorum is missed", func() bool { return !s.get().State.QuorumMissedAt.IsZero() })
	}
	for _, m := range s.municipalities[:2] {
		s.mandate(m)
	}
	missed()
	later := calendar.DateOf(s.clock().Now).AddDays(4).At(12, 0)
	s.as(lead).post(s.path("/mandate-deadline"), api.MandateDeadline{Until: later}, nil)
	missed()
	s.steer(lead, "/cancellation", reason)
}

// suspended is held by a complaint in the standstill, which does not end by
// time meanwhile.
func (s *story) suspended() {
	s.t.Helper()
	s.toTendering()
	s.compete()
	s.open()
	s.finish()
	s.steer(lead, "/suspension", api.Reason{Reason: "Klage er mottatt."})
	until := s.get().State.StandstillUntil
	s.advanceTo(until.Add(time.Hour))
	time.Sleep(time.Second)
	if p := s.get(); p.Phase != procurement.Standstill {
		s.t.Errorf("time led a suspended procurement to %s", p.Phase)
	}
	s.steer(lead, "/resumption", nil)
	s.reach(procurement.Contracting)
	s.steer(lead, "/cancellation", reason)
}

// A case that one build began is gone on with by the next, in a fresh run.
func TestTheNextBuildTakesOver(t *testing.T) {
	t.Parallel()
	s := newStory(newStack(t))
	s.toTendering()
	s.worker.stop()
	s.worker.program = anotherBuild(t)
	s.worker.start()
	s.compete()
	s.open()
	s.finish()
	s.steer(lead, "/cancellation", reason)
	s.reach(procurement.Cancelled)
	eventually(t, "the process has finished", func() bool {
		state, err := s.processes().StateOf(t.Context(), procurementCase(s.id, 1))
		return err == nil && state == process.Finished
	})
	if runs := s.histories("next-build"); len(runs) != 2 {
		t.Errorf("%d runs, want one of each build", len(runs))
	}
}

// anotherBuild gives the same program under another checksum, by which builds
// are told apart. What stands behind a program is not read.
func anotherBuild(t *testing.T) string {
	t.Helper()
	in, err := os.Open(program)
	must(t, err)
	defer in.Close()
	path := filepath.Join(t.TempDir(), "fellesloft")
	out, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY, 0o700)
	must(t, err)
	_, err = io.Copy(out, in)
	must(t, err)
	_, err = out.WriteString("another build")
	must(t, err)
	must(t, out.Close())
	return path
}
