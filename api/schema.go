package api

import (
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/internal/domain/calendar"
	"github.com/fellesloft/fellesloft/internal/domain/money"
)

// The forms of types that read themselves from text.
type (
	uuidForm struct{}
	nokForm  struct{}
	dateForm struct{}
)

// Schema documents an id.
func (uuidForm) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeString, Format: "uuid"}
}

// Schema documents an amount.
func (nokForm) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeString, Pattern: `^-?[0-9]+(\.[0-9]{1,2})?$`, Description: "kroner excluding VAT, at most two decimals", Examples: []any{"1250000.50"}}
}

// Schema documents a date; the empty text is no date.
func (dateForm) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeString, Pattern: `^([0-9]{4}-[0-9]{2}-[0-9]{2})?$`, Description: "2006-01-02, or empty for no date"}
}

// newRegistry names schemas after their types; a type of another package
// carries its package's name too, since packages share nouns.
func newRegistry() huma.Registry {
	own := reflect.TypeFor[Problem]().PkgPath()
	r := huma.NewMapRegistry("#/components/schemas/", func(t reflect.Type, hint string) string {
		for t.Kind() == reflect.Pointer {
			t = t.Elem()
		}
		name := huma.DefaultSchemaNamer(t, hint)
		pkg := t.PkgPath()
		if pkg == "" || pkg == own || t.Name() == "" || t.Kind() != reflect.Struct {
			return name
		}
		pkg = pkg[strings.LastIndexByte(pkg, '/')+1:]
		if strings.EqualFold(pkg, name) {
			return name
		}
		return strings.ToUpper(pkg[:1]) + pkg[1:] + name
	})
	r.RegisterTypeAlias(reflect.TypeFor[uuid.UUID](), reflect.TypeFor[uuidForm]())
	r.RegisterTypeAlias(reflect.TypeFor[money.NOK](), reflect.TypeFor[nokForm]())
	r.RegisterTypeAlias(reflect.TypeFor[calendar.Date](), reflect.TypeFor[dateForm]())
	return r
}

// limitSchemas writes the limits of validate tags into the schemas of all types
// in the registry.
func limitSchemas(r huma.Registry) {
	for name, s := range r.Map() {
		t := r.TypeFromRef("#/components/schemas/" + name)
		if t == nil || t.Kind() != reflect.Struct || t == reflect.TypeFor[time.Time]() {
			continue
		}
		for field, index := range fieldsOf(t) {
			if property := s.Properties[field]; property != nil {
				limit(property, t.FieldByIndex(index))
			}
		}
	}
}

// limitParams does the same for an operation's parameters.
func limitParams(o *huma.Operation, t reflect.Type, in input) {
	for _, p := range in.params {
		for _, documented := range o.Parameters {
			if documented.In == p.in && documented.Name == p.name {
				f := t.FieldByIndex(p.index)
				limit(documented.Schema, f)
				documented.Required = p.in == "path" || strings.HasPrefix(f.Tag.Get("validate"), "required")
			}
		}
	}
}

func limit(s *huma.Schema, f reflect.StructField) {
	t := f.Type
	for tag := range strings.SplitSeq(f.Tag.Get("validate"), ",") {
		for t.Kind() == reflect.Pointer {
			t = t.Elem()
		}
		if tag == "dive" {
			if s.Items == nil || s.Items.Ref != "" || t.Kind() != reflect.Slice {
				return
			}
			s, t = s.Items, t.Elem()
			continue
		}
		name, value, _ := strings.Cut(tag, "=")
		limitBy(s, t, name, value)
	}
}

func limitBy(s *huma.Schema, t reflect.Type, name, value string) {
	switch name {
	case "email":
		s.Format = "email"
	case "url", "http_url", "https_url":
		s.Format = "uri"
	case "oneof":
		s.Enum = nil
		for v := range strings.FieldsSeq(value) {
			s.Enum = append(s.Enum, v)
		}
	case "unique":
		s.UniqueItems = value == ""
	case "min", "gte", "max", "lte", "len":
		n, err := strconv.ParseFloat(value, 64)
		if err == nil {
			limitSize(s, t, name, n)
		}
	}
}

func limitSize(s *huma.Schema, t reflect.Type, name string, n float64) {
	low, high := name == "min" || name == "gte" || name == "len", name == "max" || name == "lte" || name == "len"
	whole := int(n)
	switch {
	case t.Kind() == reflect.String:
		if low {
			s.MinLength = &whole
		}
		if high {
			s.MaxLength = &whole
		}
	case t.Kind() == reflect.Slice:
		if low {
			s.MinItems = &whole
		}
		if high {
			s.MaxItems = &whole
		}
	case s.Type == huma.TypeInteger || s.Type == huma.TypeNumber:
		if low {
			s.Minimum = &n
		}
		if high {
			s.Maximum = &n
		}
	}
}
