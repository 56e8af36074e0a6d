package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/fellesloft/fellesloft/db"
	"github.com/fellesloft/fellesloft/internal/fault"
	"github.com/fellesloft/fellesloft/internal/seed"
)

// missing is the fault for a setting that a command cannot do without.
func missing(setting string) error {
	return fault.New(fault.Invalid, "config.missing", fault.Params{"setting": setting}).At(setting)
}

func required(setting string) (string, error) {
	v := os.Getenv(setting)
	if v == "" {
		return "", missing(setting)
	}
	return v, nil
}

func migrateCommand() *cobra.Command {
	var development bool
	cmd := &cobra.Command{
		Use:   "migrate",
		Short: "Bring the database's schema and registers up to date",
		Long: `Brings schema and registers of the database that DATABASE_URL names, as its
owner, up to date. An empty database is marked as a production one, once and for
good, unless --development says otherwise.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			address, err := required("DATABASE_URL")
			if err != nil {
				return err
			}
			kind := db.Production
			if development {
				kind = db.Development
			}
			if err := db.Migrate(cmd.Context(), address, kind); err != nil {
				return err
			}
			return seed.Registers(cmd.Context(), address)
		},
	}
	cmd.Flags().BoolVar(&development, "development", false, "mark an empty database as one for development")
	cmd.AddCommand(migrateRolesCommand())
	return cmd
}

// rolePassword names the setting with a role's password.
func rolePassword(role string) string {
	return "PASSWORD_" + strings.ToUpper(strings.TrimPrefix(role, "fellesloft_"))
}

func migrateRolesCommand() *cobra.Command {
	var printOnly bool
	cmd := &cobra.Command{
		Use:   "roles",
		Short: "Make the database roles, once per server, as a superuser",
		Long: `Makes the roles on the server that DATABASE_URL_SUPERUSER names. It can be run
again. PASSWORD_OWNER, PASSWORD_APP, PASSWORD_ENGINE, PASSWORD_ANYONE and
PASSWORD_BACKUP set passwords; a role without one cannot sign in by password.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			passwords := map[string]string{}
			for _, role := range db.Roles() {
				passwords[role] = os.Getenv(rolePassword(role))
			}
			if printOnly {
				fmt.Fprintln(cmd.OutOrStdout(), "BEGIN;")
				for _, statement := range db.RolesSQL(passwords) {
					fmt.Fprintln(cmd.OutOrStdout(), statement+";")
				}
				fmt.Fprintln(cmd.OutOrStdout(), "COMMIT;")
				return nil
			}
			address, err := required("DATABASE_URL_SUPERUSER")
			if err != nil {
				return err
			}
			return db.EnsureRoles(cmd.Context(), address, passwords)
		},
	}
	cmd.Flags().BoolVar(&printOnly, "print", false, "print the SQL instead of running it")
	return cmd
}
