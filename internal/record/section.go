package record

// State says whether an item is answered.
type State string

// The states of an item.
const (
	Given       State = "given"
	MissingItem State = "missing"
	NotRelevant State = "not-relevant"
)

// Record is the procurement record in one language, ready to be written.
type Record struct {
	Language, Title, Subtitle string
	Invented                  bool
	// Missing lists the headings of items that have no content.
	Missing []string
	// Items follow the letters of the law; Annexes are what else is kept.
	Items, Annexes []Section
}

// Section is a heading with texts and tables.
type Section struct {
	ID, Letter, Title, Paragraph string
	State                        State
	Texts                        []string
	Tables                       []Table
}

// Table has one heading per column; the first column names the row.
type Table struct {
	Caption string
	Columns []Column
	Rows    [][]string
}

// Column is a heading; Number columns are set to the right.
type Column struct {
	Title  string
	Number bool
}

func (s *Section) say(texts ...string) {
	for _, t := range texts {
		if t != "" {
			s.Texts = append(s.Texts, t)
		}
	}
}

// add appends a table that has rows.
func (s *Section) add(t Table) {
	if len(t.Rows) > 0 {
		s.Tables = append(s.Tables, t)
	}
}

func (s *Section) empty() bool { return len(s.Texts) == 0 && len(s.Tables) == 0 }
