package demo

import "slices"

// Supplier is a fictional supplier. It has no organisation number, because
// every valid one could be a real organisation's.
type Supplier struct {
	Name string // says that it is fictional
	// FailsAbsolute tells that its tender says no to an absolute requirement.
	FailsAbsolute bool
	// price is percent of the reference price; strength the points, 0 to 10,
	// that its answers deserve in general.
	price    int64
	strength int
	voice    string
	product  string
}

// FailingSupplier is the index of the supplier whose tender says no to the
// absolute requirement FailingNumber. It is also the cheapest, so that the
// rejection matters.
const (
	FailingSupplier = 2
	FailingNumber   = "4.12"
)

var suppliers = []Supplier{
	{Name: "Fjordlys Omsorgsteknologi AS (oppdiktet)", price: 100, strength: 8, product: "Fjordlys Trygg",
		voice: "Beskrivelsen bygger på drift i kommuner av ulik størrelse, og tallene kan etterprøves i vedlagte målinger."},
	{Name: "Nordstjerne Velferd AS (oppdiktet)", price: 91, strength: 6, product: "Nordstjerne Hjemme",
		voice: "Funksjonene er standard og følger med uten tillegg i pris."},
	{Name: "Lyngmark Journalverk AS (oppdiktet)", FailsAbsolute: true, price: 78, strength: 5, product: "Lyngmark Verk",
		voice: "Løsningen tilpasses kommunene i et forprosjekt."},
	{Name: "Havglimt Integrasjon AS (oppdiktet)", price: 112, strength: 9, product: "Havglimt Bro",
		voice: "Vi deler resultater fra brukertester og målinger åpent med kommunene hvert kvartal."},
	{Name: "Polarrev Digital Helse AS (oppdiktet)", price: 96, strength: 7, product: "Polarrev Puls",
		voice: "Arbeidsdelingen mellom oss og kommunen er beskrevet trinn for trinn."},
}

// Suppliers lists the fictional suppliers; their index is what Answers and
// Assess take.
func Suppliers() []Supplier { return slices.Clone(suppliers) }
