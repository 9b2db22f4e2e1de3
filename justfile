# What the names do; `just` alone lists them. Recipes use the python of the active environment.
default:
    @just --list

# everything CI runs, in the active environment
check:
    bash .ci/check

# the quick tests
test *ARGS:
    python -m pytest -m "not slow" {{ARGS}}

# formatting, style, types, import layers
lint:
    ruff check .
    ruff format --check .
    mypy
    lint-imports

# quality against the corpora, written to evaluation/results/
eval *ARGS:
    python -m evaluation.evaluate {{ARGS}}

# no figure below its floor
gate *ARGS:
    python -m evaluation.gate {{ARGS}}

# words per second, start and memory
bench *ARGS:
    python -m benchmarks.speed {{ARGS}}

# where time goes, from bytes to record
profile *ARGS:
    python -m benchmarks.profile {{ARGS}}

# denials, conditionals, sport and history
probes *ARGS:
    python -m evaluation.probes {{ARGS}}

# by which words events and sayings are dated, and how many fall back to publication
dates *ARGS:
    python -m evaluation.dates {{ARGS}}

# the choice of places on public gold
places *ARGS:
    python -m evaluation.places {{ARGS}}

# the pair given on PLV: which root
plv *ARGS:
    python -m evaluation.plv {{ARGS}}

# how far confidence and share right lie apart; --write fits it anew
calibrate *ARGS:
    python -m evaluation.calibrate {{ARGS}}

# a file of a public format: plv, polnear, plover-gsr, petrarch or geowebnews
formats *ARGS:
    python -m evaluation.formats {{ARGS}}

# positions, changes and links across articles, against our own story lines
histories *ARGS:
    python -m evaluation.histories {{ARGS}}

# kills, power cuts, failed writes, full disks, flipped bits …: the promises, by name, or all; --postgres
torture *ARGS:
    python -m benchmarks.torture {{ARGS}}

# coverage-guided fuzzing of all that reads what others wrote (needs atheris)
fuzz *ARGS:
    python -m benchmarks.fuzz {{ARGS}}

# our reading beside models of the size that other coders run, and a plot
bench-peers *ARGS:
    python -m benchmarks.peers {{ARGS}}

# every question over a store of 100,000 statements
bench-store *ARGS:
    python -m benchmarks.store {{ARGS}}

# copies, parties and happenings of 10,000 to 1,000,000 invented rows
bench-identity *ARGS:
    python -m benchmarks.identity {{ARGS}}

# every screen over a store of 100,000 statements, beside a client that asks the worst
bench-web *ARGS:
    python -m benchmarks.web {{ARGS}}

# memory and time of compressed bombs at the door
bench-fetch *ARGS:
    python -m benchmarks.bombs {{ARGS}}

# memory and time of bombs in archives and packed files
bench-archives *ARGS:
    python -m benchmarks.archives {{ARGS}}

# a day of watching 200 feeds, one in twenty hostile, on a clock that jumps
bench-watch *ARGS:
    python -m benchmarks.watch {{ARGS}}

# throughput, memory and growth of corpora
bench-scale *ARGS:
    python -m benchmarks.scale {{ARGS}}

# kill workers and drivers of a corpus at random moments and compare
torture-corpus *ARGS:
    python -m benchmarks.corpus_kills {{ARGS}}

# read the sample dossier anew; --check only says whether it is stale
sample *ARGS:
    python -m evaluation.sample {{ARGS}}

# the recipe of the shipped weights
train:
    bash training/runs/full.sh

# the documents, in docs/_build
docs:
    python -m sphinx -W -q docs docs/_build

# the wheel, in dist/
wheel:
    python -m build --wheel

# known holes of installed parts, by advisories of OSV that are brought: all.zip or single files
advisories *ARGS:
    python -m docs.advisories {{ARGS}}

# every part of others that is installed here, as CycloneDX, in dist/
sbom:
    mkdir -p dist && python -m docs.components dist/sbom.cdx.json
