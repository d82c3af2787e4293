import Glibc

// Everything else lives in plain functions of other files: a closure formed here would be isolated to the main actor
// and trap on any other thread.
exit(Program.run(CommandLine.arguments))
