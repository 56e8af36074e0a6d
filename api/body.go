package api

import (
	"errors"
	"io"
	"net"
	"sync/atomic"
)

// Listen answers the requests of a listener until the server is shut down. It is
// to be used in place of the web server's own: only so a body that a caller broke
// off is known from a whole one.
func (s *Server) Listen(l net.Listener) error { return s.web.Listener(attentive{l}) }

// attentive gives connections that remember that the other end hung up.
type attentive struct{ net.Listener }

func (l attentive) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &connection{Conn: conn}, nil
}

type connection struct {
	net.Conn
	ended atomic.Bool
}

func (c *connection) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if errors.Is(err, io.EOF) {
		c.ended.Store(true)
	}
	return n, err
}

// entire is a body that ends where its sender ended it. The web server gives the
// end of the connection as the end of the body: before the length that was
// announced, and between two chunks. It reads on from the connection only for
// what the body lacks, so one that ended while a body was read cut it off; a
// caller that sends a whole request and then closes its half is answered.
type entire struct {
	from io.Reader
	conn net.Conn
	size int64 // negative where the sender has not said
	read int64
}

// Read returns [io.ErrUnexpectedEOF] at the end of what was cut off.
func (w *entire) Read(p []byte) (int, error) {
	n, err := w.from.Read(p)
	w.read += int64(n)
	if errors.Is(err, io.EOF) && w.cut() {
		err = io.ErrUnexpectedEOF
	}
	return n, err
}

func (w *entire) cut() bool {
	if w.size >= 0 {
		return w.read < w.size
	}
	c, ok := w.conn.(*connection)
	return ok && c.ended.Load()
}
