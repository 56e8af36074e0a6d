// Package bench measures what the program costs beside something plainer: a
// list read through the whole API beside a bare handler, a command with its
// audit entries beside the same command without them.
//
// Everything is a ratio. Both sides run on the same machine in the same moment,
// round by round in random order, so what the machine is and who else uses it
// falls out. README.md says what is measured and how to read it.
package bench
