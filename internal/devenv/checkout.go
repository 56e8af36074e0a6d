package devenv

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

const modulePath = "github.com/fellesloft/fellesloft"

// outsideRoot lies on disk, survives a reboot and may be entered by every
// user; a home folder of root and many checkouts may not.
const outsideRoot = "/var/tmp"

// Checkout is the working copy that the servers belong to. Two checkouts on
// one machine share nothing.
type Checkout struct {
	// Root is the absolute path of the folder with go.mod, without symlinks.
	Root string
}

// FindCheckout finds the checkout that the working directory lies in.
func FindCheckout() (Checkout, error) {
	start, err := os.Getwd()
	if err != nil {
		return Checkout{}, fmt.Errorf("find the checkout: %w", err)
	}
	for dir := start; ; dir = filepath.Dir(dir) {
		if isModuleRoot(filepath.Join(dir, "go.mod")) {
			root, err := filepath.EvalSymlinks(dir)
			if err != nil {
				return Checkout{}, fmt.Errorf("find the checkout: %w", err)
			}
			return Checkout{Root: root}, nil
		}
		if dir == filepath.Dir(dir) {
			return Checkout{}, fmt.Errorf("no checkout of %s around %s: run this in the folder that holds its go.mod, or below it", modulePath, start)
		}
	}
}

func isModuleRoot(goMod string) bool {
	f, err := os.Open(goMod)
	if err != nil {
		return false
	}
	defer f.Close() //nolint:errcheck // it was only read
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		if name, ok := strings.CutPrefix(strings.TrimSpace(lines.Text()), "module "); ok {
			return strings.TrimSpace(name) == modulePath
		}
	}
	return false
}

// DevDir is the folder in the checkout for pid files, pointers and, for an
// ordinary user, the servers' data. Git ignores it.
func (c Checkout) DevDir() string { return filepath.Join(c.Root, ".dev") }

// outsideDir is where root keeps what an unprivileged user must reach.
func (c Checkout) outsideDir() string {
	sum := sha256.Sum256([]byte(c.Root))
	return filepath.Join(outsideRoot, "fellesloft-"+hex.EncodeToString(sum[:6]))
}

// Place is a folder for servers' data, and the user that they run as.
type Place struct {
	Dir string
	// programs is where PostgreSQL's programs are downloaded to, once for all
	// places of the checkout.
	programs string
	// owner is nil where servers run as the caller.
	owner *syscall.Credential
}

// Place gives the folder for a part: "dev" or "test", which run side by side.
// For an ordinary user that is `.dev` (dev) or `.dev/<part>`. PostgreSQL
// refuses to run as root, and another user can often not enter a checkout of
// root's, so for root it is `/var/tmp/fellesloft-<hash of the path>/<part>`
// with an unprivileged owner, and `.dev/outside` points to it.
func (c Checkout) Place(part string) (Place, error) {
	if err := os.MkdirAll(c.DevDir(), 0o755); err != nil {
		return Place{}, fmt.Errorf("make %s: %w", c.DevDir(), err)
	}
	if os.Geteuid() != 0 {
		dir := c.DevDir()
		if part != "dev" {
			dir = filepath.Join(dir, part)
		}
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return Place{}, fmt.Errorf("make %s: %w", dir, err)
		}
		return Place{Dir: dir, programs: filepath.Join(c.DevDir(), "postgres-programs")}, nil
	}
	if err := c.makeOutsideDir(); err != nil {
		return Place{}, err
	}
	owner, err := unprivilegedUser()
	if err != nil {
		return Place{}, err
	}
	place := Place{
		Dir:      filepath.Join(c.outsideDir(), part),
		programs: filepath.Join(c.outsideDir(), "postgres-programs"),
		owner:    owner,
	}
	if err := os.MkdirAll(place.Dir, 0o755); err != nil {
		return Place{}, fmt.Errorf("make %s: %w", place.Dir, err)
	}
	return place, nil
}

// Scratch gives a place of its own for a server that one test starts for
// itself; the caller removes it.
func (c Checkout) Scratch(name string) (Place, error) {
	place, err := c.Place("scratch")
	if err != nil {
		return Place{}, err
	}
	dir, err := os.MkdirTemp(place.Dir, name+"-")
	if err != nil {
		return Place{}, fmt.Errorf("make a scratch folder: %w", err)
	}
	// The servers' user must be able to pass through.
	if err := os.Chmod(dir, 0o755); err != nil { //nolint:gosec // the data folder within is closed to others
		return Place{}, fmt.Errorf("open the scratch folder: %w", err)
	}
	place.Dir = dir
	return place, nil
}

// makeOutsideDir makes the folder under a name that anyone could guess in a
// folder that anyone may write, so one that is not root's own is refused.
func (c Checkout) makeOutsideDir() error {
	dir := c.outsideDir()
	if err := os.Mkdir(dir, 0o755); err != nil && !errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("make %s: %w", dir, err)
	}
	info, err := os.Lstat(dir)
	if err != nil {
		return fmt.Errorf("look at %s: %w", dir, err)
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !info.IsDir() || !ok || stat.Uid != 0 {
		return fmt.Errorf("%s exists but is not a folder owned by root: remove it and try again", dir)
	}
	pointer := filepath.Join(c.DevDir(), "outside")
	if err := os.WriteFile(pointer, []byte(dir+"\n"), 0o644); err != nil {
		return fmt.Errorf("write the pointer to %s: %w", dir, err)
	}
	return nil
}

// unprivilegedUser prefers the user that a PostgreSQL package makes for this
// purpose to the one that every system has.
func unprivilegedUser() (*syscall.Credential, error) {
	names := []string{"postgres", "nobody"}
	for _, name := range names {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, errUID := strconv.ParseUint(u.Uid, 10, 32)
		gid, errGID := strconv.ParseUint(u.Gid, 10, 32)
		if errUID == nil && errGID == nil && uid != 0 {
			return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
		}
	}
	return nil, fmt.Errorf("PostgreSQL does not run as root, and there is no user %s to run it as: add one, or run this as an ordinary user", strings.Join(names, " or "))
}

// own makes dir and gives it to the place's user. Servers keep secrets in it,
// so nobody else may enter.
func (p Place) own(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("make %s: %w", dir, err)
	}
	return p.give(dir)
}

// give makes the place's user the owner of a file or folder.
func (p Place) give(path string) error {
	if p.owner == nil {
		return nil
	}
	if err := os.Chown(path, int(p.owner.Uid), int(p.owner.Gid)); err != nil {
		return fmt.Errorf("give %s to the unprivileged user: %w", path, err)
	}
	return nil
}
