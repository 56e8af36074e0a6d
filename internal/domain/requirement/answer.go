package requirement

import (
	"encoding/json"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/internal/domain/money"
)

// Values are answer values by requirement id.
//
//	boolean         true
//	choice          "label", or {"option":"label","date":"2027-01-31","comment":"…"} where the option wants them
//	multi-choice    ["label", …]
//	text            "…"
//	number          12.5
//	money           "1250.50" (NOK excluding VAT)
//	date            "2027-01-31"
//	document        [{"name":"ros.pdf","file":"<uuid>"}]
//	price-schedule  {"prices":[{"line":"1","unitPrice":"99.00"}]}
type Values map[uuid.UUID]json.RawMessage

// Answers are a tender's answers by requirement id.
type Answers map[uuid.UUID]Answer

// Values gives what the answers say, without their marks. An answer that has
// been taken away has none.
func (a Answers) Values() Values {
	out := make(Values, len(a))
	for id, one := range a {
		if !one.Absent() {
			out[id] = one.Value
		}
	}
	return out
}

// Chosen is the answer to a choice.
type Chosen struct {
	Option  string `json:"option"`
	Date    string `json:"date,omitempty"`
	Comment string `json:"comment,omitempty"`
}

// File is one document of an answer. File is uuid.Nil for a document that is
// named but not uploaded.
type File struct {
	Name string    `json:"name"`
	File uuid.UUID `json:"file,omitzero"`
}

// Schedule is the answer to a price schedule.
type Schedule struct {
	Prices []UnitPrice `json:"prices"`
}

// UnitPrice is the price of one unit of a line, for one buyer and period where
// the line has them.
type UnitPrice struct {
	Line      string    `json:"line"`
	Buyer     uuid.UUID `json:"buyer,omitzero"`
	Period    string    `json:"period,omitempty"`
	UnitPrice money.NOK `json:"unitPrice"`
}
