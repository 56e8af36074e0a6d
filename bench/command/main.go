// Command command runs commands for the measurement of their audit entries: a
// process of its own, because the other side is the same program built without
// them. It reads a place and then turns from standard input, and answers each
// turn with the nanoseconds that it took.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/fellesloft/fellesloft/bench"
)

func main() {
	if err := run(context.Background(), os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, in io.Reader, out io.Writer) error {
	asked := json.NewDecoder(bufio.NewReader(in))
	var place bench.Place
	if err := asked.Decode(&place); err != nil {
		return fmt.Errorf("read the place: %w", err)
	}
	stack, err := bench.Open(ctx, place)
	if err != nil {
		return err
	}
	defer stack.Close()
	for {
		var turn bench.Turn
		if err := asked.Decode(&turn); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return fmt.Errorf("read a turn: %w", err)
		}
		took, err := bench.Commands()[turn.Command].Run(ctx, stack, turn.Times)
		if err != nil {
			return err
		}
		fmt.Fprintln(out, took.Nanoseconds())
	}
}
