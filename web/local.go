package web

import (
	"net/url"
	"strings"
)

// longestLocal bounds an address to come back to.
const longestLocal = 2000

// local gives an address of this site to go on to, "/" for anything else: a form
// or a link must not lead people to another site. Browsers read \ as /, and leave
// out tabs and line ends, so neither may stand in it.
func local(to string) string {
	if len(to) > longestLocal || !strings.HasPrefix(to, "/") || strings.HasPrefix(to, "//") {
		return "/"
	}
	for _, c := range []byte(to) {
		if c <= ' ' || c >= 0x7f || c == '\\' {
			return "/"
		}
	}
	if u, err := url.Parse(to); err != nil || u.IsAbs() || u.Host != "" || u.User != nil {
		return "/"
	}
	return to
}
