/**
 * Whole reads and writes of open files: the system may take or give a part of what is asked.
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
