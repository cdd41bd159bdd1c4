import { assertEquals } from "@std/assert";
import { selectRows } from "../../../treenet/probe/feature_rows.ts";
import { nearestNeighbours } from "../../../treenet/probe/knn.ts";
import { CLASSES, goldenData } from "./golden_data.ts";

const rows = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);
const train = selectRows(goldenData(), rows(0, 80));
const test = selectRows(goldenData(), rows(80, 120));

Deno.test("weighted k-NN equals scikit-learn's with weight exp(cosine / 0.07)", async () => {
  const named = await nearestNeighbours(train, test, { classes: CLASSES, k: [5, 20] });
  assertEquals([...named["5"]].join(""), "0033023001010001133331210330302013231023");
  assertEquals([...named["20"]].join(""), "0033023001000000133331200330302013231023");
});

Deno.test("k-NN with k beyond the training set uses all of it", async () => {
  const named = await nearestNeighbours(train, test, { classes: CLASSES, k: [80, 500] });
  assertEquals(named["500"], named["80"]);
});

Deno.test("k-NN ignores the length of a feature vector", async () => {
  const longer = { ...test, x: test.x.map((value) => 7 * value) };
  const options = { classes: CLASSES, k: [5] };
  assertEquals(
    await nearestNeighbours(train, longer, options),
    await nearestNeighbours(train, test, options),
  );
});
