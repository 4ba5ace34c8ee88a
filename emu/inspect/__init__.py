"""Looking at a program from outside: names, instructions, calls, tasks. Looking changes nothing."""
