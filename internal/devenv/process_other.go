//go:build !linux

package devenv

import "syscall"

// Only Linux has a death signal.
func setDeathSignal(*syscall.SysProcAttr, syscall.Signal) {}
