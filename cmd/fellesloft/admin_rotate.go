package main

import (
	"context"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/fellesloft/fellesloft/internal/seal"
)

// rotated is a key file that an operator adds a key to, or takes old ones from.
type rotated struct {
	use, what, setting string
	purpose            seal.Purpose
}

var rotatable = []rotated{
	{"wrapping", "the wrapping key of serve", "WRAPPING_KEY_FILE", seal.PurposeWrapping},
	{"signing", "the signing key of serve", "SIGNING_KEY_FILE", seal.PurposeSigning},
	{"master", "the master key of the worker's opening keys", "KEY_MASTER_FILE", seal.PurposeOpening},
}

// keysRotateCommand adds keys; docs/sealing.md says what comes before and after.
func keysRotateCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "rotate", Short: "Add a new key to a file; older keys stay"}
	for _, r := range rotatable {
		cmd.AddCommand(&cobra.Command{
			Use: r.use, Short: "Add a key to " + r.what + " (" + r.setting + ")", Args: cobra.NoArgs,
			RunE: func(cmd *cobra.Command, _ []string) error {
				path, err := required(r.setting)
				if err != nil {
					return err
				}
				keys, err := keysFor(cmd.Context(), r.purpose)
				if err != nil {
					return err
				}
				id, err := keys.Rotate(path, r.purpose)
				if err != nil {
					return err
				}
				fmt.Fprintf(cmd.OutOrStdout(), "%s: new key %s; restart what reads it\n", path, id)
				return nil
			},
		})
	}
	return cmd
}

// keysRetireCommand takes old keys away for good. Signing keys are never
// retired, since receipts are verified with them.
func keysRetireCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "retire", Short: "Remove all keys but the newest from a file, for good"}
	for _, r := range rotatable {
		if r.purpose == seal.PurposeSigning {
			continue
		}
		cmd.AddCommand(&cobra.Command{
			Use: r.use, Short: "Remove the older keys of " + r.what + " (" + r.setting + ")", Args: cobra.NoArgs,
			RunE: func(cmd *cobra.Command, _ []string) error {
				path, err := required(r.setting)
				if err != nil {
					return err
				}
				if r.purpose == seal.PurposeOpening {
					// What the older keys encrypt would be lost with them.
					if err := reencrypt(cmd.Context(), cmd); err != nil {
						return err
					}
				}
				keys, err := keysFor(cmd.Context(), r.purpose)
				if err != nil {
					return err
				}
				if r.purpose == seal.PurposeOpening && keys.Service != nil {
					fmt.Fprintf(cmd.OutOrStdout(), "%s: opens nothing any more; remove it\n", path)
					return nil
				}
				removed, err := keys.RetireOlder(path, r.purpose)
				if err != nil {
					return err
				}
				fmt.Fprintf(cmd.OutOrStdout(), "%s: %d older keys removed\n", path, len(removed))
				return nil
			},
		})
	}
	return cmd
}

// reencrypt encrypts the opening keys for the newest master key.
func reencrypt(ctx context.Context, cmd *cobra.Command) error {
	folder, err := required("KEY_DIR")
	if err != nil {
		return err
	}
	service, err := keysFor(ctx, seal.PurposeOpening)
	if err != nil {
		return err
	}
	keys, err := service.OpenDir(folder, os.Getenv("KEY_MASTER_FILE"))
	if err != nil {
		return err
	}
	n, err := keys.Reencrypt(ctx)
	if err != nil {
		return err
	}
	fmt.Fprintf(cmd.OutOrStdout(), "%s: %d opening keys encrypted anew\n", folder, n)
	return nil
}
