/** A shape as an `<svg>`: as large as the text beside it, in its colour, and not there for a screen reader. */
import { html, nothing, svg, type TemplateResult } from "lit";
import type { IconNode, SVGProps } from "lucide";

type Draw = (attributes: SVGProps) => TemplateResult<2>;

const paint = (value: string | number | undefined) => value ?? nothing;

const elements: Record<string, Draw> = {
  path: a =>
    svg`<path d=${paint(a.d)} fill=${paint(a.fill)} fill-rule=${paint(a["fill-rule"])} stroke=${paint(a.stroke)} />`,
  circle: a =>
    svg`<circle cx=${paint(a.cx)} cy=${paint(a.cy)} r=${paint(a.r)} fill=${paint(a.fill)} stroke=${paint(a.stroke)} />`,
  ellipse: a => svg`<ellipse cx=${paint(a.cx)} cy=${paint(a.cy)} rx=${paint(a.rx)} ry=${paint(a.ry)} />`,
  line: a => svg`<line x1=${paint(a.x1)} y1=${paint(a.y1)} x2=${paint(a.x2)} y2=${paint(a.y2)} />`,
  polygon: a => svg`<polygon points=${paint(a.points)} />`,
  polyline: a => svg`<polyline points=${paint(a.points)} />`,
  rect: a => svg`<rect
    x=${paint(a.x)} y=${paint(a.y)} width=${paint(a.width)} height=${paint(a.height)} rx=${paint(a.rx)} ry=${paint(a.ry)}
    fill=${paint(a.fill)} stroke=${paint(a.stroke)}
  />`,
};

/** An empty shape reserves the place. */
export function draw(shape: IconNode, name: string): TemplateResult {
  return html`<svg
    class="icon"
    data-icon=${name}
    width="1em"
    height="1em"
    viewBox="0 0 24 24"
    fill="none"
    stroke="currentColor"
    stroke-width="2"
    stroke-linecap="round"
    stroke-linejoin="round"
    aria-hidden="true"
    focusable="false"
  >
    ${shape.map(([tag, attributes]) => elements[tag]?.(attributes))}
  </svg>`;
}
