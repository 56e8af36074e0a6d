package devenv

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// oldestMajor is the oldest PostgreSQL that the project's SQL runs on.
const oldestMajor = 15

// binaryGlobs are the places where packages put server programs off PATH.
var binaryGlobs = []string{
	"/usr/lib/postgresql/*/bin", // Debian, Ubuntu
	"/usr/libexec/postgresql*",  // Alpine
	"/usr/pgsql-*/bin",          // PostgreSQL's own rpm packages
	"/opt/homebrew/opt/postgresql@*/bin",
	"/usr/local/opt/postgresql@*/bin",
	"/home/linuxbrew/.linuxbrew/opt/postgresql@*/bin",
}

// binaries is a folder with postgres and initdb of one version.
type binaries struct {
	dir   string
	major int
}

func (b binaries) path(program string) string { return filepath.Join(b.dir, program) }

// search looks for server programs and remembers where, for the message when
// nothing is found.
type search struct {
	tried []string
	found []binaries
}

func (s *search) note(format string, args ...any) {
	s.tried = append(s.tried, fmt.Sprintf(format, args...))
}

// findBinaries looks on PATH first, then in the usual places, newest first.
func findBinaries(ctx context.Context) *search {
	s := &search{}
	if path, err := exec.LookPath("postgres"); err != nil {
		s.note("postgres on PATH: not there")
	} else if target, err := filepath.EvalSymlinks(path); err != nil {
		s.note("postgres on PATH: %v", err)
	} else {
		s.consider(ctx, filepath.Dir(target))
	}
	var dirs []string
	for _, glob := range binaryGlobs {
		matches, err := filepath.Glob(glob)
		if err != nil || len(matches) == 0 {
			s.note("%s: nothing there", glob)
			continue
		}
		dirs = append(dirs, matches...)
	}
	slices.SortStableFunc(dirs, func(a, b string) int { return majorInPath(b) - majorInPath(a) })
	for _, dir := range dirs {
		s.consider(ctx, dir)
	}
	return s
}

var digits = regexp.MustCompile(`\d+`)

// majorInPath is the number that a package puts into the path; it orders
// candidates before they are asked for their version.
func majorInPath(dir string) int {
	n, err := strconv.Atoi(digits.FindString(dir))
	if err != nil {
		return 0
	}
	return n
}

var versionLine = regexp.MustCompile(`\(PostgreSQL\) (\d+)`)

func (s *search) consider(ctx context.Context, dir string) {
	if slices.ContainsFunc(s.found, func(b binaries) bool { return b.dir == dir }) {
		return
	}
	for _, program := range []string{"postgres", "initdb"} {
		if _, err := os.Stat(filepath.Join(dir, program)); err != nil {
			s.note("%s: no %s in it", dir, program)
			return
		}
	}
	out, err := exec.CommandContext(ctx, filepath.Join(dir, "postgres"), "--version").CombinedOutput()
	if err != nil {
		s.note("%s: postgres --version: %v", dir, err)
		return
	}
	match := versionLine.FindSubmatch(out)
	if match == nil {
		s.note("%s: postgres --version says %q", dir, strings.TrimSpace(string(out)))
		return
	}
	major, err := strconv.Atoi(string(match[1]))
	if err != nil || major < oldestMajor {
		s.note("%s: version %s is older than %d", dir, match[1], oldestMajor)
		return
	}
	s.found = append(s.found, binaries{dir: dir, major: major})
}

// fit gives the first programs found that can run a cluster of the major
// version; 0 means that there is none yet, so any will do.
func (s *search) fit(major int) (binaries, bool) {
	for _, b := range s.found {
		if major == 0 || b.major == major {
			return b, true
		}
		s.note("%s: version %d, but the data were made by %d", b.dir, b.major, major)
	}
	return binaries{}, false
}

// installHint names the package that brings PostgreSQL on this system.
func installHint(goos string, osRelease string) string {
	if goos == "darwin" {
		return "brew install postgresql@17"
	}
	hints := []struct{ id, command string }{
		{"debian", "sudo apt-get install postgresql"},
		{"ubuntu", "sudo apt-get install postgresql"},
		{"fedora", "sudo dnf install postgresql-server postgresql-contrib"},
		{"rhel", "sudo dnf install postgresql-server postgresql-contrib"},
		{"alpine", "sudo apk add postgresql postgresql-contrib"},
		{"arch", "sudo pacman -S postgresql"},
		{"suse", "sudo zypper install postgresql-server postgresql-contrib"},
	}
	for line := range strings.Lines(osRelease) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		if key != "ID" && key != "ID_LIKE" {
			continue
		}
		for _, h := range hints {
			if strings.Contains(value, h.id) {
				return h.command
			}
		}
	}
	return "install the PostgreSQL server with your system's packages"
}
