#!/usr/bin/env python3
"""Fit the acceptance model of cascade-quality on recorded drafts.

    python scripts/fit_acceptance.py DRAFTS.jsonl.gz… --out crates/cascade-quality/data/acceptance.json

Each row of a file holds `prompt`, `cheap` (the draft), `cheap_q` (1 right, 0 wrong) and `task`. The features are
computed by the crate itself (`--features-command`), so that fitting and judging see the same.

The model is a logistic regression with one intercept a file, which takes up how good a model is at a
task, so that the weights learn only what tells right from wrong drafts of one model. Weights are made
sparse by an L1 penalty; each file counts the same. Before it writes anything the script prints the AUROC of the
score on tasks never seen in fitting, beside the draft's length alone.
"""

import argparse
import gzip
import json
import shlex
import subprocess
import sys
from pathlib import Path

import numpy as np

FEATURES_COMMAND = "cargo run --quiet --package cascade-quality --example acceptance_features"
DESCRIPTION = (
    "Sparse logistic model of P(draft is right); a feature counts as weight * (value - mean) / deviation. "
    "Written by scripts/fit_acceptance.py."
)
REACH = 3.0
# Features that told nothing beyond the others, or told it only of one task.
DROPPED = [
    "answer_round",
    "number_density",
    "query_operators",
    "draft_excess",
    "query_coverage",
    "fresh_share",
    "parenthesis_density",
    "query_numbers",
    "correction",
]


def read(path):
    content = path.read_bytes()
    if path.suffix == ".gz":
        content = gzip.decompress(content)
    return [json.loads(line) for line in content.decode().splitlines()]


def features(rows, command, query_key):
    """Names, matrix and labels, as the crate computes them."""
    lines = (
        json.dumps({"prompt": r[query_key], "cheap": r["cheap"], "cheap_q": r["cheap_q"]})
        for r in rows
    )
    done = subprocess.run(
        shlex.split(command), input="\n".join(lines), capture_output=True, text=True, check=True
    )
    names, *values = (json.loads(line) for line in done.stdout.splitlines())
    table = np.array(values)
    return names, table[:, :-1], table[:, -1]


def auroc(score, label):
    """Chance that a right draft scores above a wrong one, ties counting half."""
    order = np.argsort(score, kind="mergesort")
    ranks = np.empty(len(score))
    ordered = score[order]
    start = 0
    for end in range(1, len(score) + 1):
        if end == len(score) or ordered[end] != ordered[start]:
            ranks[order[start:end]] = (start + end - 1) / 2 + 1
            start = end
    right = label > 0.5
    n, m = right.sum(), (~right).sum()
    return (ranks[right].sum() - n * (n + 1) / 2) / (n * m) if n and m else float("nan")


def standardise(groups):
    stacked = np.vstack([x for x, _ in groups])
    mean, deviation = stacked.mean(0), stacked.std(0)
    deviation[deviation < 1e-6] = 1.0
    return mean, deviation


def scaled(x, mean, deviation):
    return np.clip((x - mean) / deviation, -REACH, REACH)


def fit(groups, l1, l2, mean, deviation, allowed, rounds=4000):
    """Proximal gradient descent with a free intercept for each group."""
    data = [(scaled(x, mean, deviation), y) for x, y in groups]
    weights = np.zeros(data[0][0].shape[1])
    biases = np.zeros(len(data))
    step = 0.5
    for _ in range(rounds):
        gradient = l2 * weights
        for index, (x, y) in enumerate(data):
            error = 1 / (1 + np.exp(-(x @ weights + biases[index]))) - y
            gradient += x.T @ error / len(y) / len(data)
            biases[index] -= 2 * error.mean()
        moved = weights - step * gradient
        updated = np.sign(moved) * np.maximum(np.abs(moved) - step * l1, 0) * allowed
        if np.abs(updated - weights).max() < 1e-7:
            weights = updated
            break
        weights = updated
    return weights, biases


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument(
        "--out", type=Path, help="where to write the model; without it nothing is written"
    )
    parser.add_argument(
        "--l1", type=float, default=0.004, help="penalty that makes the weights sparse"
    )
    parser.add_argument("--l2", type=float, default=0.03, help="penalty that keeps them small")
    parser.add_argument("--drop", nargs="*", default=DROPPED, help="features to leave out")
    parser.add_argument(
        "--prior",
        type=float,
        default=0.6,
        help="P(right) that the model gives to an average draft",
    )
    parser.add_argument(
        "--skip-cut",
        default="mixtral",
        help="leave cut drafts of files whose name holds this text out of fitting",
    )
    parser.add_argument("--features-command", default=FEATURES_COMMAND)
    parser.add_argument(
        "--query", nargs="+", default=["prompt", "question"], help="fields to fit on as the query"
    )
    options = parser.parse_args()

    names, groups, tasks, labels = None, [], [], []
    for path in options.files:
        rows = read(path)
        for key in options.query:
            names, x, y = features(rows, options.features_command, key)
            groups.append((x, y))
            tasks.append(rows[0]["task"])
            labels.append(f"{path.name} ({key})" if len(options.query) > 1 else path.name)
    allowed = np.array([name not in options.drop for name in names], dtype=float)
    length = names.index("draft_words")

    def fitted(index):
        x, y = groups[index]
        if not options.skip_cut or options.skip_cut not in labels[index]:
            return x, y
        cut = (x[:, names.index("answer_missing")] > 0) | (x[:, names.index("ends_open")] > 0)
        return x[~cut], y[~cut]

    def train(indices):
        chosen = [fitted(i) for i in indices]
        mean, deviation = standardise(chosen)
        return (*fit(chosen, options.l1, options.l2, mean, deviation, allowed), mean, deviation)

    print(
        f"{'file':58} {'n':>5} {'right':>6} {'length':>7} {'unseen task':>12} {'unseen file':>12}"
    )
    sums = []
    for held, (x, y) in enumerate(groups):
        figures = [auroc(-x[:, length], y)]
        same_questions = [i for i in range(len(groups)) if tasks[i] != tasks[held]]
        other_files = [
            i for i in range(len(groups)) if labels[i].split(" (")[0] != labels[held].split(" (")[0]
        ]
        for indices in (same_questions, other_files):
            if indices:
                weights, _, mean, deviation = train(indices)
                figures.append(auroc(scaled(x, mean, deviation) @ weights, y))
            else:
                figures.append(float("nan"))
        sums.append(figures)
        print(
            f"{labels[held]:58} {len(y):5} {y.mean():6.3f} {figures[0]:7.3f} {figures[1]:12.3f} {figures[2]:12.3f}"
        )
    macro = np.nanmean(np.array(sums), axis=0)
    print(f"{'macro':58} {'':5} {'':6} {macro[0]:7.3f} {macro[1]:12.3f} {macro[2]:12.3f}")

    weights, biases, mean, deviation = train(range(len(groups)))
    for place in np.argsort(-np.abs(weights)):
        if weights[place]:
            print(f"  {names[place]:26} {weights[place]:+.4f}")
    intercept = float(np.log(options.prior / (1 - options.prior)))
    print(
        f"{int((weights != 0).sum())} features; intercepts of the files {np.round(biases, 2).tolist()}; written {intercept:.4f}"
    )
    if options.out:
        terms = [
            {
                "name": names[i],
                "mean": round(float(mean[i]), 6),
                "deviation": round(float(deviation[i]), 6),
                "weight": round(float(weights[i]), 6),
            }
            for i in range(len(names))
            if weights[i] != 0
        ]
        model = {"description": DESCRIPTION, "intercept": round(intercept, 6), "features": terms}
        options.out.write_text(json.dumps(model, indent=2) + "\n")
        print(f"wrote {options.out}", file=sys.stderr)


if __name__ == "__main__":
    main()
