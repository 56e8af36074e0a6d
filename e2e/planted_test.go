package e2e

import (
	"math/rand/v2"
	"net/http"
	"slices"
	"testing"

	"github.com/fellesloft/fellesloft/internal/domain/procurement"
)

// words are marks that tell where a text was planted.
type words struct {
	stands, never string // in what stands at the opening, and in all else that suppliers write
	open          string // in what the buyer publishes
	clear         string // written in clear and deleted, by the test itself
	price         string // kroner of a price that stands
}

// What suppliers write is readable nowhere before the opening, whatever becomes of
// it: a draft, submitted, replaced, withdrawn, taken out, previewed, refused. The
// search is of everything that the program and its servers leave on disk. It finds
// what is public, what was written in clear and deleted, and after the opening
// what was opened, so it would have found the rest.
func TestWhatSuppliersWriteIsReadableNowhere(t *testing.T) {
	t.Parallel()
	o := newLaidOpen(t)
	w := words{newWord(), newWord(), newWord(), newWord(), itoa(20_000_000_000 + rand.IntN(70_000_000_000))}
	f := newFinder(w.stands, w.never, w.open, w.clear)
	f.amount(w.price)
	o.launch()
	o.as(lead).upload(o.path("/documents?kind=annex&name=offentlig.txt"), "text/plain", []byte("Offentlig "+w.open))
	o.mandates()
	o.prepare()
	o.publish()
	o.reach(procurement.Tendering)
	o.cleartext(w.clear)
	begun := o.look(f)

	stands, withdrawn, unsent := o.suppliers[0], o.suppliers[1], o.suppliers[2]
	o.plantLibrary(stands, w.never)
	tender, annex := o.plant(stands, w.never, "")
	o.plantFailing(stands, tender, w.never)
	o.plantFiles(stands, tender, w.never)
	o.hidden(w, o.look(f), "as a draft")
	o.submit(stands, tender)
	o.hidden(w, o.look(f), "submitted")

	// A replacement begins with what was submitted: the file is taken out of it.
	o.plant(stands, w.stands, w.price)
	o.as(stands.author).ask(http.MethodDelete, "/tenders/"+tender.String()+"/attachments/"+annex.String(), "", nil, nil)
	o.submit(stands, tender)
	o.as(withdrawn.signatory).post("/tenders/"+o.withdraw(withdrawn, w.never)+"/withdrawal", nil, nil)
	o.plant(unsent, w.never, "")
	o.emptied()
	before := o.look(f)
	o.hidden(w, before, "replaced and withdrawn")
	o.controls(w, begun, before)

	o.liveUntil(o.get().Plan.TenderDeadline.Add(procurement.CloseAfter))
	o.reach(procurement.Opening)
	o.plantLate(stands, tender, w.never)
	o.hidden(w, o.look(f), "after the deadline")
	o.open()
	o.emptied()
	after := o.look(f)
	want := []string{inTables, inHeap, inWAL, inServerLog}
	if o.cluster.Program("pg_dump") != "" {
		want = append(want, inDump, inCustomDump)
	}
	slices.Sort(want)
	for name, word := range map[string]string{"what was opened": w.stands, "the opened price": w.price} {
		if got := after.places(word); !slices.Equal(got, want) {
			t.Errorf("%s lies in %q, want %q: %v", name, got, want, after[word])
		}
	}
	if got := after[w.never]; len(got) > 0 {
		t.Errorf("what was not to be opened lies in %v", got)
	}
}

// hidden holds that no word of a supplier's lies anywhere.
func (o *laidOpen) hidden(w words, found traces, when string) {
	o.t.Helper()
	for _, word := range []string{w.stands, w.never, w.price} {
		for place, how := range found[word] {
			o.t.Errorf("%s: %s of suppliers lies readable in %s: %s", when, word, place, how)
		}
	}
}

// controls hold that the search finds what lies readable, in every place.
func (o *laidOpen) controls(w words, begun, found traces) {
	o.t.Helper()
	for _, at := range []traces{begun, found} {
		for _, place := range []string{inTables, inHeap, inWAL, inServerLog} {
			if at[w.open][place] == "" {
				o.t.Errorf("what is public was not found in the %s", place)
			}
		}
		for _, place := range []string{inHeap, inWAL, inServerLog} {
			if at[w.clear][place] == "" {
				o.t.Errorf("what was written in clear and deleted was not found in the %s", place)
			}
		}
		if at[w.clear][inTables] != "" {
			o.t.Errorf("what was deleted is still a row: %s", at[w.clear][inTables])
		}
	}
	if o.cluster.Program("pg_dump") != "" && (found[w.open][inDump] == "" || found[w.open][inCustomDump] == "") {
		o.t.Error("what is public was not found in the dumps")
	}
	// What is not in the database is shown by the names of things: Temporal knows
	// the case, the logs its operations, the object store the files, mail the title.
	known := newFinder(o.id.String(), "submitTender", "JointProcurement", "Velferdsteknologi")
	var stored string
	o.folder(o.files, func(name string, _ []byte) { stored = name })
	known.text(stored)
	there := o.look(known)
	for place, word := range map[string]string{inTemporal: o.id.String(), inHistories: o.id.String(), inServe: "submitTender", inWorker: o.id.String(), inMail: "Velferdsteknologi", inObjects: stored} {
		if there[word][place] == "" {
			o.t.Errorf("%q was not found in the %s", word, place)
		}
	}
}
