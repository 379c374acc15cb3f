// Proves that the content check can fail: puts one thing wrong at a time into a copy of the unpacked app and looks whether it is found.
import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createPackageWithOptions, extractAll } from '@electron/asar'
import { flipFuses, FuseV1Options, FuseVersion } from '@electron/fuses'
import { checkContent } from './check-content.mjs'
import { unpacked } from './config.mjs'
import { dist, layout, root } from './names.mjs'

const write = (file, text) => {
  mkdirSync(dirname(file), { recursive: true })
  rmSync(file, { force: true })
  writeFileSync(file, text)
}

/** `inside`: changes the files of app.asar. `beside`: changes what lies around it. `found`: what the check has to say. */
const faults = [
  {
    what: 'a source file',
    inside: (app) => write(join(app, 'src', 'main', 'index.ts'), 'export {}\n'),
    found: /holds src\/main\/index\.ts/
  },
  {
    what: 'a source map',
    inside: (app) => write(join(app, 'out', 'main', 'index.js.map'), '{}'),
    found: /holds out\/main\/index\.js\.map/
  },
  { what: 'a test', inside: (app) => write(join(app, 'test', 'unit', 'x.test.ts'), ''), found: /holds test\/unit/ },
  {
    what: 'a development package',
    inside: (app) => write(join(app, 'node_modules', 'vitest', 'package.json'), '{}'),
    found: /holds node_modules\/vitest/
  },
  { what: "koffi's binary packed", unpack: '', found: /koffi\.node is inside the archive/ },
  { what: 'a program missing', inside: (app) => rmSync(join(app, 'out', 'main', 'engine.js')), found: /lacks out\/main\/engine\.js/ },
  {
    what: 'a build path',
    inside: (app) => write(join(app, 'out', 'main', 'chunks', 'path.js'), `const x = '${root}/src'\n`),
    found: /names the build path/
  },
  {
    what: 'a foreign entry',
    inside: (app) => write(join(app, 'package.json'), '{"main":"out/main/bench.js"}'),
    found: /starts at out\/main\/bench\.js/
  },
  {
    what: 'an archive over its budget',
    inside: (app) => write(join(app, 'resources', 'datasets', 'mnist10.bin.br'), Buffer.alloc(12_500_000, 1)),
    found: /asar has .* more than/
  },
  {
    what: 'a folder app beside the archive',
    beside: ({ resources }) => write(join(resources, 'app', 'index.js'), ''),
    found: /app beside app\.asar/
  },
  {
    what: 'licences missing',
    beside: ({ resources }) => rmSync(join(resources, 'licences', 'THIRD-PARTY.txt')),
    found: /THIRD-PARTY\.txt is missing/
  },
  {
    what: 'a launcher that cannot be run',
    posix: true,
    beside: ({ resources }) => chmodSync(join(resources, 'bin', 'saddlescope'), 0o644),
    found: /bin\/saddlescope is not executable/
  },
  {
    what: 'a file that others write',
    posix: true,
    beside: ({ resources }) => chmodSync(join(resources, 'icon.png'), 0o666),
    found: /icon\.png is writable by others/
  },
  {
    what: 'a fuse the other way',
    beside: ({ executable }) =>
      flipFuses(executable, { version: FuseVersion.V1, [FuseV1Options.EnableNodeOptionsEnvironmentVariable]: true }),
    found: /fuse EnableNodeOptionsEnvironmentVariable is on/
  }
]

/** `{passed, failed}`; writes a line a fault. */
export async function proveCheck(folder, { platform, electronVersion, openblas }, say) {
  const scratch = mkdtempSync(join(dist, 'proof-'))
  const original = layout(folder, platform)
  const copy = join(scratch, 'app')
  const place = layout(copy, platform)
  let [passed, failed] = [0, 0]
  const see = (ok, text) => {
    if (ok) passed++
    else failed++
    say(`${ok ? 'found' : 'MISSED'}: ${text}`)
  }
  try {
    cpSync(folder, copy, { recursive: true, verbatimSymlinks: true })
    const clean = await checkContent(copy, { platform, electronVersion, openblas })
    if (clean.problems.length > 0) throw new Error(`the package is wrong already: ${clean.problems[0]}`)
    for (const { what, inside, beside, unpack = unpacked, posix, found } of faults) {
      if (posix && platform === 'win32') continue
      if (inside || unpack !== unpacked) {
        const app = join(scratch, 'asar')
        rmSync(app, { recursive: true, force: true })
        extractAll(join(original.resources, 'app.asar'), app)
        inside?.(app)
        await createPackageWithOptions(app, join(place.resources, 'app.asar'), {
          unpack: unpack === '' ? undefined : `{${unpack.join(',')}}`
        })
      }
      await beside?.(place)
      const { problems } = await checkContent(copy, { platform, electronVersion, openblas })
      see(
        problems.some((problem) => found.test(problem)),
        `${what}: ${problems.find((problem) => found.test(problem)) ?? (problems.join('; ') || 'no problem seen')}`
      )
      // As it was before.
      rmSync(place.resources, { recursive: true, force: true })
      cpSync(original.resources, place.resources, { recursive: true, verbatimSymlinks: true })
      if (beside) cpSync(original.executable, place.executable)
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
  return { passed, failed }
}
