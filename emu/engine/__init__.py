"""The contract of an execution engine, and the interpreter: what every other engine has to equal."""
