// How a report looks: light and dark by the reader's system, colours by custom properties that the figures use too.

/** Series colours (Okabe & Ito 2008, darkened or lightened for contrast of 3 : 1 and more), in the order in which a figure takes them. */
const light = ['#0063a8', '#c24a00', '#007a5a', '#a8337f', '#7a6200', '#5b4bb5', '#444444', '#0a7f94']
const dark = ['#6cb8f2', '#ff9a52', '#3fd0a0', '#f08ac8', '#e0c341', '#b3a6ff', '#c8c8c8', '#56d3e6']
export const seriesColours = light.length

const colours = (list: readonly string[]) => list.map((colour, k) => `--series-${k + 1}: ${colour};`).join(' ')

export const styleSheet = `:root { --paper: #ffffff; --ink: #1b1f24; --soft: #57606a; --line: #d0d7de; --link: #0757b0; --heat-low: #eef4fb; --heat-high: #0a3d78; ${colours(light)} }
@media (prefers-color-scheme: dark) { :root { --paper: #14171b; --ink: #e6e9ed; --soft: #a3adb8; --line: #3a424c; --link: #7cb7ff; --heat-low: #1d2733; --heat-high: #a9d3ff; ${colours(dark)} } }
html { background: var(--paper); color: var(--ink); }
body { margin: 0; font: 16px/1.55 system-ui, sans-serif; }
main { max-width: 50rem; margin: 0 auto; padding: 1.5rem 1rem 4rem; }
h1 { font-size: 1.75rem; line-height: 1.25; }
h2 { font-size: 1.25rem; margin-top: 2.5rem; }
a { color: var(--link); }
code { overflow-wrap: anywhere; }
.findings li { margin: .4rem 0; }
figure { margin: 1.5rem 0; }
figcaption, caption { color: var(--soft); font-size: .875rem; text-align: left; padding: .25rem 0; }
.scroll { overflow-x: auto; margin: 1.5rem 0 .25rem; }
table { border-collapse: collapse; font-size: .875rem; font-variant-numeric: tabular-nums; }
th, td { border-bottom: 1px solid var(--line); padding: .3rem .7rem .3rem 0; text-align: left; vertical-align: top; }
svg { display: block; width: 100%; min-width: 34rem; height: auto; }
svg text { fill: var(--ink); font: 13px system-ui, sans-serif; }
svg .soft { fill: var(--soft); }
svg .axis { stroke: var(--soft); fill: none; }
svg .grid { stroke: var(--line); fill: none; }
${light.map((_, k) => `svg .c${k + 1} { --c: var(--series-${k + 1}); }`).join(' ')}
svg .mark { fill: var(--c); } svg .low { fill: var(--heat-low); } svg .high { fill: var(--heat-high); }
svg .line { stroke: var(--c); fill: none; stroke-width: 2; stroke-linejoin: round; }
svg .band { fill: var(--c); opacity: .2; stroke: none; }
@media print { main { max-width: none; } .scroll { overflow: visible; } }`
