/**
 * `table1.csv`: fractions in [0, 1], counts as whole numbers, and empty fields for missing values.
 *
 * @module
 */
import type { Row } from "../../../formats/csv.ts";
import type { Answers } from "../read/answers.ts";
import { gainOf } from "../read/comparisons.ts";
import { ownMeasures, randomMeasures, type Summary, summaryOf } from "../read/table_measures.ts";
import { rounded } from "../../../formats/written_numbers.ts";
import { seedOf } from "../../section.ts";
import { modelTitle, posterRow } from "../read/poster.ts";
import { controlSummary, type ModelRow, type Rows } from "./table1.ts";

interface Table {
  readonly columns: readonly string[];
  readonly rows: readonly Row[];
}

const measures = [...ownMeasures, ...randomMeasures];

const columns = [
  "model",
  "type",
  "control",
  "channels",
  "leaves",
  "features",
  "health",
  "scaled_down",
  "seeds",
  "test_images",
  "paper",
  ...measures.flatMap(({ column }) => [column, `${column}_sd`, `${column}_low`, `${column}_high`]),
  "gain",
  "gain_low",
  "gain_high",
  "encoder_parameters",
  "parameters_with_head",
  "multiply_adds",
  "images_seen",
  "probe_digests",
];

/** Rows of the models, then of the controls that are not models. */
export function table1Csv(
  { models, controls }: Rows,
  options: { readonly scaledDown: boolean; readonly answers?: Answers },
): Table {
  const { scaledDown, answers } = options;
  const others = controls.map((row): Row => ({
    model: row.name,
    type: row.title,
    control: true,
    features: row.features,
    scaled_down: scaledDown,
    seeds: row.artifacts.map(seedOf).join(" "),
    test_images: row.artifacts[0].meta.testImages,
    ...csvAccuracy("linear", controlSummary(row, answers)),
    probe_digests: row.artifacts.map(({ digest }) => digest).join(" "),
  }));
  return { columns, rows: [...models.map((row) => modelRow(row, options)), ...others] };
}

function modelRow(
  { model, control, trained, probes }: ModelRow,
  { scaledDown, answers }: { readonly scaledDown: boolean; readonly answers?: Answers },
): Row {
  const meta = trained[0]?.meta;
  const poster = posterRow(model);
  const gain = answers && gainOf(answers, model)?.difference;
  const accuracies = measures.map((measure) => {
    const summary = summaryOf(probes, { measure, answers });
    return summary === undefined ? {} : csvAccuracy(measure.column, summary);
  });
  return {
    model,
    type: modelTitle(model),
    control,
    channels: meta?.channels ?? null,
    leaves: meta?.leaves ?? null,
    features: meta?.embedding ?? null,
    health: trained.flatMap(({ meta }) => meta.health ?? []).join("; ") || null,
    scaled_down: scaledDown,
    seeds: probes.map(seedOf).join(" "),
    test_images: probes[0]?.meta.teacher.linear.n ?? null,
    paper: poster === undefined ? null : rounded(poster.accuracy / 100),
    ...Object.assign({}, ...accuracies) as Row,
    ...gain && {
      gain: rounded(gain.mean),
      gain_low: rounded(gain.interval[0]),
      gain_high: rounded(gain.interval[1]),
    },
    encoder_parameters: meta?.encoderParameters ?? null,
    parameters_with_head: meta?.parametersWithHead ?? null,
    multiply_adds: meta?.multiplyAdds ?? null,
    images_seen: meta?.images ?? null,
    probe_digests: probes.map(({ digest }) => digest).join(" "),
  };
}

/** Mean, sample SD over several seeds, and the ends of the 95% interval. */
function csvAccuracy(column: string, { mean, sd, interval }: Summary): Row {
  return {
    [column]: rounded(mean),
    ...sd !== undefined && { [`${column}_sd`]: rounded(sd) },
    ...interval && { [`${column}_low`]: rounded(interval[0]), [`${column}_high`]: rounded(interval[1]) },
  };
}
