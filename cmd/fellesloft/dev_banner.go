package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/fellesloft/fellesloft/internal/seed"
)

// banner is what a developer needs once all is up.
func (d *devRun) banner(out io.Writer) {
	fmt.Fprintln(out, "\nFellesløft is ready.")
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, line := range [][2]string{
		{"Pages", d.at.API},
		{"API", d.at.API + apiBase},
		{"API description", d.at.API + apiBase + "/openapi.yaml"},
		{"Mail that was sent", d.at.Mail},
		{"Token issuer", d.at.Issuer},
		{"Temporal", d.at.Temporal},
		{"Temporal UI", d.at.TemporalUI},
	} {
		if line[1] != "" {
			fmt.Fprintf(table, "  %s\t%s\n", line[0], line[1])
		}
	}
	_ = table.Flush() // nothing can be done about a terminal that cannot be written
	fmt.Fprintln(out, "\nWho can sign in (municipalities are real; decisions, figures and suppliers are invented):")
	identityTable(out, seed.Identities())
	fmt.Fprintf(out, `
A token, and a request with it:
  TOKEN=$(curl -s %s/token -d '{"subject":"%s"}' | sed 's/.*"access_token":"\([^"]*\)".*/\1/')
  curl -s -H "Authorization: Bearer $TOKEN" %s%s/me
`, d.at.Issuer, seed.Identities()[0].Subject, d.at.API, apiBase)
	for _, system := range seed.Systems() {
		fmt.Fprintf(out, "A system's: %s\n  curl -s %s/token -d '%s'\n", system.Label, d.at.Issuer, tokenRequest(system))
	}
	fmt.Fprintln(out, "\nmake demo, in another shell, runs a joint procurement from launch to call-off. Ctrl-C stops all; data stay.")
}

// tokenRequest is what the issuer's /token takes for a system.
func tokenRequest(s seed.System) string {
	if s.Vendor == "" {
		return fmt.Sprintf(`{"consumer":"%s"}`, s.Customer.OrgNumber)
	}
	return fmt.Sprintf(`{"consumer":"%s","systemuser":{"id":"%s","organisation":"%s"}}`, s.Vendor, s.SystemUser, s.Customer.OrgNumber)
}

// identityTable shows each organisation with its subjects and their roles, two
// on a line.
func identityTable(out io.Writer, identities []seed.Identity) {
	const perLine = 2
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for len(identities) > 0 {
		org := identities[0].OrgName
		of := slices.IndexFunc(identities, func(i seed.Identity) bool { return i.OrgName != org })
		if of < 0 {
			of = len(identities)
		}
		label := org
		for line := range slices.Chunk(identities[:of], perLine) {
			fmt.Fprintf(table, "  %s", label)
			for _, i := range line {
				fmt.Fprintf(table, "\t%s\t%s", i.Subject, rolesOf(i))
			}
			fmt.Fprintln(table)
			label = ""
		}
		identities = identities[of:]
	}
	_ = table.Flush() // as above
}

func rolesOf(i seed.Identity) string {
	var roles []string
	for _, r := range i.Roles {
		roles = append(roles, string(r))
	}
	return strings.Join(roles, ", ")
}
