package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/fellesloft/fellesloft/internal/seal"
)

func verifyCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "verify", Short: "Prove offline what the program has signed"}
	cmd.AddCommand(verifyReceiptCommand())
	return cmd
}

// errNotProven ends the command with a failure; the report has told why.
var errNotProven = errors.New("the receipt does not hold")

func verifyReceiptCommand() *cobra.Command {
	var keys, opened string
	cmd := &cobra.Command{
		Use:   "receipt BUNDLE",
		Short: "Check a tender's receipt and envelopes against the published keys",
		Long: `Checks a bundle (receipt, envelopes and data keys, as a supplier downloads it)
against the published signing keys and, with --opened, against what was opened.
No server is needed.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			report, err := verifyReceipt(args[0], keys, opened)
			if err != nil {
				return err
			}
			printReport(cmd.OutOrStdout(), report)
			if !report.OK() {
				return errNotProven
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&keys, "keys", "", "file with the published signing keys")
	cmd.Flags().StringVar(&opened, "opened", "", "file with what was opened")
	cobra.CheckErr(cmd.MarkFlagRequired("keys"))
	return cmd
}

func verifyReceipt(bundle, keys, opened string) (seal.Report, error) {
	b, err := os.ReadFile(bundle)
	if err != nil {
		return seal.Report{}, err
	}
	k, err := os.ReadFile(keys)
	if err != nil {
		return seal.Report{}, err
	}
	if opened == "" {
		return seal.VerifyReaders(bytes.NewReader(b), bytes.NewReader(k), nil)
	}
	o, err := os.ReadFile(opened)
	if err != nil {
		return seal.Report{}, err
	}
	return seal.VerifyReaders(bytes.NewReader(b), bytes.NewReader(k), bytes.NewReader(o))
}

func printReport(to io.Writer, r seal.Report) {
	table := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
	for _, c := range r.Checks {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", c.Result, c.Name, c.Lot, c.Part, c.Rule)
	}
	_ = table.Flush() // nothing can be done about a terminal that cannot be written
	switch {
	case r.Proven():
		fmt.Fprintln(to, "Proven: what was opened is what was sent.")
	case r.OK():
		fmt.Fprintln(to, "Nothing failed, but not everything could be checked.")
	default:
		fmt.Fprintln(to, "Not proven: at least one check failed.")
	}
}
