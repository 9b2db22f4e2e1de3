#!/usr/bin/env bash
# The recipe of the shipped weights, from the corpora to the bundle. Start it again after a stop: each stage goes on from its
# checkpoint in training/checkpoints/ (ignored by git). Needs: pip install -e '.[training]' and the corpora (training/README.md).
set -euo pipefail
cd "$(dirname "$0")/../.."
threads="${THREADS:-$(nproc)}"

python -m training.train syntax --threads "$threads"   # tags, lemmas, dependencies, mention heads, names
python -m training.train record --threads "$threads"   # cues, sources, contents, acts, issues, triggers, roles, links
members=()
for seed in 0 1 2; do # the same heads once more, from a lower rate, in three orders; the mean of the three is better than each
  python -m training.train polish --threads "$threads" --seed "$seed"
  members+=("training/checkpoints/polish${seed/#0/}.pt")
done
python -m training.distil "${members[@]}" --threads "$threads" # the small encoder: half the layers, the same word vectors
python -m training.export "${members[@]}" "${BUNDLE:-dragoman/weights}" --small training/checkpoints/small.pt
python -m training.ngrams "${BUNDLE:-dragoman/weights}" # what words and clauses say of acts and issues, in texts the encoder parsed
python -m training.links # what the signs of two statements weigh for a link between them, by what the new weights read
