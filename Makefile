# The verbs of the project. On Windows, or without make, see what each one calls.
.PHONY: setup check test fix firmware guesses bench
python = .venv/bin/python

setup:     ## make .venv with the tools for development
	python3 start.py setup

check:     ## what CI checks besides the tests
	.ci/check

test:      ## all tests
	python3 start.py test

fix:       ## format, apply safe lint fixes, regenerate the tables in documents
	$(python) -m ruff check --fix .
	$(python) -m ruff format .
	$(python) -m emu.isa.reference docs/isa.md
	$(python) -m emu.cli.support_table docs/support.md

firmware:  ## rebuild the built-in firmware (needs the C-SKY toolchain)
	$(MAKE) -C roms

guesses:   ## what is guessed about the hardware, and where
	@grep -rn --include='*.py' --include='*.[chS]' 'GUESS:' emu peripherals roms || echo "no guesses"

bench:     ## speed against the limit of the stock engine, and start-up time
	$(python) -m emu.cli bench
	$(python) benchmarks/startup.py
	[ -z "$$WM_IOT_SDK_PATH" ] || $(python) benchmarks/sdk.py
