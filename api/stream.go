package api

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gofiber/fiber/v2"

	"github.com/fellesloft/fellesloft/internal/fault"
)

const (
	localUpload = "upload"

	// streamLife bounds one upload or download; streamIdle how long nothing may
	// come or go within it. Slow lines get their time, dead ones do not.
	streamLife = time.Hour
	streamIdle = time.Minute
	// drained is how much of a refused upload is read and thrown away, so that
	// its sender gets to read why.
	drained = 256 << 10
)

// bodies reads the body of every request but an upload, whole and within
// maxBody: the web server itself hands over streams without a limit. What is
// left unread of a body must never be taken for the next request, so then the
// connection ends.
func (s *Server) bodies(c *fiber.Ctx) error {
	stream := c.Context().RequestBodyStream()
	if stream == nil {
		return c.Next()
	}
	length := c.Request().Header.ContentLength()
	stream = &entire{from: stream, conn: c.Context().Conn(), size: int64(length)}
	if s.takesStream(c) {
		u := &upload{conn: c.Context().Conn(), from: stream, size: int64(length)}
		c.Locals(localUpload, u)
		err := c.Next()
		if !u.drain() {
			c.Context().SetConnectionClose()
		}
		return err
	}
	if length <= maxBody {
		body, err := io.ReadAll(io.LimitReader(stream, maxBody+1))
		if err != nil {
			c.Context().SetConnectionClose()
			return brokenBody(err)
		}
		if len(body) <= maxBody {
			c.Request().SetBodyRaw(body)
			return c.Next()
		}
	}
	c.Context().SetConnectionClose()
	return fault.New(fault.TooLarge, ruleTooLarge, fault.Params{"max": strconv.Itoa(maxBody)})
}

func brokenBody(err error) error {
	var timeout net.Error
	if errors.As(err, &timeout) && timeout.Timeout() {
		return routerRules[http.StatusRequestTimeout]
	}
	return fault.Wrap(fault.Invalid, ruleMalformed, err)
}

// takesStream reports whether the request is for an operation that reads its
// body as a stream.
func (s *Server) takesStream(c *fiber.Ctx) bool {
	for _, o := range s.streams {
		if c.Method() == o.Method && matches(Base+o.Path, c.Path()) {
			return true
		}
	}
	return false
}

// matches compares an address with a path whose parameters stand in braces.
func matches(pattern, path string) bool {
	want, got := strings.Split(pattern, "/"), strings.Split(path, "/")
	if len(want) != len(got) {
		return false
	}
	for i := range want {
		if want[i] != got[i] && !(strings.HasPrefix(want[i], "{") && got[i] != "") {
			return false
		}
	}
	return true
}

// upload is a body as it comes. Its operation reads it; it is read no further
// than the operation wants.
type upload struct {
	conn  net.Conn
	from  io.Reader
	size  int64 // negative where the sender has not said
	ended bool
}

// Read gives the next bytes, and moves the deadline with them.
func (u *upload) Read(p []byte) (int, error) {
	if u.ended {
		return 0, io.EOF
	}
	if err := u.conn.SetReadDeadline(time.Now().Add(streamIdle)); err != nil {
		return 0, err
	}
	n, err := u.from.Read(p)
	u.ended = errors.Is(err, io.EOF)
	return n, err
}

// drain reads a little more and reports whether that was all.
func (u *upload) drain() bool {
	if u.ended {
		return true
	}
	if err := u.conn.SetReadDeadline(time.Now().Add(time.Second)); err != nil {
		return false
	}
	n, err := io.Copy(io.Discard, io.LimitReader(u.from, drained))
	return err == nil && n < drained
}

// content is an answer that is read as it is sent.
type content struct {
	io.ReadCloser
	size int64
	// ends lets go of what the reading needs.
	ends context.CancelFunc
}

// Schema documents it as bytes.
func (*content) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeString, Format: "binary"}
}

// Close ends the reading.
func (c *content) Close() error {
	defer c.ends()
	return c.ReadCloser.Close()
}

// sent is a content on its way out, which moves the deadline as it goes.
type sent struct {
	*content
	conn net.Conn
}

func (s sent) Read(p []byte) (int, error) {
	if err := s.conn.SetWriteDeadline(time.Now().Add(streamIdle)); err != nil {
		return 0, err
	}
	return s.content.Read(p)
}

// unhurried is the context of an upload or download, which may take longer than
// other requests.
func unhurried(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), streamLife)
}
