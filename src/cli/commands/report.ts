// `report NAME --out FILE.html`: runs what is missing, then writes one self-contained page and the data behind it.
import { makeReport, reports, reportScales, type ReportScale } from '../../workbench/reports'
import { printJson, say, stopSignal, userPath, writableWorkspace, type WorkspaceOptions } from '../context'
import { UsageError } from '../ending'
import { noSuch } from '../no-such'
import { phaseDisplay } from '../phase-display'

interface ReportOptions extends WorkspaceOptions {
  readonly scale: string
  readonly out: string
}

function reportNamed(name: string) {
  const report = reports.find((one) => one.name === name)
  if (report) return report
  throw noSuch(
    'there is no report',
    name,
    reports.map((one) => one.name)
  )
}

function scaleOf(text: string): ReportScale {
  const scale = reportScales.find((one) => one === text)
  if (scale === undefined) throw new UsageError(`--scale: must be one of ${reportScales.join(', ')}, got "${text}"`)
  return scale
}

export async function report(name: string, options: ReportOptions): Promise<void> {
  const asked = reportNamed(name)
  const scale = scaleOf(options.scale)
  if (!/\.html?$/i.test(options.out)) throw new UsageError(`--out: must be a file that ends in .html, got "${options.out}"`)
  const out = userPath(options.out)
  const workspace = await writableWorkspace(options)
  const stop = stopSignal(() => say('\nstopping after the step in hand; the same command goes on (Ctrl-C again ends at once)…'))
  const display = phaseDisplay(process.stderr)
  const began = performance.now()
  let phase = ''
  const progress = (next: string, fraction: number | null) => {
    if (next !== phase) display.onPhase((phase = next))
    if (fraction !== null) display.onProgress(fraction)
  }
  try {
    const command = `saddlescope report ${name} --scale ${scale} --out ${options.out}`
    const { page, folder, runs } = await makeReport({ workspace, signal: stop.signal, progress }, asked, { scale, out, command })
    display.clear()
    const findings = page.sections.flatMap(({ blocks }) => blocks.flatMap((block) => (block.kind === 'findings' ? block.sentences : [])))
    if (options.json) {
      const seconds = (performance.now() - began) / 1000
      return printJson({ report: name, scale, file: out, folder, data: page.data.map((data) => data.name), findings, runs, seconds })
    }
    for (const sentence of findings) say(`- ${sentence}`)
    say(`written to ${out}, its data to ${folder}`)
  } finally {
    display.clear()
    stop.dispose()
  }
  return undefined
}
