package main

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"
	"go.temporal.io/sdk/log"

	"github.com/fellesloft/fellesloft/internal/config"
	"github.com/fellesloft/fellesloft/internal/process"
)

var errNothingToReplay = errors.New("there is no history to replay: name files or folders, or use --running")

// replayCommand tells before a new build takes over whether its workflows do
// what they did when the histories were made.
func replayCommand() *cobra.Command {
	var running bool
	cmd := &cobra.Command{
		Use:   "replay [FILE|FOLDER]...",
		Short: "Check that this build's workflows replay recorded histories, or all that run now",
		RunE: func(cmd *cobra.Command, args []string) error {
			files, err := historyFiles(args)
			if err != nil {
				return err
			}
			if len(files) == 0 && !running {
				return errNothingToReplay
			}
			quiet := log.NewStructuredLogger(slog.New(slog.DiscardHandler))
			err = process.Replay(quiet, files...)
			n := len(files)
			if running {
				more, runningErr := replayRunning(cmd, quiet)
				n += more
				err = errors.Join(err, runningErr)
			}
			if err != nil {
				return err
			}
			fmt.Fprintf(cmd.OutOrStdout(), "%d histories replay.\n", n)
			return nil
		},
	}
	cmd.Flags().BoolVar(&running, "running", false, "replay every process that runs on the Temporal server of TEMPORAL_ADDRESS")
	return cmd
}

func replayRunning(cmd *cobra.Command, quiet log.Logger) (int, error) {
	var c config.Common
	if err := config.Read(cmd.Context(), &c); err != nil {
		return 0, err
	}
	temporal, err := process.NewClient(c.Temporal(), c.Logger())
	if err != nil {
		return 0, err
	}
	defer temporal.Close()
	return temporal.ReplayRunning(cmd.Context(), quiet)
}

// historyFiles finds the files that are named, and those in folders that are.
func historyFiles(named []string) ([]string, error) {
	var files []string
	for _, name := range named {
		err := filepath.WalkDir(name, func(path string, entry fs.DirEntry, err error) error {
			if err == nil && !entry.IsDir() && (path == name || filepath.Ext(path) == ".json") {
				files = append(files, path)
			}
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("find histories: %w", err)
		}
	}
	slices.Sort(files)
	return files, nil
}
