// Package catalogue is the one place with text that people read: problems,
// letters and notifications, phases, milestones, names of rules, holidays and
// fields, in bokmål (nb), nynorsk (nn) and English (en). The domain speaks in
// rule ids, codes, numbers and dates; here they become sentences, amounts and
// days in the reader's language.
//
// To add a text, add the same key to the files of texts/ in all three
// languages. A test finds rule ids without a text, texts that nothing uses, and
// params that nobody gives.
package catalogue

import (
	"embed"
	"fmt"
	"sync"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"
)

// The languages. Bokmål is the one that others fall back to.
const (
	Bokmaal = "nb"
	Nynorsk = "nn"
	English = "en"
)

// Languages lists the languages in which every text exists.
func Languages() []string { return []string{Bokmaal, Nynorsk, English} }

//go:embed texts/*.json
var files embed.FS

type catalogue struct {
	matcher    language.Matcher
	localizers map[string]*i18n.Localizer
	parsers    map[string]*parser
}

var (
	once   sync.Once
	loaded catalogue
)

// load reads the files at first use; it is no initialiser because the texts'
// functions read texts themselves.
func load() catalogue {
	once.Do(func() { loaded = read() })
	return loaded
}

func read() catalogue {
	bundle := i18n.NewBundle(language.Make(Bokmaal))
	entries, err := files.ReadDir("texts")
	if err != nil {
		panic(err) // the files are part of the program
	}
	for _, e := range entries {
		if _, err := bundle.LoadMessageFileFS(files, "texts/"+e.Name()); err != nil {
			panic(fmt.Errorf("texts/%s: %w", e.Name(), err))
		}
	}
	c := catalogue{localizers: map[string]*i18n.Localizer{}, parsers: map[string]*parser{}}
	tags := []language.Tag{}
	for _, l := range Languages() {
		tags = append(tags, language.Make(l))
		c.localizers[l] = i18n.NewLocalizer(bundle, l)
		c.parsers[l] = newParser(l)
	}
	c.matcher = language.NewMatcher(tags)
	return c
}

// Match gives the catalogue's language that serves an Accept-Language header
// or a language code best; bokmål where none does.
func Match(accept string) string {
	for _, l := range Languages() {
		if accept == l {
			return l
		}
	}
	tags, _, err := language.ParseAcceptLanguage(accept)
	if err != nil || len(tags) == 0 {
		return Bokmaal
	}
	_, i, confidence := load().matcher.Match(tags...)
	if confidence == language.No {
		return Bokmaal
	}
	return Languages()[i]
}

// text gives a text, and false where the catalogue has none under the key.
// Params that a text names and the caller does not give are empty.
func text(lang, key string, params map[string]string) (string, bool) {
	c := load()
	lang = Match(lang)
	if params == nil {
		params = map[string]string{}
	}
	s, err := c.localizers[lang].Localize(&i18n.LocalizeConfig{MessageID: key, TemplateData: params, TemplateParser: c.parsers[lang]})
	if err != nil {
		return "", false
	}
	return s, true
}

// Text gives the text under a key, for pages and documents. A key without a
// text is given back: a reader who sees a code can still report it.
func Text(lang, key string, params ...map[string]string) string {
	var p map[string]string
	if len(params) > 0 {
		p = params[0]
	}
	if s, ok := text(lang, key, p); ok {
		return s
	}
	return key
}

// Has reports whether the catalogue has a text under the key.
func Has(key string) bool {
	_, ok := text(Bokmaal, key, nil)
	return ok
}
