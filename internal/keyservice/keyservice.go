// Package keyservice speaks to key management services: Vault's transit engine,
// also as OpenBao has it, and AWS KMS. It fills the port of package seal, and
// keeps nothing: what a service has encrypted only that service opens.
package keyservice

import (
	"context"
	"net/url"

	"gocloud.dev/gcerrors"
	"gocloud.dev/secrets"
	_ "gocloud.dev/secrets/awskms" // the scheme awskms

	"github.com/fellesloft/fellesloft/internal/fault"
)

// Service encrypts and decrypts small secrets with one key. It returns Invalid
// (seal.key-service-refused) for a ciphertext that its key did not make, and
// Unavailable (seal.key-service-away) for all else: no answer, no access, no such
// key. It is safe for use by many goroutines.
type Service interface {
	Encrypt(ctx context.Context, plaintext []byte) ([]byte, error)
	Decrypt(ctx context.Context, ciphertext []byte) ([]byte, error)
}

// Open makes the client of a key by its URL, without asking the service yet:
//
//	vault+https://vault.example.org:8200/transit/fellesloft-opening
//	awskms://alias/fellesloft-opening?region=eu-north-1
//
// The path of the first is the mount of the transit engine and the name of the
// key, with ?namespace= where there is one; vault+http is for loopback only.
// tokenFile holds Vault's token and is read at each call, so that an agent can
// renew it; AWS has its own ways to credentials. It returns Invalid
// (config.key-service-url) for a URL of another form.
func Open(ctx context.Context, address, tokenFile string) (Service, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, malformed()
	}
	switch u.Scheme {
	case "vault+https", "vault+http":
		return newVault(u, tokenFile)
	case "awskms":
		keeper, err := secrets.OpenKeeper(ctx, address)
		if err != nil {
			return nil, malformed()
		}
		return keeping{keeper}, nil
	}
	return nil, malformed()
}

func malformed() error {
	return fault.New(fault.Invalid, "config.key-service-url")
}

func away(cause error) error { return fault.Wrap(fault.Unavailable, "seal.key-service-away", cause) }

func refused(cause error) error {
	return fault.Wrap(fault.Invalid, "seal.key-service-refused", cause)
}

// keeping is a keeper of gocloud.dev with its errors told as faults.
type keeping struct{ keeper *secrets.Keeper }

// Encrypt implements Service.
func (k keeping) Encrypt(ctx context.Context, plaintext []byte) ([]byte, error) {
	out, err := k.keeper.Encrypt(ctx, plaintext)
	if err != nil {
		return nil, away(err)
	}
	return out, nil
}

// Decrypt implements Service.
func (k keeping) Decrypt(ctx context.Context, ciphertext []byte) ([]byte, error) {
	out, err := k.keeper.Decrypt(ctx, ciphertext)
	switch {
	case err == nil:
		return out, nil
	case gcerrors.Code(err) == gcerrors.InvalidArgument:
		return nil, refused(err)
	}
	return nil, away(err)
}
