import { assert, assertEquals, assertRejects } from "@std/assert";
import { crc32, deflateSync } from "node:zlib";
import { encodePng } from "../../../formats/png.ts";
import { readImage } from "../../../workflow/commands/predict/image.ts";
import { readUserPng } from "../../../workflow/commands/predict/user_png.ts";

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

function chunk(type: string, data: Uint8Array | readonly number[]): Uint8Array {
  const bytes = new Uint8Array(12 + data.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, data.length);
  bytes.set(new TextEncoder().encode(type), 4);
  bytes.set(data, 8);
  view.setUint32(8 + data.length, crc32(bytes.subarray(4, 8 + data.length)));
  return bytes;
}

const file = (...chunks: readonly Uint8Array[]) =>
  Uint8Array.from([SIGNATURE, ...chunks].flatMap((c) => [...c]));

interface Drawn {
  readonly width: number;
  readonly height: number;
  readonly depth: number;
  readonly colour: number;
  readonly interlaced: boolean;
}

const CHANNELS: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };

function header({ width, height, depth, colour, interlaced }: Drawn): Uint8Array {
  const data = new Uint8Array(13);
  const view = new DataView(data.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  data.set([depth, colour, 0, 0, interlaced ? 1 : 0], 8);
  return chunk("IHDR", data);
}

/** Adam7: where each pass starts, and its steps. */
const PASSES = [[0, 0, 8, 8], [4, 0, 8, 8], [0, 4, 4, 8], [2, 0, 4, 4], [0, 2, 2, 4], [1, 0, 2, 2], [
  0,
  1,
  1,
  2,
]];

/** Rows of samples, unfiltered, most significant bits first. */
function pixels(drawn: Drawn, sample: (x: number, y: number, channel: number) => number): Uint8Array {
  const { width, height, depth, colour } = drawn;
  const rows: number[] = [];
  for (const [x0, y0, dx, dy] of drawn.interlaced ? PASSES : [[0, 0, 1, 1]]) {
    if (x0 >= width) continue;
    for (let y = y0; y < height; y += dy) {
      let bits = "";
      for (let x = x0; x < width; x += dx) {
        for (let c = 0; c < CHANNELS[colour]; c++) bits += sample(x, y, c).toString(2).padStart(depth, "0");
      }
      rows.push(
        0,
        ...bits.padEnd(Math.ceil(bits.length / 8) * 8, "0").match(/.{8}/g)!.map((b) => parseInt(b, 2)),
      );
    }
  }
  return chunk("IDAT", deflateSync(Uint8Array.from(rows)));
}

async function withFile<T>(
  bytes: Uint8Array,
  use: (path: string) => Promise<T>,
  name = "photo.png",
): Promise<T> {
  const dir = await Deno.makeTempDir();
  try {
    await Deno.writeFile(`${dir}/${name}`, bytes);
    return await use(`${dir}/${name}`);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

const read = (bytes: Uint8Array) => withFile(bytes, readUserPng);

const KINDS = [[0, [1, 2, 4, 8, 16]], [2, [8, 16]], [3, [1, 2, 4, 8]], [4, [8, 16]], [6, [8, 16]]] as const;

Deno.test("a picture of every colour type and depth, interlaced or not, is read as what it shows", async () => {
  for (const [colour, depths] of KINDS) {
    for (const depth of depths) {
      for (const interlaced of [false, true]) {
        const drawn = { width: 11, height: 9, depth, colour, interlaced };
        const top = 2 ** depth - 1;
        const sample = (x: number, y: number, c: number) => (x * 7 + y * 3 + c * 5) % (top + 1);
        const palette = Uint8Array.from({ length: 3 * (top + 1) }, (_, i) => (i * 11) % 256);
        const parts = [header(drawn), ...colour === 3 ? [chunk("PLTE", palette)] : [], pixels(drawn, sample)];
        const { width, height, data } = await read(file(...parts, chunk("IEND", [])));
        assertEquals([width, height], [11, 9]);
        const at = `type ${colour}, ${depth} bits, interlaced ${interlaced}`;
        for (const [x, y] of [[0, 0], [10, 8], [5, 3], [1, 7], [7, 1]]) {
          const shown = (c: number) => Math.floor(sample(x, y, c) * 255 / top + 0.5);
          const expected = colour === 3
            ? [...palette.subarray(3 * sample(x, y, 0), 3 * sample(x, y, 0) + 3), 255]
            : [
              ...colour < 3 || colour === 4
                ? Array.from({ length: 3 }, (_, c) => shown(colour === 2 ? c : 0))
                : [0, 1, 2].map(shown),
              colour === 4 ? shown(1) : colour === 6 ? shown(3) : 255,
            ];
          const from = 4 * (y * 11 + x);
          assertEquals([...data.subarray(from, from + 4)], expected, `${at}, pixel ${x}, ${y}`);
        }
      }
    }
  }
});

const grey: Drawn = { width: 3, height: 2, depth: 8, colour: 0, interlaced: false };
const greys = [header(grey), pixels(grey, (x, y) => 10 * x + y)];
const end = chunk("IEND", []);

Deno.test("what viewers pass over is passed over: bytes behind the end, remarks and their checksums, frames, an absent end", async () => {
  const [ihdr, idat] = greys;
  const plain = await read(file(ihdr, idat, end));
  const damaged = chunk("iCCP", [1, 2, 3]);
  damaged[10] ^= 1;
  const taken: Readonly<Record<string, Uint8Array>> = {
    "bytes behind its end": file(ihdr, idat, end, new Uint8Array([10, 13, 0, 255])),
    "another file behind its end": file(ihdr, idat, end, new Uint8Array(SIGNATURE)),
    "a remark with a wrong checksum": file(ihdr, damaged, idat, end),
    "gamma, colour profile, text": file(
      ihdr,
      chunk("gAMA", [0, 0, 1, 1]),
      chunk("tEXt", [65, 0, 66]),
      idat,
      end,
    ),
    "an animation": file(ihdr, chunk("acTL", new Uint8Array(8)), idat, chunk("fdAT", new Uint8Array(9)), end),
    "no end": file(ihdr, idat),
    "half an end": file(ihdr, idat, end.subarray(0, 5)),
    "a cut remark behind the pixels": file(ihdr, idat, chunk("tEXt", new Uint8Array(50)).subarray(0, 30)),
    "transparency of no length": file(ihdr, chunk("tRNS", []), idat, end),
  };
  for (const [name, bytes] of Object.entries(taken)) assertEquals((await read(bytes)).data, plain.data, name);
});

Deno.test("transparency of a grey, of a palette, and a colour that the palette lacks", async () => {
  const { data } = await read(file(greys[0], chunk("tRNS", [0, 10]), greys[1], end));
  assertEquals([data[3], data[7]], [255, 0]);
  const indexed = { ...grey, colour: 3 };
  const parts = [chunk("PLTE", [1, 2, 3, 4, 5, 6]), chunk("tRNS", [9]), pixels(indexed, (x) => x)];
  const found = await read(file(header(indexed), ...parts, end));
  assertEquals([...found.data.subarray(0, 12)], [1, 2, 3, 9, 4, 5, 6, 255, 0, 0, 0, 255]);
  const tooMany = [parts[0], chunk("tRNS", new Uint8Array(257)), parts[2]];
  assertEquals((await read(file(header(indexed), ...tooMany, end))).data[3], 255);
});

const text = (words: string) => new TextEncoder().encode(words);
const binary = (latin: string) => Uint8Array.from(latin, (letter) => letter.charCodeAt(0));

Deno.test("a file of another kind is called by its true name, whatever its own name says", async () => {
  const kinds: Readonly<Record<string, Uint8Array>> = {
    "a JPEG": binary("\xff\xd8\xff\xe0\0\x10JFIF"),
    "a GIF": binary("GIF89a\x01\0"),
    "a WebP": binary("RIFF\x10\0\0\0WEBPVP8 "),
    "a BMP": binary("BM\x36\0\0\0"),
    "a TIFF": binary("II*\0\x08"),
    "a HEIC": binary("\0\0\0\x18ftypheic"),
    "an AVIF": binary("\0\0\0\x18ftypavif"),
    "a HEIC or AVIF": binary("\0\0\0\x18ftypmif1"),
    "an SVG": text('<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"/>'),
    "a PDF": binary("%PDF-1.7"),
    "a web page (HTML)": text("\n<!DOCTYPE html><html>"),
    "text": text("hello"),
    "a zip file": binary("PK\x03\x04"),
    "a pointer of Git LFS": text("version https://git-lfs.github.com/spec/v1"),
    "empty": new Uint8Array(),
    "of an unknown kind": binary("\x01\x02\x03"),
    "a PNG whose line ends were changed": binary("\x89PNG\n\x1a\n"),
  };
  for (const [kind, bytes] of Object.entries(kinds)) {
    await withFile(bytes, async (path) => {
      const { message } = await assertRejects(
        () => readUserPng(path),
        Error,
        `Cannot read picture ${path}: it is ${kind}`,
      );
      assert(message.includes("expected a PNG"), message);
      if (/JPEG|WebP|HEIC|SVG/.test(kind)) {
        assert(message.includes(`convert it, for example with "magick '${path}'`), message);
      }
    });
  }
});

Deno.test("what is no file, cut, damaged or too large is refused in words, before memory is taken", async () => {
  const dir = await Deno.makeTempDir();
  await new Deno.Command("mkfifo", { args: [`${dir}/pipe`] }).output();
  for (
    const [path, found] of [[dir, "it is a folder"], [`${dir}/none`, "there is no such file"], [
      `${dir}/pipe`,
      "it is a named pipe",
    ]]
  ) {
    await assertRejects(
      () => readUserPng(path),
      Error,
      `Cannot read picture ${path}: ${found}, give the path of a PNG`,
    );
  }
  await Deno.remove(dir, { recursive: true });
  await assertRejects(
    () => readUserPng("https://example.com/a.png"),
    Error,
    "Cannot read picture https://example.com/a.png: it is a URL, save the picture and give the path of that file",
  );
  const [ihdr, idat] = greys;
  const whole = file(ihdr, idat, end);
  const broken: Readonly<Record<string, Uint8Array>> = {
    "it is cut short: at least 4 bytes are missing": file(ihdr, idat).subarray(
      0,
      8 + ihdr.length + idat.length - 4,
    ),
    "it is cut short": file(ihdr).subarray(0, 20),
    "its bytes 33 to": whole.with(45, whole[45] ^ 1),
    "it begins without a header": file(idat, end),
    "it holds no pixels": file(ihdr, end),
    'it has a part "CgBI" of no standard': file(chunk("CgBI", [1, 2, 3, 4]), ihdr, idat, end),
    "its pixels are damaged": file(header({ ...grey, height: 3 }), idat, end),
    "it has 60000 × 60000 pixels, expected at most 67108864": file(
      header({ ...grey, width: 60000, height: 60000 }),
      idat,
      end,
    ),
    "it has 8000 × 8000 pixels": file(
      header({ ...grey, width: 8000, height: 8000, depth: 16, colour: 6 }),
      idat,
      end,
    ),
    "its header says 0 × 2 pixels of colour type 0 and 8 bits, which there is not": file(
      header({ ...grey, width: 0 }),
      idat,
      end,
    ),
    "its header says 3 × 2 pixels of colour type 2 and 4 bits, which there is not": file(
      header({ ...grey, colour: 2, depth: 4 }),
      idat,
      end,
    ),
  };
  for (const [found, bytes] of Object.entries(broken)) {
    await assertRejects(() => read(bytes), Error, `it is a PNG, but ${found}`, found);
  }
});

Deno.test("a bomb of pixels is refused by what its header says", async () => {
  const bomb = file(header(grey), chunk("IDAT", deflateSync(new Uint8Array(2 ** 24))), end);
  await assertRejects(
    () => read(bomb),
    Error,
    "its pixels are damaged (there are more of them than its header says)",
  );
});

Deno.test("a picture of one pixel and one that is long are seen, and it is said how little is seen of them", async () => {
  const said: string[] = [];
  const see = (width: number, height: number) =>
    withFile(
      encodePng({ width, height, channels: 3, data: new Uint8Array(3 * width * height).fill(77) }),
      (path) => readImage(path, { note: (message) => said.push(message) }),
    );
  for (const [width, height] of [[1, 1], [5000, 1], [40, 400], [32, 32], [64, 48]]) {
    assertEquals(new Set(await see(width, height)), new Set([77]));
  }
  assertEquals(said.map((message) => message.slice(0, message.indexOf(","))), [
    "of 1 × 1 pixels the networks see the middle 1 × 1",
    "of 5000 × 1 pixels the networks see the middle 1 × 1",
    "of 40 × 400 pixels the networks see the middle 40 × 40",
  ]);
});
