package notice

// missing names every required field that has no value.
func (b *builder) missing() {
	for _, r := range required {
		switch r.per {
		case once:
			b.require(r, "", "")
		case eachLot:
			for _, lot := range b.n.lots {
				b.require(r, lot, "")
			}
		case eachOrganisation:
			for _, org := range b.orgs {
				b.require(r, "", org)
			}
		case eachBuyer:
			for _, org := range b.n.buyers() {
				b.require(r, "", org)
			}
		}
	}
}

func (b *builder) require(r needed, lot, org string) {
	if r.when != nil && !r.when(b.n, lot) || b.n.value(r.id, lot, org) != "" {
		return
	}
	b.n.Missing = append(b.n.Missing, Missing{ID: r.id, Name: nameKey(r.id), Lot: lot, Organisation: org, Rule: r.rule, Fill: r.fill})
}
