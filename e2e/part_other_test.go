//go:build !linux

package e2e

import "syscall"

// endWithTheTest does nothing where systems cannot: a test process that is
// killed leaves its children.
func endWithTheTest(*syscall.SysProcAttr) {}
