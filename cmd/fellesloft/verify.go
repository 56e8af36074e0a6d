package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"text/tabwriter"

	"github.com/google/uuid"
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
	var keys, opened, files string
	cmd := &cobra.Command{
		Use:   "receipt BUNDLE",
		Short: "Check a tender's receipt and envelopes against the published keys",
		Long: `Checks a bundle (receipt, envelopes and data keys, as a supplier downloads it)
against the published signing keys and, with --opened, against what was opened.
With --files, the files of a folder are encrypted anew with the keys of the
bundle and compared with the receipt; their names do not matter. No server is
needed. What is marked as a business secret, or as covering some buyers only, is
listed without the reasons.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			report, err := verifyReceipt(args[0], keys, opened, files)
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
	cmd.Flags().StringVar(&files, "files", "", "folder with the tender's files as they were sent")
	cobra.CheckErr(cmd.MarkFlagRequired("keys"))
	return cmd
}

func verifyReceipt(bundle, keys, opened, files string) (seal.Report, error) {
	b, err := os.ReadFile(bundle)
	if err != nil {
		return seal.Report{}, err
	}
	k, err := os.ReadFile(keys)
	if err != nil {
		return seal.Report{}, err
	}
	contents, err := filesIn(files)
	if err != nil {
		return seal.Report{}, err
	}
	if opened == "" {
		return seal.VerifyReadersFiles(bytes.NewReader(b), bytes.NewReader(k), nil, contents)
	}
	o, err := os.ReadFile(opened)
	if err != nil {
		return seal.Report{}, err
	}
	return seal.VerifyReadersFiles(bytes.NewReader(b), bytes.NewReader(k), bytes.NewReader(o), contents)
}

func printReport(to io.Writer, r seal.Report) {
	table := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
	for _, c := range r.Checks {
		about := c.Lot
		if c.File != uuid.Nil {
			about = c.File
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", c.Result, c.Name, about, c.Part, c.Rule)
	}
	for _, c := range r.Checks {
		for _, m := range c.Marks {
			fmt.Fprintf(table, "marked\t%s\t%s\t%s\t%s\n", markOf(m), m.About, c.Part, coverOf(m))
		}
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

func markOf(m seal.Mark) string {
	switch {
	case m.File:
		return "secret file"
	case m.Secret:
		return "secret answer"
	}
	return "answer"
}

func coverOf(m seal.Mark) string {
	if m.Buyers == 0 {
		return ""
	}
	return fmt.Sprintf("for %d of the buyers", m.Buyers)
}
