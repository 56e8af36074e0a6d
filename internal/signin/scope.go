package signin

import (
	"slices"
	"strings"
)

// writes ends the scopes that change something, by Maskinporten's convention.
const writes = ".write"

// scopesOf reads a scope claim (RFC 6749 section 3.3: one or more names parted
// by one space each) and gives those with the prefix, without it. It refuses
// every other form: what one reader takes for one scope another may take for two.
func scopesOf(claim, prefix string) ([]string, bool) {
	var out []string
	for name := range strings.SplitSeq(claim, " ") {
		if !isScope(name) {
			return nil, false
		}
		if own, ok := strings.CutPrefix(name, prefix+":"); ok && own != "" {
			out = append(out, own)
		}
	}
	slices.Sort(out)
	return slices.Compact(out), true
}

// isScope reports whether a text is a scope-token of RFC 6749: printable ASCII
// but space, quotation mark and backslash.
func isScope(name string) bool {
	for _, c := range []byte(name) {
		if c <= ' ' || c > '~' || c == '"' || c == '\\' {
			return false
		}
	}
	return name != ""
}

// isScopePrefix reports whether scopes can be told from others' by a prefix: a
// colon in it would make another's scopes ours.
func isScopePrefix(prefix string) bool { return isScope(prefix) && !strings.Contains(prefix, ":") }

func actionOf(scope string) string {
	if strings.HasSuffix(scope, writes) {
		return ActionWrite
	}
	return ActionRead
}
