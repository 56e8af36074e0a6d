package main

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/fellesloft/fellesloft/db"
	"github.com/fellesloft/fellesloft/internal/actor"
	"github.com/fellesloft/fellesloft/internal/domain/party"
	"github.com/fellesloft/fellesloft/internal/seal"
)

func adminCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "admin", Short: "What an operator does from the shell"}
	keys := &cobra.Command{Use: "keys", Short: "The program's key files"}
	keys.AddCommand(keysInitCommand(), keysPublishCommand(), keysRotateCommand(), keysRetireCommand())
	cmd.AddCommand(grantCommand(), keys, outboxCommand())
	return cmd
}

func grantCommand() *cobra.Command {
	var g db.Grant
	var roles []string
	cmd := &cobra.Command{
		Use:   "grant",
		Short: "Let a subject act for an organisation",
		Long: `Lets a subject of an issuer act for an organisation, in the database that
DATABASE_URL names, as its owner. The first administrator is made this way. It is
written to the audit log. Roles replace those that the subject had.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			address, err := required("DATABASE_URL")
			if err != nil {
				return err
			}
			number, err := party.ParseOrgNumber(g.OrgNumber)
			if err != nil {
				return err
			}
			g.OrgNumber = string(number)
			for _, r := range roles {
				g.Roles = append(g.Roles, actor.Role(r))
			}
			if err := g.Write(cmd.Context(), address); err != nil {
				return err
			}
			fmt.Fprintf(cmd.OutOrStdout(), "%s may act for %s as %v.\n", g.Subject, g.OrgNumber, g.Roles)
			return nil
		},
	}
	f := cmd.Flags()
	f.StringVar(&g.OrgNumber, "organisation", "", "organisation number")
	f.StringVar(&g.OrgName, "organisation-name", "", "name of an organisation that is not known yet")
	f.StringVar(&g.OrgKind, "organisation-kind", "", "its kind: municipality, county_municipality, joint_body, supplier, association or authority")
	f.StringVar(&g.Issuer, "issuer", "", "issuer, as its tokens write it")
	f.StringVar(&g.Subject, "subject", "", `subject, or "0192:" and the organisation number for tokens that have a consumer only`)
	f.StringVar(&g.Kind, "kind", "person", "person or system")
	f.StringVar(&g.Name, "name", "", "name that is shown to people")
	f.StringVar(&g.Email, "email", "", "address for notifications")
	f.StringSliceVar(&roles, "roles", nil, fmt.Sprintf("any of %v", actor.Roles()))
	for _, name := range []string{"organisation", "issuer", "subject", "name", "roles"} {
		cobra.CheckErr(cmd.MarkFlagRequired(name))
	}
	return cmd
}

func keysInitCommand() *cobra.Command {
	var wrapping, signing, receipts, secret, opening, master string
	cmd := &cobra.Command{
		Use:   "init",
		Short: "Make key files that are missing; nothing is overwritten",
		Long: `Makes the files that are named and missing. serve needs the wrapping key, the
signing key and the secret; the worker needs the opening folder with its master
key, the published receipt keys and the secret. Neither may have the other's.
The receipt keys follow from the signing keys and are written anew.

With SERVE_KEY_SERVICE_URL the files of serve are encrypted by that key service,
plain ones that are there too. With WORKER_KEY_SERVICE_URL the service is the
master key, and no file of it is made.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			serves, err := keysOf(cmd.Context(), serveService)
			if err != nil {
				return err
			}
			workers, err := keysOf(cmd.Context(), workerService)
			if err != nil {
				return err
			}
			for _, k := range []struct {
				what, path string
				ensure     func(string) (bool, error)
			}{
				{"wrapping key", wrapping, func(p string) (bool, error) { return serves.Ensure(p, seal.PurposeWrapping) }},
				{"signing key", signing, func(p string) (bool, error) { return serves.Ensure(p, seal.PurposeSigning) }},
				{"secret", secret, makeSecret},
				{"opening keys", opening, func(p string) (bool, error) { return workers.InitDir(p, master) }},
			} {
				if k.path == "" {
					continue
				}
				made, err := k.ensure(k.path)
				if err != nil {
					return err
				}
				state := "was there"
				if made {
					state = "made"
				}
				fmt.Fprintf(cmd.OutOrStdout(), "%s: %s, %s\n", k.what, k.path, state)
			}
			if receipts == "" {
				return nil
			}
			return publish(cmd, serves, signing, receipts)
		},
	}
	f := cmd.Flags()
	f.StringVar(&wrapping, "wrapping", os.Getenv("WRAPPING_KEY_FILE"), "file of the wrapping key (WRAPPING_KEY_FILE)")
	f.StringVar(&signing, "signing", os.Getenv("SIGNING_KEY_FILE"), "file of the signing key (SIGNING_KEY_FILE)")
	f.StringVar(&receipts, "receipts", os.Getenv("RECEIPT_KEYS_FILE"), "file of the published receipt keys (RECEIPT_KEYS_FILE)")
	f.StringVar(&secret, "secret", os.Getenv("AUDIT_SECRET_FILE"), "file of the secret (AUDIT_SECRET_FILE)")
	f.StringVar(&opening, "opening", os.Getenv("KEY_DIR"), "folder of the opening keys (KEY_DIR)")
	f.StringVar(&master, "master", os.Getenv("KEY_MASTER_FILE"), "file of the opening keys' master key (KEY_MASTER_FILE)")
	return cmd
}

// makeSecret makes a secret of 32 random bytes for its owner's eyes only.
func makeSecret(path string) (made bool, err error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return false, err
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	b := make([]byte, minSecret)
	_, _ = rand.Read(b) // never fails
	_, err = fmt.Fprintln(file, hex.EncodeToString(b))
	return true, errors.Join(err, file.Close())
}
