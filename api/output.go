package api

import (
	"bytes"
	"encoding/json"
	"net/http"
	"reflect"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gofiber/fiber/v2"
)

// output says how an operation's output struct is written: Status, fields tagged
// header, and Body, which is JSON or, as []byte or *content, the bytes of a file.
type output struct {
	status  []int
	body    []int
	headers []param
	success int
}

func outputOf(t reflect.Type, success int) output {
	out := output{success: success}
	for _, f := range reflect.VisibleFields(t) {
		if name := f.Tag.Get("header"); name != "" {
			out.headers = append(out.headers, param{"header", name, f.Index})
		}
		switch f.Name {
		case "Body":
			out.body = f.Index
		case "Status":
			out.status = f.Index
		}
	}
	if out.success == 0 {
		out.success = http.StatusOK
		if out.body == nil {
			out.success = http.StatusNoContent
		}
	}
	return out
}

// response is an answer ready to be written, and to be kept under an
// Idempotency-Key.
type response struct {
	status  int
	headers map[string]string
	body    []byte
	// kept is what is stored instead of the body; nil for the body itself.
	kept   []byte
	isJSON bool
	// stream stands in place of the body, which is then read as it is sent.
	stream *content
}

// discreet is a body that holds what must not be stored.
type discreet interface{ kept() any }

// Built is the JSON of a T that the database has built: a large list goes out as
// it is, without becoming a T on the way.
type Built[T any] []byte

// Schema documents it as a T.
func (Built[T]) Schema(r huma.Registry) *huma.Schema {
	return r.Schema(reflect.TypeFor[T](), true, "")
}

func (b Built[T]) built() []byte { return b }

func (o output) encode(v reflect.Value) (response, error) {
	r := response{status: o.success, headers: map[string]string{}}
	if o.status != nil {
		if s := int(v.FieldByIndex(o.status).Int()); s != 0 {
			r.status = s
		}
	}
	for _, h := range o.headers {
		f := v.FieldByIndex(h.index)
		if text := f.String(); text != "" {
			r.headers[h.name] = text
		}
	}
	if o.body == nil {
		return r, nil
	}
	body := v.FieldByIndex(o.body)
	switch b := body.Interface().(type) {
	case []byte:
		r.body = b
		return r, nil
	case *content:
		r.stream = b
		return r, nil
	case interface{ built() []byte }:
		r.body, r.isJSON = b.built(), true
		return r, nil
	}
	var buffer bytes.Buffer
	encoder := json.NewEncoder(&buffer)
	encoder.SetEscapeHTML(false) // the media type says that it is no page
	if err := encoder.Encode(body.Interface()); err != nil {
		return r, err
	}
	r.body, r.isJSON = buffer.Bytes(), true
	if d, ok := body.Interface().(discreet); ok {
		kept, err := json.Marshal(d.kept())
		r.kept = kept
		return r, err
	}
	return r, nil
}

func (r response) write(c *fiber.Ctx) error {
	if r.isJSON {
		c.Set(fiber.HeaderContentType, fiber.MIMEApplicationJSON)
	}
	for name, value := range r.headers {
		c.Set(name, value)
	}
	c.Status(r.status)
	if r.stream != nil {
		c.Response().SetBodyStream(sent{r.stream, c.Context().Conn()}, int(r.stream.size))
		return nil
	}
	if r.body == nil {
		return nil
	}
	return c.Send(r.body)
}
