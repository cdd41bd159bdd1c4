/**
 * Citations of a work in every format, from one source.
 *
 * @module
 */
import { canonical, type Json } from "../../base/json.ts";
import type { Author, Citation, Reference } from "../../archive_policy.ts";

/** A name as people write it. */
export function authorName(author: Author): string {
  return "name" in author ? author.name : `${author.given} ${author.family}`;
}

/** A reference on one line: authors, year, title and address, as far as they are known. */
export function referenceText({ authors, year, title, url }: Reference): string {
  const when = year === undefined ? "" : ` (${year})`;
  return `${authors.map(authorName).join(", ")}${when}. ${title}.${url === undefined ? "" : ` ${url}`}`;
}

/** CITATION.cff (Citation File Format 1.2.0), written as JSON, which is YAML: all strings are quoted. */
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
