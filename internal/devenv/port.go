package devenv

import (
	"fmt"
	"net"
	"net/netip"
	"os"
	"strconv"
	"strings"
)

// freePort asks the system for a port that nothing listens on. Another process
// can take it before it is used, so a caller that fails to listen tries again.
func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, fmt.Errorf("find a free port: %w", err)
	}
	defer l.Close() //nolint:errcheck // a port that is not given back is found taken, and another is tried
	address, err := netip.ParseAddrPort(l.Addr().String())
	if err != nil {
		return 0, fmt.Errorf("find a free port: %w", err)
	}
	return int(address.Port()), nil
}

func portIsFree(port int) bool {
	l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil {
		return false
	}
	return l.Close() == nil
}

// rememberedPort keeps a server on the address that people have written down:
// the port in the file, else the preferred one, else any; whichever is free.
func rememberedPort(file string, preferred int) (int, error) {
	candidates := []int{preferred}
	if text, err := os.ReadFile(file); err == nil {
		if port, err := strconv.Atoi(strings.TrimSpace(string(text))); err == nil {
			candidates = []int{port, preferred}
		}
	}
	for _, port := range candidates {
		if port != 0 && portIsFree(port) {
			return port, rememberPort(file, port)
		}
	}
	port, err := freePort()
	if err != nil {
		return 0, err
	}
	return port, rememberPort(file, port)
}

func rememberPort(file string, port int) error {
	if err := os.WriteFile(file, []byte(strconv.Itoa(port)+"\n"), 0o644); err != nil {
		return fmt.Errorf("remember the port: %w", err)
	}
	return nil
}
