package bench_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/fellesloft/fellesloft/api"
	"github.com/fellesloft/fellesloft/bench"
	"github.com/fellesloft/fellesloft/db"
	"github.com/fellesloft/fellesloft/db/dbtest"
	"github.com/fellesloft/fellesloft/internal/actor"
	"github.com/fellesloft/fellesloft/internal/domain/requirement"
	"github.com/fellesloft/fellesloft/internal/signin/devissuer"
)

// market is the program behind a socket, competitions in it, and beside them what
// one writes who wants nothing but the rows.
type market struct {
	t      *testing.T
	db     *dbtest.DB
	stack  *bench.Stack
	issuer *devissuer.Issuer
	base   string
	plain  *pgxpool.Pool
}

func newMarket(t *testing.T) *market {
	t.Helper()
	d := dbtest.New(t)
	m := &market{t: t, db: d, stack: open(t, d), issuer: newIssuer(t, d)}
	server := serverOf(t, m.stack, m.issuer, time.Now)
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	must(t, err)
	go server.Listen(listener) //nolint:errcheck // it ends with the test
	t.Cleanup(func() { must(t, server.Web().ShutdownWithTimeout(5*time.Second)) })
	m.base = "http://" + listener.Addr().String() + api.Base
	m.plain = d.PoolOf(db.RoleOwner, 2)
	// As the program's own tables, but for what is sealed: the key that finds an
	// answer, and the value as what it is.
	d.Exec(db.RoleOwner, `CREATE TABLE plain_answers (tender_id uuid, draft integer, requirement_id uuid, lot_id uuid, part text, version bigint, value jsonb);
		CREATE TABLE plain_drafts (LIKE plain_answers, PRIMARY KEY (tender_id, draft, requirement_id))`)
	return m
}

func (m *market) compete(answers int) bench.Competition {
	m.t.Helper()
	c, err := m.stack.Compete(m.t.Context(), answers)
	must(m.t, err)
	return c
}

// caller is one who has nothing but the HTTP API.
type caller struct {
	m     *market
	token string
}

func (m *market) as(subject string) caller {
	m.t.Helper()
	token, err := m.issuer.TokenBy("RS256", subject, "", map[string]any{"exp": time.Now().AddDate(100, 0, 0).Unix()})
	must(m.t, err)
	return caller{m, token}
}

// post sends a request, reads the whole answer and gives it with the seconds that
// it took.
func (c caller) post(path string, body []byte) (answer []byte, seconds float64, err error) {
	r, err := http.NewRequestWithContext(context.Background(), http.MethodPost, c.m.base+path, bytes.NewReader(body))
	if err != nil {
		return nil, 0, err
	}
	for name, value := range map[string]string{"Authorization": "Bearer " + c.token, "Content-Type": "application/json", "If-Match": "*", "Idempotency-Key": uuid.NewString()} {
		r.Header.Set(name, value)
	}
	start := time.Now()
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		return nil, 0, err
	}
	defer response.Body.Close()
	if answer, err = io.ReadAll(response.Body); err == nil && response.StatusCode/100 != 2 {
		err = fmt.Errorf("%s: %d %.500s", path, response.StatusCode, answer)
	}
	return answer, time.Since(start).Seconds(), err
}

// tender is a supplier's, which is saved and handed in again and again.
type tender struct {
	bench.Competition
	id                uuid.UUID
	author, signatory caller
	rows              []api.AnswerRow
	lots              []byte // the request that hands it in
	saves             int
}

func (m *market) tender(c bench.Competition) *tender {
	m.t.Helper()
	x := &tender{Competition: c, author: m.as(bench.Author), signatory: m.as(bench.Signatory)}
	text, _, err := x.author.post("/procurements/"+c.ID.String()+"/interest", nil)
	must(m.t, err)
	var begun api.Tender
	must(m.t, json.Unmarshal(text, &begun))
	x.id = begun.ID
	for id, v := range c.Answers {
		x.rows = append(x.rows, api.AnswerRow{Requirement: id.String(), Value: v})
	}
	declared, err := json.Marshal(api.Answers{Declaration: bench.Declaration()})
	must(m.t, err)
	_, _, err = x.author.post("/tenders/"+x.id.String()+"/answers", declared)
	must(m.t, err)
	x.lots, err = json.Marshal(api.Submission{Lots: c.Lots})
	must(m.t, err)
	return x
}

// save saves every answer, each with a reason for its secrecy that it did not have
// before: what is stored already would not be written.
func (x *tender) save() (float64, error) {
	x.saves++
	for i := range x.rows {
		x.rows[i].Secret = &requirement.Secret{Reason: fmt.Sprintf("Lagring %09d", x.saves)}
	}
	body, err := json.Marshal(api.Answers{Answers: x.rows})
	if err != nil {
		return 0, err
	}
	text, seconds, err := x.author.post("/tenders/"+x.id.String()+"/answers", body)
	if err != nil {
		return 0, err
	}
	var saved api.AnswersSaved
	if err := json.Unmarshal(text, &saved); err != nil {
		return 0, err
	}
	if len(saved.Saved) != len(x.rows) {
		return 0, fmt.Errorf("%d answers were saved of %d: %+v", len(saved.Saved), len(x.rows), saved.Problems)
	}
	versions := map[string]int64{}
	for _, s := range saved.Saved {
		versions[s.Requirement.String()] = s.Version
	}
	for i := range x.rows {
		x.rows[i].Version = versions[x.rows[i].Requirement]
	}
	return seconds, nil
}

// submit saves everything, which is not measured, and hands it in.
func (x *tender) submit() (float64, error) {
	if _, err := x.save(); err != nil {
		return 0, err
	}
	_, seconds, err := x.signatory.post("/tenders/"+x.id.String()+"/submissions", x.lots)
	return seconds, err
}

// copied is a bare COPY of tenders' answers in a transaction of its own.
func (m *market) copied(values requirement.Values, tenders int) func() (float64, error) {
	var rows [][]any
	for range tenders {
		id := uuid.New()
		for r, v := range values {
			rows = append(rows, []any{id, 1, r, uuid.Nil, "quality", 1, v})
		}
	}
	return func() (float64, error) {
		ctx := m.t.Context()
		start := time.Now()
		err := pgx.BeginFunc(ctx, m.plain, func(tx pgx.Tx) error {
			_, err := tx.CopyFrom(ctx, pgx.Identifier{"plain_answers"}, []string{"tender_id", "draft", "requirement_id", "lot_id", "part", "version", "value"}, pgx.CopyFromRows(rows))
			return err
		})
		return time.Since(start).Seconds(), err
	}
}

// inserted is one statement that inserts answers from a JSON array that has been
// made before.
func (m *market) inserted(values requirement.Values) func() (float64, error) {
	type row struct {
		Requirement uuid.UUID       `json:"requirement_id"`
		Value       json.RawMessage `json:"value"`
	}
	rows := make([]row, 0, len(values))
	for id, v := range values {
		rows = append(rows, row{id, v})
	}
	text, err := json.Marshal(rows)
	return func() (float64, error) {
		if err != nil {
			return 0, err
		}
		start := time.Now()
		_, err := m.plain.Exec(m.t.Context(), `INSERT INTO plain_drafts
			SELECT $1, 1, r.requirement_id, '00000000-0000-0000-0000-000000000000', 'quality', 1, r.value FROM jsonb_to_recordset($2::jsonb) AS r(requirement_id uuid, value jsonb)`, uuid.New(), string(text))
		return time.Since(start).Seconds(), err
	}
}

const thousand = 1000

// TestSubmission compares handing in a tender of 1,000 answers, the whole request
// over a socket, with a bare COPY of the same answers.
func TestSubmission(t *testing.T) {
	m := newMarket(t)
	x := m.tender(m.compete(thousand))
	m.db.Exec(db.RoleOwner, `ANALYZE`)
	r, err := bench.Compare(*rounds, x.submit, m.copied(x.Answers, 1))
	must(t, err)
	t.Logf("a sealed submission of %d answers: %v of a bare COPY", thousand, r)
}

// TestBulkSave compares saving 1,000 answers in one request with one INSERT of
// the same.
func TestBulkSave(t *testing.T) {
	m := newMarket(t)
	x := m.tender(m.compete(thousand))
	m.db.Exec(db.RoleOwner, `ANALYZE`)
	r, err := bench.Compare(*rounds, x.save, m.inserted(x.Answers))
	must(t, err)
	t.Logf("a bulk save of %d answers: %v of one INSERT", thousand, r)
}

// TestOpening compares the opening of 50 tenders of 1,000 answers with a COPY of
// the same rows.
func TestOpening(t *testing.T) {
	const tenders = 50
	m := newMarket(t)
	c := m.compete(thousand)
	open := m.opening(c, tenders)
	r, err := bench.Compare(*rounds, open, m.copied(c.Answers, tenders))
	must(t, err)
	t.Logf("opening %d tenders of %d answers: %v of a COPY", tenders, thousand, r)
}

// opening has tenders handed in, and gives what opens them, each time anew.
func (m *market) opening(c bench.Competition, tenders int) func() (float64, error) {
	m.t.Helper()
	ctx := m.t.Context()
	for _, by := range m.suppliers(tenders) {
		must(m.t, m.stack.Tender(ctx, by, c))
	}
	must(m.t, m.stack.CloseAt(ctx, c))
	must(m.t, m.stack.Approve(ctx, c))
	m.db.Exec(db.RoleOwner, `ANALYZE`)
	super := m.db.Pool(dbtest.Super)
	var before []byte
	must(m.t, super.QueryRow(ctx, `SELECT to_jsonb(p) FROM procurements p WHERE id = $1`, c.ID).Scan(&before))
	return func() (float64, error) {
		// As if nothing had been opened.
		err := pgx.BeginFunc(ctx, super, func(tx pgx.Tx) error {
			for _, sql := range []string{`SET LOCAL session_replication_role = replica`, `TRUNCATE opened_answers, opened_envelopes, opened_declarations, opened_files CASCADE`} {
				if _, err := tx.Exec(ctx, sql); err != nil {
					return err
				}
			}
			_, err := tx.Exec(ctx, `UPDATE procurements SET phase = $2::jsonb ->> 'phase', state = $2::jsonb -> 'state' WHERE id = $1`, c.ID, before)
			return err
		})
		if err != nil {
			return 0, err
		}
		start := time.Now()
		err = m.stack.OpenTenders(ctx, c)
		took := time.Since(start).Seconds()
		if err != nil {
			return 0, err
		}
		var n int
		if err := super.QueryRow(ctx, `SELECT count(*) FROM opened_answers`).Scan(&n); err != nil || n != tenders*len(c.Answers) {
			return 0, fmt.Errorf("%d answers were opened of %d tenders: %w", n, tenders, err)
		}
		return took, nil
	}
}

// suppliers makes organisations that tender.
func (m *market) suppliers(n int) []bench.Supplier {
	m.t.Helper()
	var all []bench.Supplier
	for i := range n {
		org := uuid.New()
		m.db.Exec(db.RoleOwner, `INSERT INTO organisations (id, kind, name, invented) VALUES ($1, 'supplier', $2, true)`, org, "Leverandør "+strconv.Itoa(i))
		person := func(role string) actor.Actor {
			id := uuid.New()
			m.db.Exec(db.RoleOwner, `INSERT INTO identities (id, issuer, subject, kind, name) VALUES ($1::uuid, 'https://issuer.example', $1::text, 'person', $2)`, id, role)
			m.db.Exec(db.RoleOwner, `INSERT INTO memberships (identity_id, org_id, roles) VALUES ($1, $2, ARRAY[$3])`, id, org, role)
			return actor.Actor{Kind: actor.Person, ID: id, Name: role, Org: org, Roles: []actor.Role{actor.Role(role)}, Request: uuid.NewString()}
		}
		all = append(all, bench.Supplier{Author: person("supplier_author"), Signatory: person("signatory")})
	}
	return all
}

// TestCostPerAnswer measures how the whole cost grows with the number of answers:
// 1 is in proportion.
func TestCostPerAnswer(t *testing.T) {
	m := newMarket(t)
	sizes := []int{100, 200, 500, 1000, 2000}
	costs := map[string][]float64{}
	for _, n := range sizes {
		c := m.compete(n)
		x := m.tender(c)
		for name, f := range map[string]func() (float64, error){"submission": x.submit, "bulk save": x.save, "opening of 3": m.opening(m.compete(n), 3)} {
			costs[name] = append(costs[name], median(t, f))
		}
	}
	// Far above what noise makes of a cost in proportion, and far below what a
	// cost with the square would show.
	const most = 1.5
	for name, seconds := range costs {
		e := exponent(sizes, seconds)
		t.Logf("%s of %v answers took %.4f s: growth exponent %.2f", name, sizes, seconds, e)
		if e > most {
			t.Errorf("%s grows with exponent %.2f", name, e)
		}
	}
}

// median runs as often as a comparison would, once to warm up.
func median(t *testing.T, f func() (float64, error)) float64 {
	t.Helper()
	var all []float64
	for i := range *rounds + 1 {
		seconds, err := f()
		must(t, err)
		if i > 0 {
			all = append(all, seconds)
		}
	}
	slices.Sort(all)
	return all[len(all)/2]
}

// exponent is the slope of log cost against log size, by least squares.
func exponent(sizes []int, costs []float64) float64 {
	var sx, sy, sxx, sxy float64
	for i, n := range sizes {
		x, y := math.Log(float64(n)), math.Log(costs[i])
		sx, sy, sxx, sxy = sx+x, sy+y, sxx+x*x, sxy+x*y
	}
	n := float64(len(sizes))
	return (n*sxy - sx*sy) / (n*sxx - sx*sx)
}

func TestAnExponentIsThatOfThePower(t *testing.T) {
	t.Parallel()
	sizes, squares := []int{100, 200, 1000}, []float64{1, 4, 100}
	if e := exponent(sizes, squares); math.Abs(e-2) > 1e-9 {
		t.Errorf("a square grows with exponent %v", e)
	}
}
