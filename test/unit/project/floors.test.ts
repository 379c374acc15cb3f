// The house rules themselves: an import that points up, or a package out of its room, is found.
import { describe, expect, it } from 'vitest'
import { circleProblems, floorProblems } from '../../../scripts/check-floors.mjs'

const problems = (file: string, text: string) => floorProblems(file, text)

describe('floor rules', () => {
  it.each([
    ['src/engine/training/loop.ts', `import { createRun } from '../../store'`, 'src/engine may not import src/store'],
    ['src/store/index.ts', `import type { Queue } from '../workbench/queue'`, 'src/store may not import src/workbench'],
    ['src/renderer/app/data.ts', `import { train } from '../../engine/training'`, 'src/renderer may not import src/engine'],
    [
      'src/renderer/features/runs/RunsScreen.vue',
      `<script setup lang="ts">\nimport { x } from '../../../workbench/x'\n</script>`,
      'src/renderer may not import src/workbench'
    ],
    ['src/engine/a.ts', `const s = await import('../store')`, 'src/engine may not import src/store'],
    ['src/store/a.ts', `import { app } from 'electron'`, 'electron may not be imported here'],
    ['src/engine/a.ts', `import { parse } from 'mathjs/number'`, 'mathjs/number may not be imported here'],
    ['src/renderer/features/runs/a.ts', `import { TabsRoot } from 'reka-ui'`, 'reka-ui may not be imported here'],
    ['src/shared/a.ts', `import { readFileSync } from 'node:fs'`, 'may not import node:fs'],
    ['src/renderer/features/runs/a.vue', `<template><p v-html="name" /></template>`, 'v-html'],
    ['src/renderer/charts/a.ts', `const tooltip = { formatter: '<b>{a}</b>' }`, 'formatter'],
    ['src/engine/a.ts', `import x from '../../bench/x'`, 'outside src/'],
    [
      'src/engine/nn/forward.ts',
      `import type { Hessian } from '../curvature/hessian'`,
      'src/engine/nn may not import src/engine/curvature'
    ],
    ['src/engine/nn/forward.ts', `import { builtIn } from '../functions/built-in'`, 'src/engine/nn may not import src/engine/functions'],
    ['src/engine/objective.ts', `import { train } from './training'`, 'src/engine/objective may not import src/engine/training'],
    [
      'src/engine/linalg/backends/wasm/index.ts',
      `import { openFront } from '../../front'`,
      'linalg/backends may not import src/engine/linalg/front'
    ],
    ['src/shared/spec/check.ts', `import type { ApiError } from '../api/contract'`, 'src/shared/spec may not import src/shared/api'],
    ['src/store/files/atomic.ts', `import { runFolder } from '../run-folder'`, 'src/store/files may not import src/store/run-folder']
  ])('%s: %s', (file, text, expected) => {
    expect(problems(file, text).join('\n')).toContain(expected)
  })

  it.each([
    ['src/store/run.ts', `import { train } from '../engine/training'\nimport { readFile } from 'node:fs/promises'`],
    ['src/engine/nn/a.ts', `import { matrix } from '../linalg'`],
    ['src/engine/training/loop.ts', `import { createOptimizer } from '../optimizers'\nimport type { Objective } from '../objective'`],
    ['src/engine/linalg/index.ts', `import { openFront } from './front'\nimport type { Matrix } from './matrix'`],
    ['src/store/index.ts', `export * from './transfer'`],
    ['src/main/window.ts', `import { app } from 'electron'`],
    ['src/shared/expression/a.ts', `import { create } from 'mathjs/number'`],
    ['src/renderer/ui/AppTabs.vue', `<script setup lang="ts">\nimport { TabsRoot } from 'reka-ui'\n</script>`]
  ])('%s is in order', (file, text) => {
    expect(problems(file, text)).toEqual([])
  })
})

describe('circles', () => {
  const problems = (edges: Record<string, string[]>) =>
    circleProblems(new Map(Object.entries(edges).map(([file, targets]) => [file, new Set(targets)])))

  it('are found, each once, with all their files', () => {
    const found = problems({ a: ['b'], b: ['c'], c: ['a', 'd'], d: [], e: ['f', 'a'], f: ['e'], g: ['g'] })
    expect(found.sort()).toEqual([
      'files import each other in a circle: a, b, c',
      'files import each other in a circle: e, f',
      'files import each other in a circle: g'
    ])
  })

  it('are none where two ways lead to one file', () => {
    expect(problems({ a: ['b', 'c'], b: ['d'], c: ['d'], d: [] })).toEqual([])
  })
})
