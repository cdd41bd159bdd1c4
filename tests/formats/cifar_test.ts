import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import fc from "fast-check";
import {
  formatRecords,
  IMAGE_BYTES,
  parseRecords,
  PIXELS,
  readCifar,
  RECORD_BYTES,
  select,
  stratified,
} from "../../formats/cifar.ts";
import { random } from "../../treenet/random.ts";
import { tinyCifar, writeTinyCifar } from "../fixtures/tiny_cifar.ts";

Deno.test("cifar: records made from images parse to the same images", () => {
  const cifar = tinyCifar(30, 1);
  assertEquals(parseRecords(formatRecords(cifar)), cifar);
});

Deno.test("cifar: a record holds its label, then reds, greens and blues", () => {
  const images = Uint8Array.from({ length: IMAGE_BYTES }, (_, i) => i % 3 === 0 ? 10 : i % 3 === 1 ? 20 : 30);
  const record = formatRecords({ labels: new Uint8Array([7]), images });
  assertEquals([...record.subarray(0, 3)], [7, 10, 10]);
  assertEquals([record[1 + PIXELS], record[1 + 2 * PIXELS], record.length], [20, 30, RECORD_BYTES]);
});

Deno.test("cifar: a folder of batches reads as train and test", async () => {
  const dir = await Deno.makeTempDir();
  await writeTinyCifar(dir, { perBatch: 20 });
  const { train, test } = await readCifar(dir);
  assertEquals([train.labels.length, test.labels.length], [100, 20]);
  const second = parseRecords(await Deno.readFile(`${dir}/data_batch_2.bin`));
  const indices = Int32Array.from({ length: 20 }, (_, i) => 20 + i);
  assertEquals(select(train, indices), second);
  await Deno.remove(dir, { recursive: true });
});

Deno.test("cifar: a short file or a foreign label is refused", async () => {
  const records = formatRecords(tinyCifar(10, 1));
  assertThrows(() => parseRecords(records.subarray(1)), Error, `expected a multiple of ${RECORD_BYTES}`);
  assertThrows(() => parseRecords(new Uint8Array()), Error, "it has 0 bytes");
  assertThrows(() => parseRecords(records.with(RECORD_BYTES, 10)), Error, "record 1 has label 10");
  await assertRejects(() => readCifar("/nowhere"), Deno.errors.NotFound);
});

Deno.test("cifar: images that do not match the labels are refused", () => {
  const bad = { labels: new Uint8Array(2), images: new Uint8Array(IMAGE_BYTES) };
  assertThrows(() => formatRecords(bad), RangeError, "for 2 labels");
});

const labels = Uint8Array.from({ length: 300 }, (_, i) => (i * 7) % 10);

Deno.test("cifar: a stratified draw is sorted, distinct and balanced to within one", () => {
  fc.assert(fc.property(fc.nat(350), fc.nat(), (n, seed) => {
    const chosen = stratified(labels, n, random(seed));
    assertEquals(chosen.length, Math.min(n, 300));
    assertEquals([...new Set(chosen)].sort((a, b) => a - b), [...chosen]);
    const counts = Array.from({ length: 10 }, (_, c) => chosen.filter((i) => labels[i] === c).length);
    assertEquals(Math.max(...counts) - Math.min(...counts) <= 1, true);
  }));
});

Deno.test("cifar: a stratified draw depends on its stream alone", () => {
  assertEquals(stratified(labels, 50, random(3)), stratified(labels, 50, random(3)));
  const [a, b] = [stratified(labels, 50, random(3)), stratified(labels, 50, random(4))];
  assertEquals(a.some((index, i) => index !== b[i]), true);
});

Deno.test("cifar: a class with too few members gives all it has", () => {
  const few = new Uint8Array([0, 0, 0, 0, 1]);
  assertEquals([...stratified(few, 4, random(0))].filter((i) => few[i] === 1), [4]);
});
