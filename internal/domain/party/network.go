package party

import "slices"

// County is a county of 2024.
type County struct {
	Number         string
	Name           string // in Norwegian
	OfficialName   string
	Municipalities int
	Network        string
}

// Network is a digitalisation network: municipalities of one or more counties
// that work together. Oslo stands alone and has a seat of its own.
type Network struct {
	Name          string
	CountyNumbers []string
	MembersNote   string // what the source says of its members
	Source        string
	Checked       string // how far the row is verified, in words
}

// Counties lists the counties by number.
func Counties() []County { return slices.Clone(register().counties) }

// Networks lists the networks by name.
func Networks() []Network { return slices.Clone(register().networks) }

// MembersOf lists by number the municipalities that a network has by county.
// It is a seed: real membership is dated and kept in the database.
func MembersOf(network string) []Municipality {
	var members []Municipality
	for _, m := range register().municipalities {
		if m.Network == network {
			members = append(members, m)
		}
	}
	return members
}
