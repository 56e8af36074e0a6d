package scan

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"log/slog"
	"net"
	"strings"
	"time"

	"github.com/fellesloft/fellesloft/internal/fault"
)

const (
	// piece is how much is sent to clamd at a time.
	piece = 64 << 10
	// ahead is how many pieces wait between the file and clamd: a scanner that
	// stutters holds nothing up before they are full.
	ahead = 16
	// maxReply is the longest answer that is read.
	maxReply = 4096
)

// Clamd is a ClamAV daemon, spoken to by its INSTREAM command. It is safe for
// use by many goroutines. Set clamd's StreamMaxLength to at least the largest
// file: what is larger counts as not scanned.
type Clamd struct {
	network, address string
	// Slack is how long a file may be held up by the scanner in all, while it is
	// fed; then the scan is given up.
	Slack time.Duration
	// Patience is how long an answer is waited for when the file has ended.
	Patience time.Duration
	Log      *slog.Logger
}

// NewClamd gives the scanner of an address, tcp://host:port or
// unix:///run/clamav/clamd.ctl, with five seconds of slack and thirty of
// patience. It returns invalid (scan.address) for another form.
func NewClamd(address string, log *slog.Logger) (*Clamd, error) {
	network, at, ok := strings.Cut(address, "://")
	if !ok || network != "tcp" && network != "unix" || at == "" {
		return nil, fault.New(fault.Invalid, "scan.address")
	}
	return &Clamd{network: network, address: at, Slack: 5 * time.Second, Patience: 30 * time.Second, Log: log}, nil
}

// Unhurried gives the scanner for files that nobody waits for: it may take its
// time.
func (c *Clamd) Unhurried() *Clamd {
	const long = 15 * time.Minute
	return &Clamd{network: c.network, address: c.address, Slack: long, Patience: long, Log: c.Log}
}

// Begin starts a scan. The connection is made beside the file: a daemon that
// does not answer costs no more than one that is slow.
func (c *Clamd) Begin(ctx context.Context) Scan {
	ctx, cancel := context.WithCancel(ctx)
	s := &stream{clamd: c, cancel: cancel, ctx: ctx, pieces: make(chan []byte, ahead), reply: make(chan answer, 1), slack: c.Slack}
	go s.run()
	return s
}

type answer struct {
	verdict Verdict
	what    string
}

// stream is one INSTREAM conversation. Write fills pieces, run sends them.
type stream struct {
	clamd   *Clamd
	ctx     context.Context // of one scan, which lives as long as a request
	cancel  context.CancelFunc
	pieces  chan []byte
	reply   chan answer
	slack   time.Duration
	givenUp bool
	ended   bool
}

func (s *stream) Write(p []byte) (int, error) {
	for rest := p; len(rest) > 0 && !s.givenUp && !s.ended; {
		n := min(len(rest), piece)
		s.feed(append([]byte(nil), rest[:n]...))
		rest = rest[n:]
	}
	return len(p), nil
}

// feed hands a piece over, and waits for room within what is left of the slack.
func (s *stream) feed(p []byte) {
	select {
	case s.pieces <- p:
		return
	default:
	}
	started := time.Now()
	timer := time.NewTimer(s.slack)
	defer timer.Stop()
	select {
	case s.pieces <- p:
		s.slack -= time.Since(started)
	case a := <-s.reply: // clamd has answered before the end
		s.reply <- a
		s.givenUp = true
	case <-timer.C:
		s.give("the scanner is too slow")
	case <-s.ctx.Done():
		s.give("the scan was ended")
	}
}

func (s *stream) give(why string) {
	s.givenUp = true
	s.clamd.Log.WarnContext(s.ctx, "a file is taken over without a scan", "why", why)
	s.cancel()
}

func (s *stream) Verdict() (Verdict, string) {
	defer s.Abort()
	if s.ended {
		return Away, ""
	}
	s.ended = true
	close(s.pieces)
	timer := time.NewTimer(s.clamd.Patience)
	defer timer.Stop()
	select {
	case a := <-s.reply:
		return a.verdict, a.what
	case <-timer.C:
		s.give("the scanner does not answer")
		return Away, ""
	}
}

func (s *stream) Abort() {
	if !s.ended {
		s.ended = true
		close(s.pieces)
	}
	s.cancel()
}

// run holds the conversation and gives one answer.
func (s *stream) run() {
	a, err := s.converse()
	if err != nil {
		a = answer{verdict: Away}
		if s.ctx.Err() == nil {
			s.clamd.Log.WarnContext(s.ctx, "the scanner does not answer", "error", err.Error())
		}
	}
	s.reply <- a
	for range s.pieces { // what is still fed goes nowhere
	}
}

func (s *stream) converse() (answer, error) {
	var dialer net.Dialer
	conn, err := dialer.DialContext(s.ctx, s.clamd.network, s.clamd.address)
	if err != nil {
		return answer{}, err
	}
	defer conn.Close()
	stop := context.AfterFunc(s.ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	// The form with z ends command and answer with a NUL.
	err = send(conn, []byte("zINSTREAM\x00"))
	for p := range s.pieces {
		if err != nil {
			break
		}
		err = send(conn, binary.BigEndian.AppendUint32(nil, uint32(len(p))), p) //nolint:gosec // at most piece
	}
	if err == nil {
		if s.ctx.Err() != nil {
			return answer{}, s.ctx.Err() // what was aborted must not end as a whole file
		}
		err = send(conn, make([]byte, 4))
	}
	// clamd answers and hangs up when the file is too large for it, so there
	// may be an answer although sending failed.
	text, readErr := bufio.NewReader(io.LimitReader(conn, maxReply)).ReadString(0)
	if readErr != nil && text == "" {
		return answer{}, errors.Join(err, readErr)
	}
	return s.read(strings.TrimRight(text, "\x00\r\n"))
}

// read takes clamd's answer apart: "stream: OK", "stream: <name> FOUND", or an
// error in words.
func (s *stream) read(text string) (answer, error) {
	said := strings.TrimPrefix(text, "stream: ")
	if said == "OK" {
		return answer{verdict: Clean}, nil
	}
	if name, found := strings.CutSuffix(said, " FOUND"); found {
		return answer{Found, name}, nil
	}
	return answer{}, errors.New("clamd says " + text)
}

func send(to io.Writer, parts ...[]byte) error {
	buffers := net.Buffers(parts)
	_, err := buffers.WriteTo(to)
	return err
}
