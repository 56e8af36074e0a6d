// Package scantest is a virus scanner for tests: it speaks clamd's protocol and
// finds the test string that every scanner finds.
package scantest

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"sync"
	"testing"
	"time"
)

// Virus is the test string of EICAR, harmless and found by every scanner. It is
// put together here so that no file of the project is taken for one.
func Virus() []byte {
	return []byte(`X5O!P%@AP[4\PZX54(P^)7CC)7}$` + "EICAR-STANDARD-" + "ANTIVIRUS-TEST-FILE" + `!$H+H*`)
}

// Finding is what the scanner calls it.
const Finding = "Eicar-Test-Signature"

// Server is the scanner.
type Server struct {
	// Limit is the largest file that it takes, as StreamMaxLength; 0 for any.
	Limit int
	// Delay is how long it waits before each piece.
	Delay time.Duration
	// Mute: it never answers.
	Mute bool

	mu    sync.Mutex
	seen  int
	whole int
	net.Listener
}

// New starts a scanner on a free port until the test ends; set, unless it is
// nil, says how it behaves.
func New(t testing.TB, set func(*Server)) *Server {
	t.Helper()
	var config net.ListenConfig
	l, err := config.Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &Server{Listener: l}
	if set != nil {
		set(s)
	}
	t.Cleanup(func() { _ = l.Close() })
	go s.serve()
	return s
}

// URL is the address as settings write it.
func (s *Server) URL() string { return "tcp://" + s.Addr().String() }

// Seen counts the bytes that it has got, and the files that ended.
func (s *Server) Seen() (octets, files int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.seen, s.whole
}

func (s *Server) serve() {
	for {
		conn, err := s.Accept()
		if err != nil {
			return
		}
		go func() {
			defer conn.Close()
			s.converse(conn)
		}()
	}
}

func (s *Server) converse(conn net.Conn) {
	command := make([]byte, len("zINSTREAM\x00"))
	if _, err := io.ReadFull(conn, command); err != nil || string(command) != "zINSTREAM\x00" {
		_, _ = io.WriteString(conn, "UNKNOWN COMMAND\x00")
		return
	}
	content, err := s.receive(conn)
	switch {
	case errors.Is(err, errTooLarge):
		_, _ = io.WriteString(conn, "INSTREAM size limit exceeded. ERROR\x00")
	case err != nil:
	case s.Mute:
		_, _ = io.Copy(io.Discard, conn)
	case bytes.Contains(content, Virus()):
		_, _ = io.WriteString(conn, "stream: "+Finding+" FOUND\x00")
	default:
		_, _ = io.WriteString(conn, "stream: OK\x00")
	}
}

var errTooLarge = errors.New("too large")

func (s *Server) receive(conn net.Conn) ([]byte, error) {
	var content []byte
	for {
		time.Sleep(s.Delay)
		var size uint32
		if err := binary.Read(conn, binary.BigEndian, &size); err != nil {
			return nil, err
		}
		if size == 0 {
			s.mu.Lock()
			s.whole++
			s.mu.Unlock()
			return content, nil
		}
		part := make([]byte, size)
		if _, err := io.ReadFull(conn, part); err != nil {
			return nil, err
		}
		content = append(content, part...)
		s.mu.Lock()
		s.seen += len(part)
		s.mu.Unlock()
		if s.Limit > 0 && len(content) > s.Limit {
			return nil, errTooLarge
		}
	}
}
