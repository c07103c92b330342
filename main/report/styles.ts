import { Html } from './html.ts';

/** The look of a report: a page of a paper, in the light or the dark that the reader prefers, light when printed. */
export const styles = new Html(`
:root { color-scheme: light dark; --paper: #fff; --ink: #1a1f28; --muted: #566070; --rule: #dfe3ea; --soft: #f4f6f9;
  --c1: #2459cf; --c2: #d55e00; --c3: #008a63; --c4: #b8478f; }
@media screen and (prefers-color-scheme: dark) { :root { --paper: #14171c; --ink: #e4e8ef; --muted: #9aa5b5;
  --rule: #2c323c; --soft: #1b1f26; --c1: #7ba4ff; --c2: #ff9450; --c3: #3fcf9f; --c4: #e78cc4; }
  img.mask { filter: brightness(1.55); } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink);
  font: 14px/1.55 system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif; }
main { max-width: 980px; margin: 0 auto; padding: 48px 28px 64px; }
h1 { margin: 2px 0 8px; font-size: 27px; line-height: 1.2; letter-spacing: -0.01em; overflow-wrap: anywhere; }
h2 { margin: 0 0 12px; padding-bottom: 6px; border-bottom: 1px solid var(--rule); font-size: 16px; }
h3 { margin: 0 0 4px; font-size: 12px; font-weight: 600; color: var(--muted); }
p { margin: 0 0 12px; max-width: 76ch; }
section { margin-top: 36px; }
.kind, .meta { margin: 0; color: var(--muted); font-size: 12px; overflow-wrap: anywhere; }
.lead { margin: 0 0 6px; font-size: 15px; }
.tags { margin: 10px 0 0; }
.tags span { padding: 1px 8px; border: 1px solid var(--rule); border-radius: 10px; font-size: 12px; }
.notes { max-width: 76ch; white-space: pre-wrap; overflow-wrap: anywhere; }
.figures { display: grid; grid-template-columns: repeat(4, 1fr); margin: 28px 0 0; border: solid var(--rule); border-width: 1px 0; }
.figures div { display: block; padding: 14px 16px; border: 0; border-left: 1px solid var(--rule); }
.figures div:first-child { padding-left: 0; border-left: 0; }
.figures dt { color: var(--muted); font-size: 12px; }
.figures dd { font-size: 24px; font-weight: 600; letter-spacing: -0.01em; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(400px, 1fr)); gap: 24px 28px; }
figure { margin: 0; break-inside: avoid; }
figcaption { display: flex; gap: 12px; justify-content: space-between; font-size: 13px; font-weight: 600; }
.legend { font-weight: 400; font-size: 12px; color: var(--muted); }
.key { margin-left: 12px; }
.key::before { content: ''; display: inline-block; width: 14px; margin-right: 5px; border-top: 2px solid; vertical-align: middle; }
.key.c1::before { border-color: var(--c1); } .key.c2::before { border-color: var(--c2); }
.key.c3::before { border-color: var(--c3); } .key.c4::before { border-color: var(--c4); }
svg { display: block; width: 100%; height: auto; margin-top: 4px; }
svg .grid { stroke: var(--rule); } svg .axis { stroke: var(--muted); }
svg .tick { fill: var(--muted); font-size: 11px; }
svg .line { fill: none; stroke-width: 1.6; stroke-linejoin: round; stroke-linecap: round; }
svg .c1 { stroke: var(--c1); } svg .c2 { stroke: var(--c2); } svg .c3 { stroke: var(--c3); } svg .c4 { stroke: var(--c4); }
svg .faint { stroke-width: 1; opacity: 0.28; }
table { width: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: 6px 10px; border-bottom: 1px solid var(--rule); text-align: right; vertical-align: top; }
th:first-child, td:first-child { padding-left: 0; text-align: left; }
thead th { color: var(--muted); font-size: 12px; font-weight: 500; vertical-align: bottom; }
tbody th { font-weight: 500; overflow-wrap: anywhere; }
small { display: block; color: var(--muted); font-size: 11.5px; font-weight: 400; }
tr { break-inside: avoid; }
.masks th, .masks td { text-align: left; }
img.mask { display: block; max-width: 100%; min-width: 48px; min-height: 6px; width: auto; height: auto; margin-bottom: 3px; border: 1px solid var(--rule);
  background: var(--soft); image-rendering: pixelated; }
.columns { columns: 2; column-gap: 36px; }
.group { margin-bottom: 18px; break-inside: avoid; }
dl { margin: 0; }
dl > div { display: flex; gap: 16px; padding: 3px 0; border-bottom: 1px solid var(--rule); font-size: 13px; break-inside: avoid; }
dt { flex: 0 0 170px; color: var(--muted); }
dd { min-width: 0; margin: 0; overflow-wrap: anywhere; font-variant-numeric: tabular-nums; }
pre { margin: 0 0 12px; padding: 12px 14px; border: 1px solid var(--rule); border-radius: 4px; background: var(--soft);
  font: 12px/1.6 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; white-space: pre-wrap; overflow-wrap: anywhere; }
footer { margin-top: 40px; color: var(--muted); font-size: 12px; }
@media (max-width: 720px) { .figures { grid-template-columns: 1fr 1fr; } .columns { columns: 1; } .charts { grid-template-columns: 1fr; } }
@media print { main { max-width: none; padding: 0; } body { font-size: 11px; } section { margin-top: 22px; }
  .charts { grid-template-columns: 1fr 1fr; gap: 14px; } h2 { break-after: avoid; } }
`);
