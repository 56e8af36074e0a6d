package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strconv"

	"github.com/fellesloft/fellesloft/internal/devenv"
)

// devAddresses is where the parts of a development program listen, all on
// loopback. `dev` writes it to .dev/addresses.json, where `demo` finds it.
type devAddresses struct {
	API             string `json:"api"`    // http://host:port, without a path
	Issuer          string `json:"issuer"` // also what its tokens name
	Mail            string `json:"mail"`   // the caught mails, in a browser
	SMTP            string `json:"smtp"`   // host:port
	Temporal        string `json:"temporal"`
	TemporalUI      string `json:"temporalUi,omitempty"` // "" for a server that dev did not start
	ServeReadiness  string `json:"serveReadiness"`
	WorkerReadiness string `json:"workerReadiness"`
}

// Ports at which the parts listen if they can.
const (
	preferredAPIPort    = 8080
	preferredIssuerPort = 8081
	preferredMailPort   = 8082
	preferredSMTPPort   = 8025
	preferredServePort  = 9090
	preferredWorkerPort = 9091
)

const addressesFile = "addresses.json"

// readDevAddresses gives the addresses of the checkout's latest `dev`, which
// need not run any more. It returns fs.ErrNotExist where there was none.
func readDevAddresses(checkout devenv.Checkout) (devAddresses, error) {
	text, err := os.ReadFile(filepath.Join(checkout.DevDir(), addressesFile))
	if err != nil {
		return devAddresses{}, err
	}
	var at devAddresses
	if err := json.Unmarshal(text, &at); err != nil {
		return devAddresses{}, fmt.Errorf("read %s: %w", addressesFile, err)
	}
	return at, nil
}

func (a devAddresses) write(checkout devenv.Checkout) error {
	text, err := json.MarshalIndent(a, "", "  ")
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(checkout.DevDir(), addressesFile), append(text, '\n'), 0o644); err != nil {
		return fmt.Errorf("write the addresses: %w", err)
	}
	return nil
}

// chooseDevAddresses keeps each part where it was the last time, so that links
// that people have open stay right: else it takes the preferred port, else any
// that is free.
func chooseDevAddresses(ctx context.Context, checkout devenv.Checkout) (devAddresses, error) {
	before, err := readDevAddresses(checkout)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		before = devAddresses{} // a broken file is written anew
	}
	var at devAddresses
	taken := map[int]bool{}
	for _, part := range []struct {
		is        *string
		was       string
		scheme    string
		preferred int
	}{
		{&at.API, before.API, "http://", preferredAPIPort},
		{&at.Issuer, before.Issuer, "http://", preferredIssuerPort},
		{&at.Mail, before.Mail, "http://", preferredMailPort},
		{&at.SMTP, before.SMTP, "", preferredSMTPPort},
		{&at.ServeReadiness, before.ServeReadiness, "http://", preferredServePort},
		{&at.WorkerReadiness, before.WorkerReadiness, "http://", preferredWorkerPort},
	} {
		port, err := choosePort(ctx, taken, portOf(part.was), part.preferred)
		if err != nil {
			return devAddresses{}, err
		}
		*part.is = part.scheme + loopback(port)
	}
	return at, nil
}

// choosePort takes the first candidate that is free, else any port; 0 is no
// candidate.
func choosePort(ctx context.Context, taken map[int]bool, candidates ...int) (int, error) {
	for i, port := range append(candidates, 0, 0, 0) {
		if taken[port] || (port == 0 && i < len(candidates)) {
			continue
		}
		l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", loopback(port))
		if err != nil {
			continue
		}
		if address, ok := l.Addr().(*net.TCPAddr); ok {
			port = address.Port
		}
		if err := l.Close(); err != nil || taken[port] {
			continue
		}
		taken[port] = true
		return port, nil
	}
	return 0, errors.New("no port is free on 127.0.0.1")
}

func loopback(port int) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)) }

// hostPort is the address without its scheme.
func hostPort(address string) string {
	if u, err := url.Parse(address); err == nil && u.Host != "" {
		return u.Host
	}
	return address
}

// portOf is the port of an address with or without a scheme, 0 for none.
func portOf(address string) int {
	_, text, err := net.SplitHostPort(hostPort(address))
	if err != nil {
		return 0
	}
	port, err := strconv.Atoi(text)
	if err != nil {
		return 0
	}
	return port
}
