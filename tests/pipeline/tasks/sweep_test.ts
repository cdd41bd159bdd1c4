import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { UsageError } from "../../../pipeline/base/errors.ts";
import { parseSweep } from "../../../pipeline/tasks/sweep.ts";
import type { Json } from "../../../pipeline/stage.ts";

const READ: Readonly<Record<string, readonly Json[]>> = {
  "a.b=1,2,4": [1, 2, 4],
  "a.b=[1,2,4]": [1, 2, 4],
  "a.b=4": [4],
  "a.b= 1, 2 ": [1, 2],
  "a.b=dino,byol": ["dino", "byol"],
  "a.b=dino, 3,true,null": ["dino", 3, true, null],
  'a.b="dino","a,b"': ["dino", "a,b"],
  "a.b=[1,1],[2,1]": [[1, 1], [2, 1]],
  "a.b=[[1,1],[2,1]]": [[1, 1], [2, 1]],
  "a.b=[[1,1]]": [[1, 1]],
  'a.b={"size":32},null': [{ size: 32 }, null],
  "a.b=1e-3,0.01": [0.001, 0.01],
  "a.b=x=1,y=2": ["x=1", "y=2"],
};

Deno.test("the values of a sweep are a JSON list, or JSON or texts between commas", () => {
  for (const [assignment, values] of Object.entries(READ)) {
    assertEquals(parseSweep(assignment), { field: "a.b", values }, assignment);
  }
});

const REFUSED: Readonly<Record<string, string>> = {
  "a": "expected FIELD=VALUES such as train.method=dino,byol",
  "a=": "expected FIELD=VALUES",
  "a=[]": "expected FIELD=VALUES",
  "a=dino,,byol": "expected FIELD=VALUES",
  "=1,2": "expected FIELD=VALUES",
  "a..b=1,2": "expected FIELD=VALUES",
  "a=1,2,1.0": "1 is there twice, name it once",
  "a=[1,2],[1,2]": "[1,2] is there twice",
  "a=[1,2": "is not JSON, quote it for the shell",
  "a=1,1e999": "the number is too large",
};

Deno.test("a sweep that would have to be guessed is refused", () => {
  for (const [assignment, said] of Object.entries(REFUSED)) {
    const { message } = assertThrows(() => parseSweep(assignment), UsageError, undefined, assignment);
    assertStringIncludes(message, `Cannot apply --sweep ${assignment}: `);
    assertStringIncludes(message, said);
  }
});
