/**
 * How to cite a work, from one source for every format.
 *
 * @module
 */
import { canonical } from "../../base/json.ts";
import type { Json } from "../../stage.ts";

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

/** A name as people write it. */
export function authorName(author: Author): string {
  return "name" in author ? author.name : `${author.given} ${author.family}`;
}

/** One line: authors, year, title and address, as far as they are known. */
export function referenceText({ authors, year, title, url }: Reference): string {
  const when = year === undefined ? "" : ` (${year})`;
  return `${authors.map(authorName).join(", ")}${when}. ${title}.${url === undefined ? "" : ` ${url}`}`;
}

/** CITATION.cff (Citation File Format 1.2.0). JSON is YAML: strings are quoted, so that nothing in them is syntax. */
export function citationCff(citation: Citation, { released }: { readonly released: string }): string {
  const people = (authors: readonly Author[]): Json =>
    authors.map((author): Json =>
      "name" in author
        ? { name: author.name }
        : { "family-names": author.family, "given-names": author.given }
    );
  const fields: Readonly<Record<string, Json>> = {
    "cff-version": "1.2.0",
    message: "If you use this archive, please cite it and the work it reproduces",
    type: "dataset",
    title: citation.title,
    abstract: citation.abstract,
    authors: people(citation.authors),
    "date-released": released,
    license: citation.license,
    keywords: citation.keywords,
    references: citation.references.map(({ type, title, authors, year, url }) => ({
      type,
      title,
      authors: people(authors),
      ...(year === undefined ? {} : { year }),
      ...(url === undefined ? {} : { url }),
    })),
  };
  return Object.entries(fields).map(([name, value]) => `${name}: ${canonical(value)}\n`).join("");
}

/** .zenodo.json, the metadata of a deposit. */
export function zenodoJson(citation: Citation, { released }: { readonly released: string }): string {
  const creator = (author: Author) => "name" in author ? author.name : `${author.family}, ${author.given}`;
  const deposit = {
    upload_type: "dataset",
    title: citation.title,
    description: citation.abstract,
    creators: citation.authors.map((author) => ({ name: creator(author) })),
    publication_date: released,
    access_right: "open",
    license: citation.license,
    keywords: citation.keywords,
    references: citation.references.map((reference) => referenceText(reference)),
  };
  return `${JSON.stringify(deposit, null, 2)}\n`;
}
