/**
 * `deno task describe`: sizes of a profile's models, and times of its stages on this machine.
 *
 * @module
 */
import { checkedTasks, type Command, loadProfile, outlookOf } from "../../../pipeline/mod.ts";
import { BACKENDS } from "../../backends/mod.ts";
import { describe as describeSizes, type DescribedProfile, sizesTable } from "./mod.ts";
import { timesTable, timeUnits } from "./times.ts";

export const describe: Command = {
  summary: "Print the size of every model of a profile, and how long the profile takes on this machine",
  details: [
    "Times are those of earlier runs here, scaled to the profile; where there is none of a stage and model, one real",
    "step or batch is timed and remembered for the plans of later runs. They are of a run from nothing.",
  ],
  flags: {
    profile: { type: "text", value: "P", help: "profile to use, P or profiles/P.json (default quick)" },
    set: { type: "list", value: "K=V", help: "override a field of the profile; may be repeated" },
    sweep: { type: "list", value: "K=V,W", help: "every value of a field, side by side; may be repeated" },
    backend: {
      type: "text",
      value: "B",
      help: `numeric backend, ${BACKENDS.join(", ")} or auto (default ${BACKENDS[0]})`,
    },
    sizes: { type: "switch", help: "sizes alone, without times" },
    times: { type: "switch", help: "times alone" },
    json: {
      type: "switch",
      help:
        "of sizes, an array of {model, encoderParameters, parametersWithHead, multiplyAdds}; with --times, " +
        "{backend, seconds, tasks}",
    },
  },
  run: async (pipeline, { text: { profile = "quick", backend }, lists, on }) => {
    const changes = { overrides: lists.set, sweeps: lists.sweep };
    const loaded = await loadProfile(pipeline, { name: profile, ...changes });
    await checkedTasks(pipeline, loaded);
    if (!on.times) {
      const sizes = await describeSizes(loaded.data as unknown as DescribedProfile, pipeline.stages());
      console.log(on.json ? JSON.stringify(sizes, null, 2) : sizesTable(sizes));
    }
    if (on.times || !(on.sizes || on.json)) {
      const options = { profile, ...changes, backend };
      const jobs = navigator.hardwareConcurrency;
      const outlook = await outlookOf(pipeline, { ...options, jobs, time: timeUnits });
      console.log(on.json ? JSON.stringify(outlook, null, 2) : timesTable(outlook));
    }
    return 0;
  },
};
