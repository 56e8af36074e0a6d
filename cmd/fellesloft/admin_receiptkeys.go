package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/fellesloft/fellesloft/internal/seal"
)

// keysPublishCommand is how the worker comes to the keys by which it verifies
// receipts without ever having the keys that sign them.
func keysPublishCommand() *cobra.Command {
	var signing, receipts string
	cmd := &cobra.Command{
		Use:   "publish",
		Short: "Write the public halves of the signing keys, by which receipts are verified",
		Long: `Writes the public halves of the signing keys to the file that the worker reads,
and that suppliers verify receipts with. Run it again after a rotation.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if receipts == "" {
				return missing("RECEIPT_KEYS_FILE")
			}
			keys, err := keysOf(cmd.Context(), serveService)
			if err != nil {
				return err
			}
			return publish(cmd, keys, signing, receipts)
		},
	}
	cmd.Flags().StringVar(&signing, "signing", os.Getenv("SIGNING_KEY_FILE"), "file of the signing key (SIGNING_KEY_FILE)")
	cmd.Flags().StringVar(&receipts, "receipts", os.Getenv("RECEIPT_KEYS_FILE"), "file of the published keys (RECEIPT_KEYS_FILE)")
	return cmd
}

func publish(cmd *cobra.Command, keys seal.Keys, signing, receipts string) error {
	if signing == "" {
		return missing("SIGNING_KEY_FILE")
	}
	if err := publishReceiptKeys(keys, signing, receipts); err != nil {
		return err
	}
	fmt.Fprintf(cmd.OutOrStdout(), "receipt keys: %s, written\n", receipts)
	return nil
}

// publishReceiptKeys replaces the file whole, so that a worker that starts in
// the meantime never reads half of it. It holds no secret.
func publishReceiptKeys(keys seal.Keys, signing, receipts string) error {
	key, err := keys.LoadSigning(signing)
	if err != nil {
		return err
	}
	public, err := json.Marshal(key.PublicKeys())
	if err != nil {
		return fmt.Errorf("publish the receipt keys: %w", err)
	}
	next := filepath.Join(filepath.Dir(receipts), "."+filepath.Base(receipts)+".next")
	if err := os.WriteFile(next, append(public, '\n'), 0o644); err != nil {
		return fmt.Errorf("publish the receipt keys: %w", err)
	}
	if err := os.Rename(next, receipts); err != nil {
		return fmt.Errorf("publish the receipt keys: %w", err)
	}
	return nil
}
