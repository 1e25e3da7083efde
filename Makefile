# Two commands for a fresh machine: `make demo` and `make test`; both install what they need (Python 3.11, Node 20, npm).

PYTHON ?= python3
UV := .tools/bin/uv
BIN := .venv/bin

# Every environment has the versions of requirements/ and of package-lock.json (`make lock` writes them); only Chromium
# is the system's own, and cannot be locked.
INSTALL := $(UV) pip install --quiet --compile-bytecode --no-deps --build-constraints requirements/dev.txt --editable .

# Installing waits for the network most of the time.
MAKEFLAGS += --jobs=4

# Keeps what was installed for one set of requirements from being installed again.
STAMP := .venv/installed
STAMP_TF := .venv-tf/installed

# Compiled modules are half of a start, and the tests start many: wherever they are not wanted, here they are.
unexport PYTHONDONTWRITEBYTECODE

# What tests run of Node's packages.
PROJECTS := npm runtime docs tests/node tests/toolchains $(patsubst %/package-lock.json,%,$(wildcard examples/*/package-lock.json))

.PHONY: demo test faults fuzz flips bombs pythons check lock newest bench sizes oracle conversions layer op runtime toolchains guides libraries docs clean

demo: $(STAMP) examples/digits/node_modules/.installed ## the example: its model built, and how to open its page
	$(BIN)/python examples/demo.py

test: $(STAMP) $(STAMP_TF) $(PROJECTS:%=%/node_modules/.installed) debian ## every test, then the quick ones on the oldest and the newest Python that are here, half on each
	$(BIN)/python -m tests

pythons: $(STAMP) $(STAMP_TF) ## the quick tests on every Python from 3.10 up that is here, and whether all publish the same
	$(BIN)/python -m tools.pythons

faults: $(STAMP) ## a build killed, torn or refused at each of its changes to the file system: more than `make test` tries
	$(BIN)/python -m pytest --all --long tests/faults

MINUTES ?= 10
JOBS ?= 1

fuzz: $(STAMP) ## hostile sources, manifests and messages, by chance: make fuzz MINUTES=60 [JOBS=2] [SEED=1]
	$(BIN)/python -m tests.fuzz --minutes $(MINUTES) --jobs $(JOBS) $(if $(SEED),--seed $(SEED))

flips: $(STAMP) ## one bit of a source flipped, at many places of each kind: more than `make test` tries
	$(BIN)/python -m tools.flips

bombs: $(STAMP) ## small sources that ask for much, with what each is refused with, for docs/reliability.md
	$(BIN)/python -m tools.bombs

check: $(STAMP) ## formatting, lint, types, arrows between packages, names of ops, rules and keys, and whether what is recorded and the locks are up to date
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python tools/circles.py
	$(BIN)/python tools/op_strings.py
	$(BIN)/python -m pytest --quiet tests/unit/test_rule_modules.py tests/unit/test_fingerprint.py tests/conversion/test_recorded.py
	$(BIN)/python tools/lock.py --check

lock: $(UV) ## requirements/ and package-lock.json: the newest versions that pyproject.toml and package.json allow
	$(PYTHON) tools/lock.py

newest: $(STAMP) debian ## a subset of the tests with the newest of everything, in a copy: what users will get soon
	$(BIN)/python tools/newest.py

bench: $(STAMP) $(STAMP_TF) tests/node/node_modules/.installed ## side by side with tensorflowjs_converter; takes several minutes
	$(BIN)/python -m bench
	$(BIN)/python -m bench.watch

sizes: $(STAMP) ## the table of sizes in docs/reliability.md: from 1 to 2,000 models and from 1 MB to 4 GB, beside `cp`; takes some minutes and 14 GB of disk
	$(BIN)/python -m bench.sizes

oracle: $(STAMP) $(STAMP_TF) ## what TensorFlow and Keras write and say of the cases of tests/oracle, recorded where that has changed
	$(BIN)/python -m tests.conversion.recorded

conversions: $(STAMP) $(STAMP_TF) tests/node/node_modules/.installed ## docs/conversions.md, out of what the tests see
	$(BIN)/python -m tests.conversion.conversions

runtime: runtime/node_modules/.installed ## the templates _runtime.js.j2 and _runtime.d.ts.j2, out of the TypeScript of runtime/
	node runtime/build.mjs

toolchains: $(STAMP) debian ## docs/toolchains.md: projects as scaffolders make them, built and opened; make toolchains ONLY="angular astro" [NEWEST=1] [AGAIN=1]
	$(BIN)/python -m tests.toolchains $(if $(NEWEST),--newest) $(if $(AGAIN),--again) $(ONLY)

docs: $(STAMP) $(STAMP_TF) $(patsubst %,%/node_modules/.installed,docs npm tests/node tests/toolchains) debian ## the site of docs/ in dist/docs, with its links, examples and locked guides checked
	cd docs && npm run --silent build
	$(BIN)/python tools/site_links.py
	$(BIN)/python -m pytest --quiet --all --long --deselect tests/docs/test_site.py::test_the_site_is_built_without_a_link_that_leads_nowhere tests/docs tests/unit/test_docs.py

guides: $(STAMP) debian ## the guides of docs/, followed word for word in empty folders: make guides ONLY="guides/next.md"
	$(BIN)/python -m tests.docs $(ONLY)

libraries: $(STAMP) $(STAMP_TF) tests/node/node_modules/.installed ## models of libraries whose layers are their own, by way of TensorFlow: make libraries ONLY=deepctr
	$(BIN)/python -m tests.tensorflow.libraries $(ONLY)

layer op: $(STAMP) $(STAMP_TF) tests/node/node_modules/.installed debian ## what becomes of the cases of one Keras class, or op: make layer NAME=Dense
	$(BIN)/python -m tests.conversion $@ $(NAME)

$(UV): requirements/tools.txt
	$(PYTHON) -m venv .tools
	.tools/bin/pip install --quiet --requirement requirements/tools.txt
	touch $@

$(STAMP): $(UV) pyproject.toml requirements/dev.txt
	$(UV) venv --quiet --allow-existing --python $(PYTHON) .venv
	$(UV) pip sync --quiet --compile-bytecode --python .venv requirements/dev.txt
	$(INSTALL) --python .venv
	touch $@

# The oracle of the tests, and today's tool in the bench: the extra, in an environment of its own.
$(STAMP_TF): $(UV) pyproject.toml requirements/oracle.txt
	$(UV) venv --quiet --allow-existing --python $(PYTHON) .venv-tf
	$(UV) pip sync --quiet --compile-bytecode --python .venv-tf requirements/oracle.txt
	$(INSTALL) --python .venv-tf
	touch $@

%/node_modules/.installed: %/package-lock.json
	cd $* && npm ci --no-audit --no-fund --loglevel=error
	touch $@

# Chromium opens the example's page; git and rsync make some of the saves that the watch is to notice.
.PHONY: debian
debian:
	@{ command -v chromium && command -v git && command -v rsync; } >/dev/null || { apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium git rsync; }

clean:
	rm -rf .venv .venv-tf .tools .cache tests/node/.work
