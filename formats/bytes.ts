/**
 * Whole reads and writes of open files, of which the system may do a part at a time, and bytes put together.
 *
 * @module
 */

/** Reads until `bytes` is full or the file ends; returns the number of bytes read. */
export async function fill(file: Deno.FsFile, bytes: Uint8Array): Promise<number> {
  let done = 0;
  while (done < bytes.length) {
    const read = await file.read(bytes.subarray(done));
    if (read === null) break;
    done += read;
  }
  return done;
}

/** Writes all of `bytes`. */
export async function writeAll(file: Deno.FsFile, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length;) done += await file.write(bytes.subarray(done));
}

/** The bytes of all parts, one after the other. */
export function concat(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
