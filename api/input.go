package api

import (
	"encoding"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"

	"github.com/fellesloft/fellesloft/internal/fault"
)

// maxJSON is the largest JSON body, in bytes: a full requirement set and room.
// Files have the limit of their use case.
const maxJSON = 8 << 20

// input says how an operation's input struct is filled. Fields tagged path,
// query or header are parameters; Body is JSON; RawBody is the bytes as sent;
// Stream is the body as it comes.
type input struct {
	params   []param
	body     []int
	raw      []int
	stream   []int // the body as it comes
	rawTypes []string
	optional bool // Body is a pointer
}

type param struct {
	in, name string
	index    []int
}

func inputOf(t reflect.Type) input {
	var in input
	for _, f := range reflect.VisibleFields(t) {
		for _, place := range []string{"path", "query", "header"} {
			if name := f.Tag.Get(place); name != "" {
				in.params = append(in.params, param{place, name, f.Index})
			}
		}
		switch f.Name {
		case "Body":
			in.body, in.optional = f.Index, f.Type.Kind() == reflect.Pointer
		case "Stream":
			in.stream = f.Index
		case "RawBody":
			in.raw, in.rawTypes = f.Index, strings.Split(f.Tag.Get("contentType"), ",")
		}
	}
	return in
}

func (in input) has(place, name string) bool {
	return slices.ContainsFunc(in.params, func(p param) bool { return p.in == place && strings.EqualFold(p.name, name) })
}

// decode fills v, an input struct, and tells of every fault of the parameters or
// of the body.
func (in input) decode(c *fiber.Ctx, v reflect.Value) error {
	var faults fault.List
	query := in.query(c, &faults)
	for _, p := range in.params {
		text, ok := "", false
		switch p.in {
		case "path":
			// What is no escape stays as it is, and fails as what it is.
			text, ok = c.Params(p.name), true
			if plain, err := url.PathUnescape(text); err == nil {
				text = plain
			}
		case "query":
			text, ok = query[p.name]
		case "header":
			text = c.Get(p.name)
			ok = text != ""
		}
		if ok {
			setParam(fieldByIndex(v, p.index), text, p.name, &faults)
		}
	}
	if err := faults.Err(); err != nil {
		return err
	}
	return in.decodeBody(c, v)
}

// query reads the query strictly: a parameter that the operation does not have,
// or one given twice, is more often a mistake than a wish.
func (in input) query(c *fiber.Ctx, faults *fault.List) map[string]string {
	out := map[string]string{}
	for key, value := range c.Request().URI().QueryArgs().All() {
		name := string(key)
		if len(name) > 100 || !utf8.ValidString(name) || !in.has("query", name) {
			faults.Addf(ruleUnknownParam, printable(name[:min(len(name), 100)]))
			continue
		}
		if _, twice := out[name]; twice {
			faults.Addf(ruleRepeatedParam, name)
			continue
		}
		out[name] = string(value)
	}
	return out
}

func setParam(v reflect.Value, text, name string, faults *fault.List) {
	if !utf8.ValidString(text) || !clean(text) {
		faults.Addf(ruleCharacters, name)
		return
	}
	if u, ok := v.Addr().Interface().(encoding.TextUnmarshaler); ok {
		if err := u.UnmarshalText([]byte(text)); err != nil {
			faults.Addf(ruleFormat, name)
		}
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(text)
	case reflect.Int, reflect.Int32, reflect.Int64:
		n, err := strconv.ParseInt(text, 10, v.Type().Bits())
		if err != nil {
			faults.Addf(ruleType, name)
		}
		v.SetInt(n)
	case reflect.Bool:
		b, err := strconv.ParseBool(text)
		if err != nil {
			faults.Addf(ruleType, name)
		}
		v.SetBool(b)
	default:
		panic("a parameter of type " + v.Type().String() + " cannot be read")
	}
}

func (in input) decodeBody(c *fiber.Ctx, v reflect.Value) error {
	if in.body == nil && in.raw == nil && in.stream == nil {
		return nil
	}
	// The body would be unpacked past its size limit.
	if c.Get(fiber.HeaderContentEncoding) != "" {
		return fault.New(fault.Invalid, ruleContentEncoding)
	}
	if in.stream != nil {
		if u, ok := c.Locals(localUpload).(*upload); ok {
			v.FieldByIndex(in.stream).Set(reflect.ValueOf(u))
		}
		return nil
	}
	body := c.Request().Body()
	mediaType, _, _ := strings.Cut(strings.ToLower(c.Get(fiber.HeaderContentType)), ";")
	mediaType = strings.TrimSpace(mediaType)
	if in.raw != nil {
		if !slices.Contains(in.rawTypes, mediaType) && !slices.Contains(in.rawTypes, "*/*") {
			return fault.New(fault.Invalid, ruleMediaType, fault.Params{"expected": strings.Join(in.rawTypes, ", ")})
		}
		v.FieldByIndex(in.raw).SetBytes(slices.Clone(body))
		return nil
	}
	if len(body) == 0 {
		if in.optional {
			return nil
		}
		return fault.New(fault.Invalid, ruleBodyMissing)
	}
	if mediaType != fiber.MIMEApplicationJSON {
		return fault.New(fault.Invalid, ruleMediaType, fault.Params{"expected": fiber.MIMEApplicationJSON})
	}
	if len(body) > maxJSON {
		return fault.New(fault.TooLarge, ruleTooLarge, fault.Params{"max": strconv.Itoa(maxJSON)})
	}
	if !utf8.Valid(body) {
		return fault.New(fault.Invalid, ruleJSON)
	}
	field := v.FieldByIndex(in.body)
	return decodeJSON(body, field.Addr().Interface())
}
