package notice

import (
	"slices"
	"strconv"
	"strings"

	"github.com/fellesloft/fellesloft/internal/domain/money"
)

// environmentShare is the smallest weight, in percent, in DFØ's validity rules
// for notices. The law's own number is a dated rule and is judged before
// publication.
const environmentShare = 30

// nutsLevel3 is the length of a code of the finest level, which places have to
// be given at.
const nutsLevel3 = 5

// broken judges the values against those of DFØ's national-e rules that are
// about values. The rules about presence are the table of required fields.
func broken(n Notice) []Broken {
	out := []Broken{}
	add := func(bad bool, rule, field, lot, why string) {
		if bad {
			out = append(out, Broken{Rule: rule, Field: field, Lot: lot, Why: "notice.broken." + why})
		}
	}
	add(!sums(n, "BT-27"), "EFORMS-NOR-NATIONAL-VA-R001C", "BT-27-Procedure", "", "sum")
	add(!sums(n, "BT-271"), "EFORMS-NOR-NATIONAL-VA-R001E", "BT-271-Procedure", "", "sum")
	add(healthUnderPartII(n), "EFORMS-NOR-NATIONAL-TH-R008I", "BT-262-Procedure", "", "health")
	for _, f := range n.Fields {
		if strings.HasPrefix(f.ID, "BT-27-") || strings.HasPrefix(f.ID, "BT-271-") {
			add(f.Unit != currency, "EFORMS-NOR-NATIONAL-CR-R003B", f.ID, f.Lot, "currency")
			_, err := money.Parse(f.Value)
			add(err != nil, "EFORMS-NOR-NATIONAL-DT-R001D", f.ID, f.Lot, "decimals")
		}
		if strings.HasPrefix(f.ID, "BT-5071-") || f.ID == "BT-507-Organization-Company" {
			add(len(f.Value) != nutsLevel3, "eForms SDK 1.16, nuts-lvl3", f.ID, f.Lot, "nuts")
		}
		if f.ID == "BT-11-Procedure-Buyer" {
			add(!slices.Contains(legalTypes, f.Value), "EFORMS-NOR-NATIONAL-LT-R002B", f.ID, "", "legal-type")
		}
	}
	for _, lot := range n.lots {
		several := len(n.values("BT-539-Lot", lot, "")) > 1
		add(several && !environmentMet(n, lot), "EFORMS-NOR-NATIONAL-EC-R001D", "BT-539-Lot", lot, "environment")
	}
	return out
}

// legalTypes are the specific types of buyer; the overarching ones are too
// general to tell which threshold holds.
var legalTypes = []string{"body-pl-cga", "body-pl-la", "body-pl-ra", "cga", "def-cont", "eu-ins-bod-ag", "eu-int-org", "grp-p-aut", "int-org",
	localAuthority, "org-sub-cga", "org-sub-la", "org-sub-ra", "pub-undert-cga", "pub-undert-la", "pub-undert-ra", "ra", "rl-aut", "spec-rights-entity"}

// sums reports whether the lots' amounts make the procedure's.
func sums(n Notice, field string) bool {
	var sum money.NOK
	found := false
	for _, f := range n.Fields {
		if f.ID == field+"-Lot" {
			amount, _ := money.Parse(f.Value)
			sum, found = sum+amount, true
		}
	}
	if !found {
		return true
	}
	total, err := money.Parse(n.value(field+"-Procedure", "", ""))
	return err == nil && total == sum
}

// healthCPV are the beginnings of the codes of education, health and social
// services, which are exempt from Part II.
var healthCPV = []string{"8000", "8010", "8020", "8030", "8040", "8050", "8060", "8061", "8062", "8063", "8064", "8065", "8066",
	"85000", "85100", "85200", "85300", "85310", "85320", "85321", "85322", "85323", "981331", "985130", "985140",
	"7512100", "7512200", "7512300", "7523120", "7523121", "7523122", "7523123", "7523124"}

func healthUnderPartII(n Notice) bool {
	code := n.value("BT-262-Procedure", "", "")
	return n.value("BT-23-Procedure", "", "") == "services" && strings.HasSuffix(n.value("BT-01(d)-Procedure", "", ""), "Del 1 og 2") &&
		slices.ContainsFunc(healthCPV, func(p string) bool { return strings.HasPrefix(code, p) })
}

// environmentMet: a weight, a requirement in the specification, or an exemption
// with a reason.
func environmentMet(n Notice, lot string) bool {
	if environmentWeight(n, lot) >= environmentShare || len(groupsOf(n, lot, typeSpecified)) > 0 {
		return true
	}
	for _, typ := range exemptionTypes {
		if len(groupsOf(n, lot, typ)) > 0 {
			return true
		}
	}
	return false
}

// groupsOf lists the groups of the criteria of a type.
func groupsOf(n Notice, lot, typ string) []int {
	var groups []int
	for _, f := range n.Fields {
		if f.ID == "BT-539-Lot" && f.Lot == lot && f.Value == typ {
			groups = append(groups, f.Group)
		}
	}
	return groups
}

func environmentWeight(n Notice, lot string) float64 {
	groups := groupsOf(n, lot, typeEnvironment)
	var sum float64
	for _, f := range n.Fields {
		if f.ID == "BT-541-Lot-WeightNumber" && f.Lot == lot && slices.Contains(groups, f.Group) {
			w, _ := strconv.ParseFloat(f.Value, 64)
			sum += w
		}
	}
	return sum
}
