/**
 * What a workflow says about its archives; all else the engine knows by itself.
 *
 * @module
 */
import type { Artifact } from "./stage.ts";

/** Somebody, or a group known by one name. */
export type Author = { readonly given: string; readonly family: string } | { readonly name: string };

/** A work that is built upon. */
export interface Reference {
  /** As the Citation File Format calls it. */
  readonly type: "article" | "conference-paper" | "report" | "data";
  /** Of the work. */
  readonly title: string;
  /** In the work's order. */
  readonly authors: readonly Author[];
  /** Of publication, where it is known. */
  readonly year?: number;
  /** Where it can be read. */
  readonly url?: string;
}

/** A work, to be cited. */
export interface Citation {
  /** Of what is in the archive. */
  readonly title: string;
  /** A sentence or two. */
  readonly abstract: string;
  /** Of the archive, not of what it reproduces. */
  readonly authors: readonly Author[];
  /** SPDX identifier. */
  readonly license: string;
  /** For catalogues. */
  readonly keywords: readonly string[];
  /** What it builds upon. */
  readonly references: readonly Reference[];
}

/** Files that are packed on request only. */
export interface Aside {
  /** What they are, for `--help`. */
  readonly help: string;
  /** Where else they come from: a sentence of the archive's README. */
  readonly source: string;
  /** Whether a file of a stage's artifact is one of them. */
  readonly holds: (stage: string, file: string) => boolean;
}

/** A file made for the archive from an artifact. */
export interface Derived {
  /** Path in the payload. */
  readonly name: string;
  /** Its contents. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** One line. */
  readonly description: string;
}

/** What archives are called, leave out and say. */
export interface ArchivePolicy {
  /** Archives are called `<name>-<profile>-<digest>.zip`. */
  readonly name: string;
  /** How to cite it, and what it cites. */
  readonly citation: Citation;
  /** Names in the repository's root that are its source. */
  readonly source: readonly string[];
  /** By the name that `--with` gives them. */
  readonly aside: Readonly<Record<string, Aside>>;
  /** Path of a document of the repository that says what the artifacts' files hold. */
  readonly contract: string;
  /** Paragraphs of the archive's README about how to read it. */
  readonly reading: string;
  /** Further files made from an artifact. */
  readonly derive?: (artifact: Artifact) => Promise<readonly Derived[]>;
}
