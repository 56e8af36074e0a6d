package e2e

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protojson"

	"github.com/fellesloft/fellesloft/db/dbtest"
	"github.com/fellesloft/fellesloft/internal/devenv"
)

// laidOpen is a whole program of which a test can read everything that it
// leaves: its PostgreSQL server and its Temporal server are its own.
type laidOpen struct {
	*story
	cluster *devenv.Postgres
	engine  *ownTemporal
	// nowhere is the folder for temporary files that the processes are told of. It
	// does not exist: whoever wants a temporary file fails.
	nowhere string
}

// newLaidOpen starts a program that leaves as much as it can.
func newLaidOpen(t *testing.T) *laidOpen {
	t.Helper()
	cluster := ownPostgres(t,
		// The whole write-ahead log is kept, with what a deployment's has.
		"wal_level=replica", "full_page_writes=on", "wal_keep_size=1TB",
		// Whatever is ever sent to the server, its log tells, values and all.
		"log_statement=all", "log_min_messages=info", "log_error_verbosity=verbose", "log_parameter_max_length=-1", "log_parameter_max_length_on_error=-1",
		// A statement that wants a temporary file fails.
		"temp_file_limit=0")
	temporal, options := newOwnTemporal(t)
	o := &laidOpen{cluster: cluster, engine: temporal, nowhere: filepath.Join(t.TempDir(), "nowhere")}
	o.story = newStory(prepareIn(t, dbtest.NewAt(t, cluster.URL()), options))
	for _, p := range []*part{o.serve, o.worker} {
		p.settings["LOG_LEVEL"], p.settings["TMPDIR"] = "DEBUG", o.nowhere
		p.start()
	}
	return o
}

// ownPostgres is a server of one test's own.
func ownPostgres(t *testing.T, settings ...string) *devenv.Postgres {
	t.Helper()
	checkout, err := devenv.FindCheckout()
	must(t, err)
	place, err := checkout.Scratch("e2e")
	must(t, err)
	t.Cleanup(func() {
		if err := os.RemoveAll(place.Dir); err != nil {
			t.Errorf("remove %s: %v", place.Dir, err)
		}
	})
	cluster, err := devenv.StartPostgres(t.Context(), devenv.PostgresConfig{Place: place, Disposable: true, Settings: settings})
	must(t, err)
	t.Cleanup(func() {
		if err := cluster.Stop(); err != nil {
			t.Errorf("stop PostgreSQL: %v", err)
		}
	})
	return cluster
}

// Where something can lie.
const (
	inTables     = "tables"
	inHeap       = "files of tables and indexes"
	inWAL        = "write-ahead log"
	inServerLog  = "PostgreSQL's log"
	inOtherFiles = "other files of PostgreSQL"
	inDump       = "pg_dump"
	inCustomDump = "pg_dump, custom format"
	inObjects    = "object store"
	inServe      = "log of serve"
	inWorker     = "log of the worker"
	inTemporal   = "files of Temporal"
	inHistories  = "histories of Temporal"
	inMail       = "mail"
)

// traces tells for each word the places that hold it, and how.
type traces map[string]map[string]string

func (t traces) add(f *finder, place, name string, data []byte) {
	for word, how := range f.find(data) {
		if t[word] == nil {
			t[word] = map[string]string{}
		}
		if t[word][place] == "" {
			t[word][place] = name + ", " + how
		}
	}
}

// places names where a word lies.
func (t traces) places(word string) []string {
	var all []string
	for place := range t[word] {
		all = append(all, place)
	}
	slices.Sort(all)
	return all
}

// look goes through everything that the program leaves.
func (o *laidOpen) look(f *finder) traces {
	o.t.Helper()
	found := traces{}
	o.tables(func(name string, row []byte) { found.add(f, inTables, name, row) })
	o.exec(`SELECT pg_switch_wal()`)
	o.exec(`CHECKPOINT`)
	o.folder(o.cluster.DataDir(), func(name string, content []byte) {
		place := inOtherFiles
		switch first, _, _ := strings.Cut(name, string(filepath.Separator)); first {
		case "base", "global":
			place = inHeap
		case "pg_wal":
			place = inWAL
		}
		found.add(f, place, name, content)
	})
	found.add(f, inServerLog, "", o.file(o.cluster.LogFile()))
	o.dumps(func(place string, content []byte) { found.add(f, place, "", content) })
	o.folder(o.files, func(name string, content []byte) {
		found.add(f, inObjects, name, content)
		found.add(f, inObjects, name, []byte(name))
	})
	found.add(f, inServe, "", o.file(o.serve.log))
	found.add(f, inWorker, "", o.file(o.worker.log))
	o.folder(o.engine.place.Dir, func(name string, content []byte) { found.add(f, inTemporal, name, content) })
	o.exported(func(content []byte) { found.add(f, inHistories, "", content) })
	caught, err := json.Marshal(o.mail.Messages(""))
	must(o.t, err)
	found.add(f, inMail, "", caught)
	if _, err := os.Stat(o.nowhere); !errors.Is(err, fs.ErrNotExist) {
		o.t.Errorf("somebody has made the folder for temporary files: %v", err)
	}
	return found
}

func (o *laidOpen) file(path string) []byte {
	o.t.Helper()
	content, err := os.ReadFile(path)
	must(o.t, err)
	return content
}

// folder reads every file below a folder; what goes away meanwhile is passed
// over.
func (o *laidOpen) folder(root string, visit func(name string, content []byte)) {
	o.t.Helper()
	must(o.t, filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		content, err := os.ReadFile(path)
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err == nil {
			name, _ := filepath.Rel(root, path)
			visit(name, content)
		}
		return err
	}))
}

// dumps makes backups as an operator does. The custom format is compressed, so
// it is read through pg_restore.
func (o *laidOpen) dumps(visit func(place string, content []byte)) {
	o.t.Helper()
	dump, restore := o.cluster.Program("pg_dump"), o.cluster.Program("pg_restore")
	if dump == "" || restore == "" {
		o.t.Log("pg_dump does not come with this server: backups are not looked at")
		return
	}
	address := "--dbname=" + o.db.URL(dbtest.Super)
	visit(inDump, o.output(nil, dump, "--format=plain", address))
	custom := o.output(nil, dump, "--format=custom", address)
	visit(inCustomDump, o.output(custom, restore, "--file=-"))
}

func (o *laidOpen) output(in []byte, program string, args ...string) []byte {
	o.t.Helper()
	cmd := exec.CommandContext(o.t.Context(), program, args...)
	cmd.Stdin = bytes.NewReader(in)
	var failed bytes.Buffer
	cmd.Stderr = &failed
	out, err := cmd.Output()
	if err != nil {
		o.t.Fatalf("%s: %v\n%s", filepath.Base(program), err, &failed)
	}
	return out
}

// exported gives every history that Temporal has, as JSON.
func (o *laidOpen) exported(visit func([]byte)) {
	o.t.Helper()
	runs, err := o.processes().Histories(o.t.Context(), procurementCase(o.id, o.n()))
	must(o.t, err)
	for _, h := range runs {
		text, err := protojson.Marshal(h)
		must(o.t, err)
		visit(text)
	}
}
