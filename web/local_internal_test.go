package web

import (
	"net/url"
	"testing"

	"pgregory.net/rapid"
)

func TestLocal(t *testing.T) {
	t.Parallel()
	for _, ok := range []string{"/", "/account", "/account?saved=1", "/invitation?code=A%2FB", "/a/../b", "/%2f%2fevil.example", "/%5cevil.example", "/x?to=https://evil.example"} {
		if got := local(ok); got != ok {
			t.Errorf("%q becomes %q", ok, got)
		}
	}
	for _, bad := range []string{"", "account", "//evil.example", "///evil.example", `/\evil.example`, `\\evil.example`, `/\/evil.example`, "https://evil.example", "https:evil.example",
		"HTTPS:/evil.example", "javascript:alert(1)", "data:text/html,x", "/\t/evil.example", "/\n/evil.example", "\t//evil.example", " //evil.example", "/ /evil.example",
		"/x\r\nLocation: https://evil.example", "/x\x00", "/å", "/%zz", "/x\x7f", "http:///evil.example"} {
		if got := local(bad); got != "/" {
			t.Errorf("%q becomes %q", bad, got)
		}
	}
}

// Whatever is asked for, a browser stays on the site.
func TestLocalNeverLeaves(t *testing.T) {
	t.Parallel()
	base, err := url.Parse("https://fellesloft.example/sign-in")
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		to := rapid.OneOf(rapid.String(), rapid.StringMatching(`[/\\%:.a-z@?#\t\r\n 0-9]{0,12}`)).Draw(t, "to")
		u, err := base.Parse(local(to))
		if err != nil || u.Host != base.Host || u.Scheme != base.Scheme {
			t.Fatalf("%q leads to %v: %v", to, u, err)
		}
	})
}
