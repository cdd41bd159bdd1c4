/**
 * The valid name that the user probably meant.
 *
 * @module
 */

/** The most names that a message lists. */
const LISTED = 30;

/** The end of a message: `, did you mean "probe"`, else the list of names, or nothing without any. */
export function suggestion(name: string, names: readonly string[]): string {
  const best = nearest(name, names);
  if (best !== undefined) return `, did you mean "${best}"`;
  if (names.length === 0) return "";
  const listed = names.slice(0, LISTED).map((n) => `"${n}"`).join(", ");
  return `, expected one of ${listed}${names.length > LISTED ? `, and ${names.length - LISTED} more` : ""}`;
}

/**
 * The name with the smallest edit distance if at most a third of `name` has to change (beyond that it means
 * something else); otherwise the first name that begins with `name` or that `name` begins with.
 */
export function nearest(name: string, names: readonly string[]): string | undefined {
  const ranked = names
    .map((candidate) => ({ candidate, distance: editDistance(name, candidate) }))
    .sort((a, b) => a.distance - b.distance);
  const best = ranked[0];
  if (best && best.distance <= Math.max(1, Math.floor(name.length / 3))) return best.candidate;
  return ranked.find(({ candidate }) => isBeginning(name, candidate) || isBeginning(candidate, name))
    ?.candidate;
}

/** The shortest beginning that counts, characters; shorter ones match by chance. */
const BEGINNING = 3;

function isBeginning(short: string, long: string): boolean {
  return short.length >= BEGINNING && long.startsWith(short);
}

/** Edit distance of two words, row by row: insertions, deletions, substitutions and swaps of neighbours. */
function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1);
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      next.push(Math.min(row[j] + 1, next[j - 1] + 1, substitution, isSwap ? before[j - 2] + 1 : Infinity));
    }
    [before, row] = [row, next];
  }
  return row[b.length];
}
