package e2e

import "syscall"

// endWithTheTest has a child die with the test process, also when that is
// killed.
func endWithTheTest(a *syscall.SysProcAttr) { a.Pdeathsig = syscall.SIGKILL }
