/**
 * Citation of an archive and of the works it builds on: the one source of CITATION.cff and .zenodo.json.
 *
 * @module
 */
import type { ArchivePolicy } from "../../pipeline/archive_policy.ts";

export const citation: ArchivePolicy["citation"] = {
  title: "Spontaneous Decomposition from Grouped Network Pathways, reproduced",
  abstract:
    "A reproduction from scratch of Table 1 and Figures 1 to 5: disconnected convolutional pathways with " +
    "one join, trained on CIFAR-10 without labels (DINO), with weights, features, probes, saliency maps and layouts.",
  authors: [{ name: "The maintainers of the reproduction" }],
  license: "MIT",
  keywords: [
    "reproduction",
    "self-supervised learning",
    "modularity",
    "saliency",
    "CIFAR-10",
    "TensorFlow.js",
  ],
  references: [
    {
      type: "conference-paper",
      title: "Spontaneous Decomposition from Grouped Network Pathways",
      authors: [
        { given: "Satchel", family: "Grant" },
        { given: "Matheus", family: "Dias" },
        { given: "Sahil", family: "Kulkarni" },
      ],
    },
    {
      type: "report",
      title: "Learning Multiple Layers of Features from Tiny Images (CIFAR-10)",
      authors: [{ given: "Alex", family: "Krizhevsky" }],
      year: 2009,
      url: "https://www.cs.toronto.edu/~kriz/learning-features-2009-TR.pdf",
    },
    {
      type: "article",
      title: "Emerging Properties in Self-Supervised Vision Transformers (DINO)",
      authors: [{ given: "Mathilde", family: "Caron" }, { name: "others" }],
      year: 2021,
      url: "https://arxiv.org/abs/2104.14294",
    },
  ],
};
