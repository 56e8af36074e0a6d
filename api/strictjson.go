package api

import (
	"bytes"
	"encoding"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"unicode"

	"github.com/fellesloft/fellesloft/internal/fault"
)

// maxDepth bounds nesting; conditions of requirements are the deepest input.
const maxDepth = 64

var (
	jsonUnmarshaler = reflect.TypeFor[json.Unmarshaler]()
	textUnmarshaler = reflect.TypeFor[encoding.TextUnmarshaler]()
	rawMessage      = reflect.TypeFor[json.RawMessage]()
)

// decodeJSON reads a document into v, which is a pointer, and tells of every
// fault with its path: unknown and repeated fields, wrong types, malformed
// values, characters that no text may hold. Field names are case-sensitive.
//
// The standard decoder stops at the first fault and does not say where an
// unknown field or a malformed value stands.
func decodeJSON(body []byte, v any) error {
	if !json.Valid(body) {
		return fault.New(fault.Invalid, ruleJSON)
	}
	d := strictDecoder{}
	d.value("", 0, bytes.TrimSpace(body), reflect.ValueOf(v).Elem())
	return d.faults.Err()
}

type strictDecoder struct {
	faults fault.List
	count  int
}

func (d *strictDecoder) refuse(rule, path string) {
	const longest = 200 // a path is made of the caller's own names
	d.count++
	if d.count <= maxViolations {
		d.faults.Addf(rule, path[:min(len(path), longest)])
	}
}

func (d *strictDecoder) value(path string, depth int, raw json.RawMessage, v reflect.Value) {
	if depth > maxDepth {
		d.refuse(ruleTooDeep, path)
		return
	}
	t := v.Type()
	null := bytes.Equal(raw, []byte("null"))
	switch {
	case t == rawMessage || isLeaf(t):
		d.leaf(path, raw, v)
	case t.Kind() == reflect.Pointer:
		if null {
			return
		}
		v.Set(reflect.New(t.Elem()))
		d.value(path, depth+1, raw, v.Elem())
	case t.Kind() == reflect.Struct:
		d.object(path, depth, raw, v)
	case t.Kind() == reflect.Slice && t.Elem().Kind() != reflect.Uint8:
		if !null {
			d.list(path, depth, raw, v)
		}
	case t.Kind() == reflect.Map && t.Key().Kind() == reflect.String && !isLeaf(t.Key()):
		if !null {
			d.dictionary(path, depth, raw, v)
		}
	default:
		d.leaf(path, raw, v)
	}
}

// isLeaf tells types that read themselves.
func isLeaf(t reflect.Type) bool {
	p := reflect.PointerTo(t)
	return t.Kind() != reflect.Pointer && (p.Implements(jsonUnmarshaler) || p.Implements(textUnmarshaler))
}

func (d *strictDecoder) leaf(path string, raw json.RawMessage, v reflect.Value) {
	if !cleanJSON(raw) {
		d.refuse(ruleCharacters, path)
		return
	}
	err := json.Unmarshal(raw, v.Addr().Interface())
	if err == nil {
		return
	}
	if f, ok := fault.As(err); ok && f.Kind == fault.Invalid {
		d.count++
		at := *f
		d.faults.Add(at.At(join(path, f.Field)))
		return
	}
	if isLeaf(v.Type()) {
		d.refuse(ruleFormat, path)
		return
	}
	d.refuse(ruleType, path)
}

func (d *strictDecoder) object(path string, depth int, raw json.RawMessage, v reflect.Value) {
	members, ok := d.members(path, raw)
	if !ok {
		return
	}
	known := fieldsOf(v.Type())
	for _, m := range members {
		at := join(path, m.name)
		index, ok := known[m.name]
		if !ok {
			d.refuse(ruleUnknownField, join(path, printable(m.name)))
			continue
		}
		d.value(at, depth+1, m.value, fieldByIndex(v, index))
	}
}

func (d *strictDecoder) dictionary(path string, depth int, raw json.RawMessage, v reflect.Value) {
	members, ok := d.members(path, raw)
	if !ok {
		return
	}
	v.Set(reflect.MakeMapWithSize(v.Type(), len(members)))
	for _, m := range members {
		item := reflect.New(v.Type().Elem()).Elem()
		d.value(join(path, m.name), depth+1, m.value, item)
		v.SetMapIndex(reflect.ValueOf(m.name).Convert(v.Type().Key()), item)
	}
}

func (d *strictDecoder) list(path string, depth int, raw json.RawMessage, v reflect.Value) {
	var items []json.RawMessage
	if json.Unmarshal(raw, &items) != nil {
		d.refuse(ruleType, path)
		return
	}
	v.Set(reflect.MakeSlice(v.Type(), len(items), len(items)))
	for i, item := range items {
		d.value(fmt.Sprintf("%s[%d]", path, i), depth+1, item, v.Index(i))
	}
}

type member struct {
	name  string
	value json.RawMessage
}

// members reads an object's members in order; a repeated name is refused, since
// readers differ in which one counts.
func (d *strictDecoder) members(path string, raw json.RawMessage) ([]member, bool) {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	start, err := decoder.Token()
	if err != nil || start != json.Delim('{') {
		d.refuse(ruleType, path)
		return nil, false
	}
	var out []member
	seen := map[string]bool{}
	for decoder.More() {
		token, err := decoder.Token()
		name, ok := token.(string)
		if err != nil || !ok {
			d.refuse(ruleJSON, path)
			return nil, false
		}
		var m member
		m.name = name
		if err := decoder.Decode(&m.value); err != nil {
			d.refuse(ruleJSON, join(path, printable(name)))
			return nil, false
		}
		switch {
		case !clean(name):
			d.refuse(ruleCharacters, join(path, printable(name)))
		case seen[name]:
			d.refuse(ruleRepeatedField, join(path, name))
		default:
			seen[name] = true
			out = append(out, m)
		}
	}
	return out, true
}

func join(path, name string) string {
	switch {
	case path == "":
		return name
	case name == "":
		return path
	}
	return path + "." + name
}

// cleanJSON reports whether every text in a JSON value is clean.
func cleanJSON(raw json.RawMessage) bool {
	if len(raw) == 0 || raw[0] != '"' {
		// A control character in JSON is written as an escape.
		return !bytes.Contains(raw, []byte(`\u00`)) || cleanTree(raw)
	}
	var s string
	return json.Unmarshal(raw, &s) != nil || clean(s)
}

func cleanTree(raw json.RawMessage) bool {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	for {
		token, err := decoder.Token()
		if err != nil {
			return true // the end; the document is known to be valid
		}
		if s, ok := token.(string); ok && !clean(s) {
			return false
		}
	}
}

// clean refuses what PostgreSQL cannot store (NUL) and what only hides or
// breaks text: control characters other than tab and line breaks, and what was
// no character at all.
func clean(s string) bool {
	for _, r := range s {
		if r == unicode.ReplacementChar || (unicode.IsControl(r) && r != '\n' && r != '\r' && r != '\t') {
			return false
		}
	}
	return true
}

// printable makes a name fit to be shown in a refusal.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return '?'
	}, s)
}

var fieldCache sync.Map // reflect.Type → map[string][]int

// fieldsOf gives the JSON names of a struct's fields, those of embedded structs
// included; an outer field hides an inner one of the same name.
func fieldsOf(t reflect.Type) map[string][]int {
	if known, ok := fieldCache.Load(t); ok {
		return known.(map[string][]int) //nolint:forcetypeassert,errcheck // the line below is the only writer
	}
	out := map[string][]int{}
	for _, f := range reflect.VisibleFields(t) {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if !f.IsExported() || name == "-" || (f.Anonymous && name == "") {
			continue
		}
		if name == "" {
			name = f.Name
		}
		if old, ok := out[name]; ok && len(old) <= len(f.Index) {
			continue
		}
		out[name] = f.Index
	}
	fieldCache.Store(t, out)
	return out
}

// fieldByIndex is reflect's, making embedded pointers as it goes.
func fieldByIndex(v reflect.Value, index []int) reflect.Value {
	for i, x := range index {
		if i > 0 && v.Kind() == reflect.Pointer {
			if v.IsNil() {
				v.Set(reflect.New(v.Type().Elem()))
			}
			v = v.Elem()
		}
		v = v.Field(x)
	}
	return v
}
