package e2e

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.temporal.io/api/history/v1"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/fellesloft/fellesloft/internal/process"
)

const recorded = "../workflows/testdata/histories"

// histories reads the history of a story's process, which must tell nothing of
// what the case is about, replay, and, where RECORD_HISTORIES names a release,
// is kept for the replay tests of later ones.
func (s *story) histories(name string) []*history.History {
	s.t.Helper()
	runs, err := s.processes().Histories(s.t.Context(), procurementCase(s.id, s.n()))
	must(s.t, err)
	folder := s.t.TempDir()
	if release := os.Getenv("RECORD_HISTORIES"); release != "" {
		folder = filepath.Join(recorded, release)
		must(s.t, os.MkdirAll(folder, 0o755))
	}
	for i, h := range runs {
		h, ok := proto.Clone(h).(*history.History)
		if !ok {
			s.t.Fatal("a clone is of its original's type")
		}
		anonymous(h.ProtoReflect())
		file := filepath.Join(folder, fmt.Sprintf("%s-%d.json", name, i+1))
		must(s.t, process.WriteHistory(file, h))
		if err := process.Replay(nolog{}, file); err != nil {
			s.t.Errorf("%s does not replay: %v", name, err)
		}
		text, err := protojson.Marshal(h)
		must(s.t, err)
		for _, word := range telling(text) {
			s.t.Errorf("the history of %s tells %q", name, word)
		}
	}
	return runs
}

// anonymous takes the names of processes and machines out of a history.
func anonymous(m protoreflect.Message) {
	m.Range(func(field protoreflect.FieldDescriptor, v protoreflect.Value) bool {
		switch {
		case field.IsMap():
		case field.IsList() && field.Message() != nil:
			for i := range v.List().Len() {
				anonymous(v.List().Get(i).Message())
			}
		case field.Message() != nil:
			anonymous(v.Message())
		case field.Name() == "identity":
			m.Set(field, protoreflect.ValueOfString("fellesloft"))
		}
		return true
	})
}

// Recorded histories go wherever the project goes.
func TestRecordedHistoriesTellNothing(t *testing.T) {
	t.Parallel()
	files := 0
	must(t, filepath.WalkDir(recorded, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		files++
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, word := range telling(text) {
			t.Errorf("%s tells %q", path, word)
		}
		for _, place := range []string{"/root/", "/home/", "/tmp/", "/Users/"} {
			if strings.Contains(string(text), place) {
				t.Errorf("%s tells of %s", path, place)
			}
		}
		return nil
	}))
	if files == 0 {
		t.Error("there are no recorded histories")
	}
}

func TestATellingHistoryIsFound(t *testing.T) {
	t.Parallel()
	data := base64.StdEncoding.EncodeToString([]byte(`{"id": "x", "price": "1200.00", "build": "Fjordlys vant anbudet"}`))
	got := telling([]byte(`{"events": [{"payloads": [{"data": "` + data + `"}]}, {"failure": {"message": "tilbud fra Fjordlys"}}]}`))
	if want := []string{"Fjordlys vant anbudet", "id=x", "price", "tilbud fra Fjordlys"}; !slices.Equal(got, want) {
		t.Errorf("found %q, want %q", got, want)
	}
}

// told are all the names under which a payload may say something: the inputs
// and outputs of workflows, and what the SDK and the mapping of faults write of
// a local activity.
var told = []string{
	"id", "n", "caseId", "commandId", "long", "over", "sleep", "build",
	"ActivityID", "ActivityType", "ReplayTime", "Attempt", "Backoff",
	"Kind", "Rule", "Paragraph", "Field", "Params", "Also", "correlation",
}

// telling gives what a history in JSON says beyond ids, numbers, codes and
// times, in order.
func telling(text []byte) []string {
	var tree any
	if err := json.Unmarshal(text, &tree); err != nil {
		return []string{err.Error()}
	}
	var words []string
	walk(tree, func(name, value string) {
		switch name {
		case "data":
			raw, err := base64.StdEncoding.DecodeString(value)
			if err != nil {
				words = append(words, value)
				return
			}
			words = append(words, tellingPayload(raw)...)
		case "message", "stackTrace", "reason", "summary", "details":
			if !isCode(value) {
				words = append(words, value)
			}
		}
	})
	slices.Sort(words)
	return slices.Compact(words)
}

func tellingPayload(raw []byte) []string {
	var tree any
	if len(raw) == 0 {
		return nil
	}
	if err := json.Unmarshal(raw, &tree); err != nil {
		return []string{string(raw)}
	}
	var words []string
	keys(tree, func(name string) {
		if !slices.Contains(told, name) {
			words = append(words, name)
		}
	})
	walk(tree, func(name, value string) {
		switch {
		case (name == "id" || name == "caseId" || name == "commandId") && len(value) != 36:
			words = append(words, name+"="+value)
		case slices.Contains(told, name) && !isCode(value):
			words = append(words, value)
		}
	})
	return words
}

// isCode reports whether a text is one word, as ids, codes and times are, or
// one of the program's own errors, which begins with its code.
func isCode(text string) bool {
	first, rest, spaced := strings.Cut(text, " ")
	return !spaced || strings.HasSuffix(first, ":") && !strings.ContainsAny(rest, `"'`) && len(text) < 120
}

// walk visits every text with the name under which it stands.
func walk(tree any, visit func(name, value string)) {
	switch tree := tree.(type) {
	case map[string]any:
		for name, v := range tree {
			if text, ok := v.(string); ok {
				visit(name, text)
			}
			walk(v, visit)
		}
	case []any:
		for _, v := range tree {
			walk(v, visit)
		}
	}
}

func keys(tree any, visit func(string)) {
	switch tree := tree.(type) {
	case map[string]any:
		for name, v := range tree {
			visit(name)
			keys(v, visit)
		}
	case []any:
		for _, v := range tree {
			keys(v, visit)
		}
	}
}

// nolog keeps the SDK's own log out of the tests' output.
type nolog struct{}

func (nolog) Debug(string, ...any) {}
func (nolog) Info(string, ...any)  {}
func (nolog) Warn(string, ...any)  {}
func (nolog) Error(string, ...any) {}
