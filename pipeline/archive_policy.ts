/**
 * Facts about a workflow's archives that the engine cannot know by itself.
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
  /** Title of the work. */
  readonly title: string;
  /** In the work's order. */
  readonly authors: readonly Author[];
  /** Year of publication, where it is known. */
  readonly year?: number;
  /** Address where the work can be read. */
  readonly url?: string;
}

/** A work, to be cited. */
export interface Citation {
  /** Title of the archive. */
  readonly title: string;
  /** A sentence or two. */
  readonly abstract: string;
  /** Authors of the archive, not of the work it reproduces. */
  readonly authors: readonly Author[];
  /** SPDX identifier. */
  readonly license: string;
  /** For catalogues. */
  readonly keywords: readonly string[];
  /** The works it builds upon. */
  readonly references: readonly Reference[];
}

/** Files that are packed on request only. */
export interface Aside {
  /** Description of the files, for `--help`. */
  readonly help: string;
  /** Their other source: a sentence of the archive's README. */
  readonly source: string;
  /** True for a stage's file that belongs to them. */
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

/** Names, omissions and texts of a workflow's archives. */
export interface ArchivePolicy {
  /** Archives are called `<name>-<profile>-<digest>.zip`. */
  readonly name: string;
  /** The archive's citation and the works it cites. */
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
