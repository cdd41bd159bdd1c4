"""Claim 1, superior accuracy in this order: DenseJoin above AvgJoin above CNN, by the released probe on raw pixels.
From predictions.npy of the stage probe."""
from shared import crossed, load, right, seeds_of, show, side, together

found, rows = load(), ("dense-join", "avg-join", "cnn")

def step(better, worse):
    seeds = seeds_of(found, "probe", better, worse)
    answers = lambda model, seed: right(found, model, seed, "released-raw")[1]
    return crossed([answers(better, seed) - answers(worse, seed) for seed in seeds])

parts = [(each, side(each, least=6)) for each in (step(*rows[:2]), step(*rows[1:]))]
show(1, parts, together([outcome for _, outcome in parts]))
