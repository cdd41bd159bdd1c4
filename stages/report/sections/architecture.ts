/**
 * Figure 1 of the paper: the architecture, as a Mermaid diagram.
 *
 * Source: the paper, Methods and Figure 1 (student in blue, teacher in red, sg: stop-gradient).
 *
 * @module
 */

import { fence, joined } from "../../../formats/markdown.ts";

/** The student's m leaves f_j, their aggregation A, and the teacher g_j that follows them. */
const architectureDiagram = `flowchart LR
  x["image x"] -->|"t"| v["view v = t(x)"]
  x -->|"t′"| w["view v′ = t′(x)"]
  subgraph student ["student encoder"]
    f1["leaf f₁"] & fj["leaf fⱼ"] & fm["leaf fₘ"] --> A["join A<br/>(mean or dense)"]
  end
  subgraph teacher ["teacher encoder"]
    g1["leaf g₁"] & gj["leaf gⱼ"] & gm["leaf gₘ"] --> B["join A"]
  end
  v --> f1 & fj & fm
  w --> g1 & gj & gm
  A --> Z["Z, head, softmax"]
  B --> T["Z′, head, centre, sharpen"]
  T -->|"sg"| L(("loss L"))
  Z --> L
  student -.->|"ema: g ← τ g + (1 − τ) f"| teacher
  classDef blue fill:#dbe9f6,stroke:#2b6ca3,color:#12324d
  classDef red fill:#f9dedc,stroke:#b3402e,color:#4d1710
  class f1,fj,fm,A,Z blue
  class g1,gj,gm,B,T red
  style student fill:#f3f8fc,stroke:#2b6ca3
  style teacher fill:#fdf3f2,stroke:#b3402e`;

export function architectureSection(): string {
  return joined([
    "## Figure 1: architecture",
    fence("mermaid", architectureDiagram),
    "*Figure 1.* A TreeNet: m leaves without connections between them read the same image, a join makes one " +
    "representation of their outputs. The teacher (red) follows the student (blue) by an exponential moving average " +
    "(ema) and passes no gradient (sg); it is what every number and picture here is measured on.",
  ]);
}
