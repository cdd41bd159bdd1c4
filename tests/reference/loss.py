"""DINO's loss (Caron et al., 2021, equations 1–3) as the recipe words it.

Views are lists of outputs [n, K], the two global ones first, or [heads, n, K] of several heads, each with a centre of its
own.
"""

import torch


def terms(student, teacher, centre, temperatures):
    """(t, v) → cross-entropy, averaged over images, of all pairs of a teacher's and another view of the student's."""
    found = {}
    for t, seen in enumerate(teacher):
        target = torch.softmax((seen - centre) / temperatures["teacher"], -1).detach()
        for v, said in enumerate(student):
            if v != t:
                log = torch.log_softmax(said / temperatures["student"], -1)
                found[t, v] = -(target * log).sum(-1).mean(-1)
    return found


def dino(student, teacher, centre, temperatures):
    """The mean of the terms, of each head by itself."""
    return torch.stack(list(terms(student, teacher, centre, temperatures).values())).mean(0)


def next_centre(centre, teacher, momentum):
    """c ← 0.9 c + 0.1 · batch mean of the teacher's raw outputs."""
    return momentum * centre + (1 - momentum) * torch.cat(teacher, -2).detach().mean(-2, keepdim=True)
