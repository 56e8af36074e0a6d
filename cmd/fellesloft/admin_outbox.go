package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/fellesloft/fellesloft/db"
)

// outboxCommand lets an operator keep messages back while a restored database
// is looked at.
func outboxCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "outbox", Short: "Hold messages back after a restore, and release them"}
	cmd.AddCommand(
		holdCommand("hold", "Send no mail and wake no process until they are released", true),
		holdCommand("release", "Send what waits", false),
	)
	return cmd
}

func holdCommand(use, short string, held bool) *cobra.Command {
	return &cobra.Command{
		Use:   use,
		Short: short,
		Long:  short + ",\nin the database that DATABASE_URL names, as its owner. It is written to the audit log.",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			address, err := required("DATABASE_URL")
			if err != nil {
				return err
			}
			waiting, err := db.HoldOutbox(cmd.Context(), address, held)
			if err != nil {
				return err
			}
			state := "released"
			if held {
				state = "held"
			}
			fmt.Fprintf(cmd.OutOrStdout(), "outbox: %s, %d waiting\n", state, waiting)
			return nil
		},
	}
}
