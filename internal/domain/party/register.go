package party

import (
	"bytes"
	"cmp"
	"embed"
	"encoding/csv"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/fellesloft/fellesloft/internal/domain/calendar"
)

//go:embed data/*.csv
var data embed.FS

// registerData is everything under data/, read once. It is never changed.
type registerData struct {
	municipalities []Municipality // by number
	byNumber       map[string]int
	entries        []entry // as municipalities
	counties       []County
	networks       []Network
	successors     map[string][]string
	sizes          []sizeBound
}

// register gives the built-in register. It panics when the files under data/
// are broken, which the package's tests rule out.
var register = sync.OnceValue(func() *registerData {
	r, err := readRegister()
	if err != nil {
		panic(fmt.Sprintf("party: built-in register: %v", err))
	}
	return r
})

func readRegister() (*registerData, error) {
	r := &registerData{byNumber: map[string]int{}, successors: map[string][]string{}}
	for _, f := range []struct {
		name string
		add  func(row) error
	}{
		{"municipalities_extended", r.addMunicipality},
		{"counties", r.addCounty},
		{"digital_networks", r.addNetwork},
		{"kommunenr_2023_to_2024", r.addSuccessor},
		{"size_classes", r.addSize},
	} {
		if err := eachRow("data/"+f.name+".csv", f.add); err != nil {
			return nil, err
		}
	}
	r.sort()
	return r, nil
}

// sort brings every list into its order and fills what depends on it.
func (r *registerData) sort() {
	slices.SortFunc(r.municipalities, func(a, b Municipality) int { return cmp.Compare(a.Number, b.Number) })
	slices.SortFunc(r.counties, func(a, b County) int { return cmp.Compare(a.Number, b.Number) })
	slices.SortFunc(r.networks, func(a, b Network) int { return cmp.Compare(a.Name, b.Name) })
	slices.SortFunc(r.sizes, func(a, b sizeBound) int {
		return cmp.Or(a.since.Compare(b.since), cmp.Compare(a.from, b.from))
	})
	for i, m := range r.municipalities {
		r.byNumber[m.Number] = i
		r.entries = append(r.entries, newEntry(m))
	}
	for _, next := range r.successors {
		slices.Sort(next)
	}
}

func (r *registerData) addMunicipality(in row) error {
	number, err := optionalOrgNumber(in["orgnr"])
	if err != nil {
		return err
	}
	population, err := strconv.Atoi(in["population"])
	if err != nil {
		return err
	}
	counted, err := calendar.ParseDate(in["population_date"])
	if err != nil {
		return err
	}
	area, err := strconv.ParseFloat(in["area_km2"], 64)
	if err != nil {
		return err
	}
	names, err := languageNames(in["names_by_language"])
	if err != nil {
		return err
	}
	r.municipalities = append(r.municipalities, Municipality{
		Number: in["kommunenr"], OfficialName: in["official_name"], Name: in["name_no"], Names: names,
		SamiArea: in["sami_admin_area"] == "ja", SamiAreaKnown: in["sami_admin_area"] != "",
		CountyNumber: in["fylkesnr"], County: in["fylke"], OrgNumber: number,
		Population: population, PopulationDate: counted,
		LanguageForm: LanguageForm(in["maalform"]), Centre: in["adm_center"], AreaKM2: area,
		Website: in["url"], FormerNumber: in["kommunenr_2020_2023"], Network: in["digital_network"],
	})
	return nil
}

func (r *registerData) addCounty(in row) error {
	count, err := strconv.Atoi(in["municipalities"])
	r.counties = append(r.counties, County{
		Number: in["fylkesnr"], Name: in["fylke"], OfficialName: in["official_name"],
		Municipalities: count, Network: in["digital_network"],
	})
	return err
}

func (r *registerData) addNetwork(in row) error {
	r.networks = append(r.networks, Network{
		Name: in["network"], CountyNumbers: strings.Split(in["fylkesnr"], ";"),
		MembersNote: in["members_note"], Source: in["source"], Checked: in["checked"],
	})
	return nil
}

func (r *registerData) addSuccessor(in row) error {
	r.successors[in["old"]] = append(r.successors[in["old"]], in["new"])
	return nil
}

func (r *registerData) addSize(in row) error {
	from, err := strconv.Atoi(in["from_population"])
	if err != nil {
		return err
	}
	since, err := calendar.ParseDate(in["valid_from"])
	r.sizes = append(r.sizes, sizeBound{class: SizeClass(in["class"]), from: from, since: since})
	return err
}

func optionalOrgNumber(s string) (OrgNumber, error) {
	if s == "" {
		return "", nil
	}
	return ParseOrgNumber(s)
}

var languages = map[string]string{
	"Norwegian": "no", "Northern Sami": "se", "Lule Sami": "smj", "Southern Sami": "sma", "Kven Finnish": "fkv",
}

// languageNames reads "Language:name" joined with "|".
func languageNames(s string) ([]LanguageName, error) {
	if s == "" {
		return nil, nil
	}
	var names []LanguageName
	for part := range strings.SplitSeq(s, "|") {
		language, name, _ := strings.Cut(part, ":")
		code, ok := languages[language]
		if !ok {
			return nil, fmt.Errorf("language %q", language)
		}
		names = append(names, LanguageName{Language: code, Name: name})
	}
	return names, nil
}

// row is a line of a file by column name.
type row map[string]string

// eachRow reads a file whose first line names the columns.
func eachRow(name string, add func(row) error) error {
	b, err := data.ReadFile(name)
	if err != nil {
		return err
	}
	lines, err := csv.NewReader(bytes.NewReader(b)).ReadAll()
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	for i, line := range lines[1:] {
		in := row{}
		for c, column := range lines[0] {
			in[column] = line[c]
		}
		if err := add(in); err != nil {
			return fmt.Errorf("%s line %d: %w", name, i+2, err)
		}
	}
	return nil
}
