package main

import (
	"fmt"
	"path/filepath"

	"github.com/fellesloft/fellesloft/internal/devenv"
	"github.com/fellesloft/fellesloft/internal/seal"
)

// devKeys are the key files of a development program. They lie beside each
// other, as they never do in production.
type devKeys struct {
	wrapping, signing string // serve's
	opening, master   string // the worker's folder, and the key to it
	receipts          string // the worker's: the public halves of the signing keys
	secret            string // of both
	issuer            string // the development issuer's
	register          string // serve's, as a client of the register of supplier systems
}

// ensureDevKeys makes the key files that are missing. They are kept from one
// start to the next: what was sealed must open.
func ensureDevKeys(checkout devenv.Checkout) (devKeys, error) {
	in := func(name string) string { return filepath.Join(checkout.DevDir(), "keys", name) }
	keys := devKeys{
		wrapping: in("wrapping.keys"), signing: in("signing.keys"),
		opening: in("opening"), master: in("master.keys"),
		receipts: in("receipts.json"), secret: in("audit.secret"), issuer: in("issuer.pem"), register: in("register.pem"),
	}
	if _, err := seal.EnsureKeyFile(keys.wrapping, seal.PurposeWrapping); err != nil {
		return devKeys{}, err
	}
	if _, err := seal.EnsureKeyFile(keys.signing, seal.PurposeSigning); err != nil {
		return devKeys{}, err
	}
	if _, err := seal.InitKeyDir(keys.opening, keys.master); err != nil {
		return devKeys{}, err
	}
	if _, err := makeSecret(keys.secret); err != nil {
		return devKeys{}, fmt.Errorf("make the audit secret: %w", err)
	}
	return keys, publishReceiptKeys(seal.Keys{}, keys.signing, keys.receipts)
}
